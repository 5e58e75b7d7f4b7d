"""Between our layout, channels-last, and PyTorch's."""


def channels_first(x):
    return x.permute(0, 3, 1, 2)


def channels_last(x):
    return x.permute(0, 2, 3, 1)
