"""Training runs in PyTorch's words: its optimisers and layers, from our initial weights."""

import torch
import torch.nn.functional as F

from layout import channels_first

OPTIMIZERS = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "adamax": torch.optim.Adamax,
    "rmsprop": torch.optim.RMSprop,
}


def train(parameters, loss_of, optimizer, steps, options):
    """Runs `steps` steps on the parameters in place; returns the losses."""
    leaves = [p.detach().clone().requires_grad_() for p in parameters]
    trained = OPTIMIZERS[optimizer](leaves, **options)
    losses = []
    for _ in range(steps):
        loss = loss_of(leaves)
        trained.zero_grad()
        loss.backward()
        trained.step()
        losses.append(loss.detach())
    return torch.stack(losses), leaves


def mlp_trajectory(w1, b1, w2, b2, x, labels, optimizer, steps, **options):
    """Losses, then the four parameters, of x -> tanh(x w1 + b1) w2 + b2 under cross-entropy."""

    def loss_of(p):
        hidden = torch.tanh(x.detach() @ p[0] + p[1])
        return F.cross_entropy(hidden @ p[2] + p[3], labels)

    losses, leaves = train([w1, b1, w2, b2], loss_of, optimizer, steps, options)
    return [losses, *leaves]


class ResNet:
    """CIFAR ResNet with zero-padded shortcuts, over a dictionary of our parameters by name."""

    def __init__(self, names):
        self.names = names
        norms = [name.rsplit(".", 1)[0] for name in names if name.endswith(".gamma")]
        self.running = {norm: [None, None] for norm in norms}

    def conv(self, x, w, stride=1):
        return F.conv2d(x, w.permute(3, 2, 0, 1).contiguous(), stride=stride, padding=1)

    def norm(self, x, p, name, training):
        gamma, beta = p[name + ".gamma"], p[name + ".beta"]
        mean, variance = self.running[name]
        if mean is None:
            mean, variance = torch.zeros_like(gamma.detach()), torch.ones_like(gamma.detach())
            self.running[name] = [mean, variance]
        return F.batch_norm(x, mean, variance, gamma, beta, training, 0.1, 1e-5)

    def block(self, x, p, name, stride, training):
        channels = p[name + ".conv1.weight"].shape[3]
        y = self.conv(x, p[name + ".conv1.weight"], stride)
        y = F.relu(self.norm(y, p, name + ".norm1", training))
        y = self.norm(self.conv(y, p[name + ".conv2.weight"]), p, name + ".norm2", training)
        shortcut = F.pad(x[:, :, ::stride, ::stride], [0, 0, 0, 0, 0, channels - x.shape[1]])
        return F.relu(y + shortcut)

    def forward(self, leaves, images, training):
        p = dict(zip(self.names, leaves))
        x = F.relu(self.norm(self.conv(channels_first(images), p["conv1.weight"]), p, "norm1", training))
        for stage, stride in (("stage1.0", 1), ("stage2.0", 2), ("stage3.0", 2)):
            x = self.block(x, p, stage, stride, training)
        return x.mean([2, 3]) @ p["fc.weight"] + p["fc.bias"]


def resnet8_trajectory(*tensors, names, optimizer, steps, **options):
    """Losses, logits in evaluation, the parameters, then mean and variance of every norm.

    Tensors: the parameters, images, labels.
    """
    *parameters, images, labels = tensors
    net = ResNet(names.split())

    def loss_of(leaves):
        return F.cross_entropy(net.forward(leaves, images.detach(), True), labels)

    losses, leaves = train(parameters, loss_of, optimizer, steps, options)
    logits = net.forward(leaves, images, False)
    return [losses, logits, *leaves, *(statistic for pair in net.running.values() for statistic in pair)]
