"""Answers the questions of tests/support/torch_oracle.h with PyTorch, in double.

usage: oracle.py QUESTIONS ANSWERS.bin      (reads QUESTIONS.json and QUESTIONS.bin)
"""

import json
import sys

import numpy
import torch

import functions


class Values:
    """The numbers of a file, handed out in order."""

    def __init__(self, path):
        self.numbers = numpy.fromfile(path, dtype=numpy.float64)
        self.next = 0

    def tensors(self, shapes, dtype=torch.float64):
        result = []
        for shape in shapes:
            count = int(numpy.prod(shape, dtype=numpy.int64))
            numbers = self.numbers[self.next : self.next + count].reshape(shape)
            self.next += count
            result.append(torch.tensor(numbers).to(dtype))
        return result


def answer(question, values):
    """Outputs, followed by the gradients of the inputs when there are cotangents."""
    inputs = [t.requires_grad_() for t in values.tensors(question["inputs"])]
    integers = values.tensors(question["integers"], torch.int64)
    cotangents = values.tensors(question["cotangents"])
    outputs = getattr(functions, question["function"])(*inputs, *integers, **question["attributes"])
    if isinstance(outputs, torch.Tensor):
        outputs = [outputs]
    if not cotangents:
        return list(outputs)
    total = sum((y * v).sum() for y, v in zip(outputs, cotangents))
    gradients = torch.autograd.grad(total, inputs, allow_unused=True)
    return list(outputs) + [torch.zeros_like(x) if g is None else g for x, g in zip(inputs, gradients)]


def main(questions_path, answers_path):
    with open(questions_path + ".json") as file:
        questions = json.load(file)
    values = Values(questions_path + ".bin")
    with open(answers_path, "wb") as file:
        for number, question in enumerate(questions):
            try:
                tensors = answer(question, values)
            except Exception as error:
                raise RuntimeError(f"question {number}: {question}") from error
            for tensor in tensors:
                numpy.array([tensor.dim(), *tensor.shape], dtype=numpy.float64).tofile(file)
                tensor.detach().to(torch.float64).contiguous().numpy().tofile(file)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(*sys.argv[1:])
