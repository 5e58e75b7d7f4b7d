"""The benchmark's networks as a PyTorch user writes them; the same parameters as those of nn/networks.h."""

import torch
import torch.nn as nn
import torch.nn.functional as F


def conv3x3(channels_in, channels_out, stride=1):
    return nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False)


class BasicBlock(nn.Module):
    def __init__(self, channels_in, channels, stride):
        super().__init__()
        self.conv1, self.norm1 = conv3x3(channels_in, channels, stride), nn.BatchNorm2d(channels)
        self.conv2, self.norm2 = conv3x3(channels, channels), nn.BatchNorm2d(channels)
        self.stride, self.added = stride, channels - channels_in

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)), inplace=True)
        y = self.norm2(self.conv2(y))
        if self.added:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], [0, 0, 0, 0, 0, self.added])
        y += x
        return F.relu(y, inplace=True)


class PreActivationBlock(nn.Module):
    def __init__(self, channels_in, channels, stride):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(channels_in), conv3x3(channels_in, channels, stride)
        self.norm2, self.conv2 = nn.BatchNorm2d(channels), conv3x3(channels, channels)
        self.projection = None
        if stride != 1 or channels_in != channels:
            self.projection = nn.Conv2d(channels_in, channels, 1, stride, bias=False)

    def forward(self, x):
        y = F.relu(self.norm1(x), inplace=True)
        shortcut = self.projection(y) if self.projection else x
        return self.conv2(F.relu(self.norm2(self.conv1(y)), inplace=True)) + shortcut


def stages(block, count, channels_in, width):
    layers = []
    for stage in range(3):
        channels = (16 << stage) * width
        for i in range(count):
            layers.append(block(channels_in, channels, 2 if stage > 0 and i == 0 else 1))
            channels_in = channels
    return layers


def head(channels, classes):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]


def resnet20(width=1):
    first = [conv3x3(3, 16 * width), nn.BatchNorm2d(16 * width), nn.ReLU(inplace=True)]
    return nn.Sequential(*first, *stages(BasicBlock, 3, 16 * width, width), *head(64 * width, 10))


def wrn16_2():
    last = [nn.BatchNorm2d(128), nn.ReLU(inplace=True)]
    return nn.Sequential(conv3x3(3, 16), *stages(PreActivationBlock, 2, 16, 2), *last, *head(128, 10))


def conv_module(channels_in, channels, bias):
    return [nn.Conv2d(channels_in, channels, 3, padding=1, bias=bias), nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]


def conv4():
    layers = []
    for channels_in in (1, 64, 64, 64):
        layers += [*conv_module(channels_in, 64, True), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(64, 5))


def vgg9():
    layers, channels_in = [], 3
    for channels in (64, 128, 256, 512):
        layers += [*conv_module(channels_in, channels, False), *conv_module(channels, channels, False), nn.MaxPool2d(2)]
        channels_in = channels
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(2048, 10))


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Conv2d(20, 50, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 500), nn.ReLU(inplace=True), nn.Linear(500, 10))


def mlp():
    return nn.Sequential(
        nn.Linear(784, 1200), nn.ReLU(inplace=True), nn.Linear(1200, 1200), nn.ReLU(inplace=True), nn.Linear(1200, 10))


# Name: network, one example, classes.
NETWORKS = {
    "resnet20": (resnet20, (3, 32, 32), 10),
    "resnet20_wide": (lambda: resnet20(2), (3, 32, 32), 10),
    "wrn16_2": (wrn16_2, (3, 32, 32), 10),
    "conv4": (conv4, (1, 28, 28), 5),
    "vgg9": (vgg9, (3, 32, 32), 10),
    "lenet5": (lenet5, (1, 28, 28), 10),
    "mlp": (mlp, (784,), 10),
}


def build(name, batch, memory_format):
    """The network, images and labels, all of an image's tensors in the given layout."""
    network, example, classes = NETWORKS[name]
    net, x = network(), torch.randn(batch, *example)
    if len(example) == 3:
        net, x = net.to(memory_format=memory_format), x.contiguous(memory_format=memory_format)
    return net, x, torch.arange(batch) % classes
