"""PyTorch's side of the benchmarks: answers lines on stdin with lines on stdout (tests/bench/child.h).

  prepare NAME      ready SETTING     after building it, searching its best setting and warming up
  run REPETITIONS   seconds X         per repetition, after one untimed one; measured here
  forget            forgotten

usage: peer.py                 the first line it says is its version
       peer.py --first-step    one training step of ResNet-20, then its peak memory
"""

import gc
import itertools
import os
import re
import sys
import time

CORES = len(os.sched_getaffinity(0))  # asked before torch binds this thread to one of them

import torch
import torch.nn.functional as F

import peer_models

LAYOUTS = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}


# --- workloads: each function returns a function that does one repetition ---


def training(net, x, labels):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)

    def step():
        loss = F.cross_entropy(net(x), labels)
        loss.item()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return step


def inference(net, x, labels):
    net.eval()

    def step():
        with torch.inference_mode():
            net(x)

    return step


def lstm():
    net, x = torch.nn.LSTM(405, 200), torch.randn(50, 16, 405, requires_grad=True)
    wanted = [x, *net.parameters()]
    return lambda: torch.autograd.grad(net(x)[0].sum(), wanted)


TASKS, POINTS, INNER_RATE = 25, 10, 0.01


def sinusoid_tasks():
    """Support x, support y, query x, query y, each [TASKS, POINTS, 1]."""
    amplitude, phase = torch.rand(TASKS, 1, 1) * 4.9 + 0.1, torch.rand(TASKS, 1, 1) * 3.14
    result = []
    for _ in range(2):
        x = torch.rand(TASKS, POINTS, 1) * 10 - 5
        result += [x, amplitude * torch.sin(x + phase)]
    return result


def sinusoid_parameters():
    parameters = []
    for size_in, size_out in ((1, 40), (40, 40), (40, 1)):
        parameters += [torch.randn(size_in, size_out) * (2 / size_in) ** 0.5, torch.zeros(size_out)]
    return [p.requires_grad_() for p in parameters]


def inner_step(weights, loss):
    gradients = torch.autograd.grad(loss, weights, create_graph=True)
    return [w - INNER_RATE * g for w, g in zip(weights, gradients)]


def maml_loop():
    theta, tasks = sinusoid_parameters(), list(zip(*sinusoid_tasks()))
    optimizer = torch.optim.Adam(theta)

    def predict(p, x):
        h = torch.relu(torch.addmm(p[1], x, p[0]))
        return torch.addmm(p[5], torch.relu(torch.addmm(p[3], h, p[2])), p[4])

    def step():
        total = 0
        for x, y, query_x, query_y in tasks:
            adapted = inner_step(theta, F.mse_loss(predict(theta, x), y))
            total = total + F.mse_loss(predict(adapted, query_x), query_y)
        optimizer.zero_grad(set_to_none=True)
        (total / TASKS).backward()
        optimizer.step()

    return step


def maml_batched():
    theta, (x, y, query_x, query_y) = sinusoid_parameters(), sinusoid_tasks()
    optimizer = torch.optim.Adam(theta)

    def predict(p, x):
        h = torch.relu(torch.baddbmm(p[1], x, p[0]))
        return torch.baddbmm(p[5], torch.relu(torch.baddbmm(p[3], h, p[2])), p[4])

    def step():
        per_task = [p.expand(TASKS, *(p.shape if p.dim() == 2 else (1, p.shape[0]))) for p in theta]
        adapted = inner_step(per_task, F.mse_loss(predict(per_task, x), y, reduction="sum") / POINTS)
        loss = F.mse_loss(predict(adapted, query_x), query_y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return step


def chain():
    x, c, seed = torch.ones(16, 16), torch.ones(16, 16, requires_grad=True), torch.ones(16, 16)

    def step():
        y = x
        for _ in range(200):
            y = y + c
        torch.autograd.grad(y, c, seed)

    return step


WHOLE = {
    "lstm/t50_b16_405_200": lstm,
    "maml/sinusoid_loop": maml_loop,
    "maml/sinusoid_batched": maml_batched,
    "chain/add_16x16": chain,
}


# --- the search for the best setting, and the conversation ---


def candidates(name):
    """(setting, function that builds the workload) for every setting that might be the best."""
    threads = range(CORES, 0, -1)
    if name in WHOLE:
        for count in threads:
            yield (count, ""), WHOLE[name]
        return
    kind, network, batch = re.fullmatch(r"(train|infer)/(\w+)_b(\d+)", name).groups()
    make = {"train": training, "infer": inference}[kind]
    layouts = LAYOUTS if len(peer_models.NETWORKS[network][1]) == 3 else ["contiguous"]
    for count, layout in itertools.product(threads, layouts):
        yield (count, layout), lambda layout=layout: make(*peer_models.build(network, int(batch), LAYOUTS[layout]))


def measure(step, repetitions):
    step()
    gc.collect()
    gc.disable()
    begin = time.perf_counter()
    for _ in range(repetitions):
        step()
    seconds = (time.perf_counter() - begin) / repetitions
    gc.enable()
    return seconds


def search(name):
    """The best setting and the workload built for it. Clear losers are given one repetition."""
    best = None
    for setting, make in candidates(name):
        torch.set_num_threads(setting[0])
        step = make()
        seconds = measure(step, 1)
        if best is None or seconds < 1.3 * best[0]:
            seconds = measure(step, max(2, min(200, int(0.3 / seconds))))
        if best is None or seconds < best[0]:
            best = seconds, setting, make
    torch.set_num_threads(best[1][0])
    return best[1], best[2]()


def parameter_count(name):
    if name in WHOLE:
        return ""
    network = peer_models.NETWORKS[name.split("/")[1].rsplit("_", 1)[0]][0]()
    return f"{sum(p.numel() for p in network.parameters())} parameters, "


def version():
    with open("/proc/self/maps") as maps:
        blas = {line.split()[-1] for line in maps if "openblas" in line}
    folder = re.search(r"openblas-\w+", " ".join(blas))
    return f"PyTorch {torch.__version__} with {folder.group(0) if folder else 'another BLAS'}"


def converse(input, output):
    def say(line):
        output.write(line + "\n")
        output.flush()

    say(version())
    step = None
    for line in input:
        command, _, argument = line.strip().partition(" ")
        try:
            if command == "prepare":
                (threads, layout), step = search(argument)
                setting = f"{threads} thread{'s' if threads > 1 else ''}{', ' if layout else ''}{layout}"
                say(f"ready {parameter_count(argument)}{setting}")
            elif command == "run":
                say(f"seconds {measure(step, int(argument)):.9g}")
            elif command == "forget":
                step = None
                gc.collect()
                say("forgotten")
            else:
                say(f"error: expected prepare, run or forget, got {command!r}")
        except Exception as error:
            say(f"error: {error!r}".replace("\n", " "))


def first_step():
    torch.set_num_threads(CORES)
    training(*peer_models.build("resnet20", 128, torch.channels_last))()
    with open("/proc/self/status") as status:
        print("VmHWM", re.search(r"VmHWM:\s*(.*)", status.read()).group(1), flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--first-step"]:
        first_step()
    else:
        converse(sys.stdin, sys.stdout)
