"""Each op of ops/ops.h in PyTorch's words, with our layout on both sides: images [N, H, W, C], weights [kH, kW, I, O].

A function takes the tensors, then the integers, then the attributes by name. Several carry the name of a builtin, as
their op does.
"""

import torch
import torch.nn.functional as F

from layout import channels_first, channels_last
from training import mlp_trajectory, resnet8_trajectory


# --- elementwise ---

def add(a, b):
    return a + b


def sub(a, b):
    return a - b


def mul(a, b):
    return a * b


def div(a, b):
    return a / b


maximum = torch.maximum
minimum = torch.minimum
neg = torch.neg
reciprocal = torch.reciprocal
exp = torch.exp
log = torch.log
log1p = torch.log1p
sqrt = torch.sqrt
square = torch.square
abs = torch.abs
sin = torch.sin
cos = torch.cos
tanh = torch.tanh
sigmoid = torch.sigmoid
relu = torch.relu
softplus = F.softplus
hard_tanh = F.hardtanh


def pow(x, exponent):
    return torch.pow(x, exponent)


def leaky_relu(x, slope):
    return F.leaky_relu(x, slope)


def clamp(x, low, high):
    return torch.clamp(x, low, high)


def sign(x):
    return torch.sign(x) * x  # a factor with a gradient, as on our side; likewise below


def greater(a, b):
    return (a > b) * a


def greater_equal(a, b):
    return (a >= b) * a


def equal(a, b):
    return (a == b) * a


def where(a, b, condition):
    return torch.where(condition != 0, a, b)


# --- reductions ---

def all_or(axes, x):
    return axes if axes else list(range(x.dim()))


def sum(x, axes, keep):
    return torch.sum(x, all_or(axes, x), bool(keep))


def mean(x, axes, keep):
    return torch.mean(x, all_or(axes, x), bool(keep))


def max(x, axes, keep):
    return torch.amax(x, all_or(axes, x), bool(keep))


def min(x, axes, keep):
    return torch.amin(x, all_or(axes, x), bool(keep))


def variance(x, axes, keep):
    return torch.var(x, all_or(axes, x), unbiased=False, keepdim=bool(keep))


def norm(x, p, axes, keep):
    return torch.linalg.vector_norm(x, p, all_or(axes, x), bool(keep))


def log_sum_exp(x, axes, keep):
    return torch.logsumexp(x, all_or(axes, x), bool(keep))


def cumulative_sum(x, axis, reverse):
    return x.flip(axis).cumsum(axis).flip(axis) if reverse else x.cumsum(axis)


def sum_to(x, shape):
    return x.sum_to_size(shape)


def expand(x, shape):
    return x.expand(shape)


# --- shape ---

def reshape(x, shape):
    return x.reshape(shape)


def flatten(x, from_axis):
    return torch.flatten(x, from_axis)


def transpose(x, axis_a, axis_b):
    return torch.transpose(x, axis_a, axis_b)


def permute(x, order):
    return x.permute(order)


def slice(x, axis, begin, end, step):
    return x.transpose(0, axis)[begin:end:step].transpose(0, axis)


def unslice(x, axis, begin, size, step):
    shape = list(x.shape)
    shape[axis] = size
    index = torch.arange(begin, begin + step * x.shape[axis], step)
    return torch.zeros(shape, dtype=x.dtype).index_add(axis, index, x)


def concat(*parts, axis):
    return torch.cat(parts, axis)


def stack(*parts, axis):
    return torch.stack(parts, axis)


def unstack(x, axis):
    return torch.unbind(x, axis)


def split(x, sizes, axis):
    return torch.split(x, sizes, axis)


def pad(x, axis, before, after, value):
    return F.pad(x, [0, 0] * (x.dim() - 1 - axis) + [before, after], value=value)


def pad_reflect(x, axis, before, after):
    last = x.transpose(axis, -1)
    rows = last.reshape(1, -1, last.shape[-1])
    padded = F.pad(rows, [before, after], mode="reflect")
    return padded.reshape(*last.shape[:-1], -1).transpose(axis, -1)


def reverse(x, axis):
    return x.flip(axis)


# --- indices ---

def gather(x, index, axis):
    return torch.index_select(x, axis, index)


def scatter_add(rows, index, size, axis):
    shape = list(rows.shape)
    shape[axis] = size
    return torch.zeros(shape, dtype=rows.dtype).index_add(axis, index, rows)


def take_along(x, index):
    return torch.gather(x, -1, index)


def add_along(values, index, size):
    return torch.zeros([*values.shape[:-1], size], dtype=values.dtype).scatter_add(-1, index, values)


def pick(x, index):
    return torch.gather(x, -1, index.unsqueeze(-1)).squeeze(-1)


def place(values, index, classes):
    zeros = torch.zeros([*values.shape, classes], dtype=values.dtype)
    return zeros.scatter(-1, index.unsqueeze(-1), values.unsqueeze(-1))


def one_hot(index, classes):
    return F.one_hot(index, classes)


def argmax(x, axis):
    return torch.argmax(x, axis)


def argmin(x, axis):
    return torch.argmin(x, axis)


def argsort(x, axis, descending):
    return torch.sort(x, dim=axis, descending=bool(descending), stable=True)[1]


def top_k(x, k):
    return torch.topk(x, k, -1)[0]


def top_k_indices(x, k):
    return torch.topk(x, k, -1)[1]


# --- products ---

def matmul(a, b, transpose_a, transpose_b):
    return torch.matmul(a.mT if transpose_a else a, b.mT if transpose_b else b)


def linear(x, w, bias=None):
    return F.linear(x, w.t(), bias)


def dot(a, b):
    return torch.dot(a.reshape(-1), b.reshape(-1))


def cosine_similarity(a, b):
    return F.cosine_similarity(a[:, None], b[None], dim=-1)


def l2_normalize(x, axis, epsilon):
    return F.normalize(x, dim=axis, eps=epsilon)


# --- convolutions ---

def conv2d(x, w, bias=None, addend=None, *, stride, pads, dilation, groups, relu=False):
    top, bottom, left, right = pads
    padded = F.pad(channels_first(x), [left, right, top, bottom])
    y = channels_last(F.conv2d(padded, w.permute(3, 2, 0, 1).contiguous(), bias, stride, 0, dilation, groups))
    if addend is not None:
        y = y + addend
    return F.relu(y) if relu else y


def conv2d_grad_input(g, w, x_shape, **options):
    x = torch.zeros(x_shape, dtype=g.dtype, requires_grad=True)
    return torch.autograd.grad(conv2d(x, w, **options), x, g, create_graph=True)


def conv2d_grad_weight(x, g, w_shape, **options):
    w = torch.zeros(w_shape, dtype=g.dtype, requires_grad=True)
    return torch.autograd.grad(conv2d(x, w, **options), w, g, create_graph=True)


def conv1d_causal(x, w, dilation):
    padded = F.pad(x.transpose(1, 2), [(w.shape[0] - 1) * dilation, 0])
    return F.conv1d(padded, w.permute(2, 1, 0).contiguous(), dilation=dilation).transpose(1, 2)


# --- pooling ---

def max_pool2d(x, kernel, stride, pads, ceil_mode):
    top, bottom, left, right = pads
    if top == bottom and left == right:
        y = F.max_pool2d(channels_first(x), kernel, stride, [top, left], 1, bool(ceil_mode))
    else:
        y = F.max_pool2d(F.pad(channels_first(x), [left, right, top, bottom], value=-torch.inf), kernel, stride)
    return channels_last(y)


def average_pool2d(x, kernel, stride, pads, ceil_mode):
    top, bottom, left, right = pads
    if top == bottom and left == right:
        y = F.avg_pool2d(channels_first(x), kernel, stride, [top, left], bool(ceil_mode), count_include_pad=False)
    else:  # sums over the window divided by the places of it that lie inside
        inside = F.pad(channels_first(torch.ones_like(x)), [left, right, top, bottom])
        padded = F.pad(channels_first(x), [left, right, top, bottom])
        y = F.avg_pool2d(padded, kernel, stride) / F.avg_pool2d(inside, kernel, stride)
    return channels_last(y)


def average_pool2d_adjoint(g, x_shape, **options):
    x = torch.zeros(x_shape, dtype=g.dtype, requires_grad=True)
    return torch.autograd.grad(average_pool2d(x, **options), x, g, create_graph=True)


def global_average_pool(x):
    return F.adaptive_avg_pool2d(channels_first(x), 1).flatten(1)


def global_max_pool(x):
    return F.adaptive_max_pool2d(channels_first(x), 1).flatten(1)


# --- normalisation ---

def batch_norm(x, gamma=None, beta=None, *, epsilon, then_relu):
    rows = x.reshape(-1, x.shape[-1])
    y = F.batch_norm(rows, None, None, gamma, beta, True, 0, epsilon).reshape(x.shape)
    return F.relu(y) if then_relu else y


def batch_norm_add(x, r, gamma=None, beta=None, *, epsilon, then_relu):
    y = batch_norm(x, gamma, beta, epsilon=epsilon, then_relu=False) + r
    return F.relu(y) if then_relu else y


def batch_norm_max_pool(x, gamma=None, beta=None, *, epsilon, then_relu, kernel, stride, pads, ceil_mode):
    return max_pool2d(batch_norm(x, gamma, beta, epsilon=epsilon, then_relu=then_relu), kernel, stride, pads, ceil_mode)


def batch_norm_statistics(x):
    rows = x.reshape(-1, x.shape[-1])
    return rows.mean(0), rows.var(0, unbiased=False)


def batch_norm_with(x, gamma, beta, mean, variance, epsilon, then_relu):
    # The built-in treats statistics as constants; ours is differentiable in them.
    rows, running = x.reshape(-1, x.shape[-1]), [mean.detach(), variance.detach()]
    built_in = F.batch_norm(rows, *running, gamma, beta, False, 0, epsilon).reshape(x.shape)
    composed = (x - mean) / torch.sqrt(variance + epsilon) * gamma + beta
    torch.testing.assert_close(built_in, composed)
    return F.relu(composed) if then_relu else composed


def layer_norm(x, gamma=None, beta=None, *, epsilon):
    return F.layer_norm(x, x.shape[-1:], gamma, beta, epsilon)


# --- classes ---

def softmax(x, axis):
    return F.softmax(x, axis)


def log_softmax(x, axis):
    return F.log_softmax(x, axis)


def cross_entropy(logits, labels, reduction):
    return F.cross_entropy(logits, labels, reduction=reduction)


def soft_cross_entropy(logits, targets, reduction):
    return F.cross_entropy(logits, targets, reduction=reduction)


def binary_cross_entropy_with_logits(logits, targets, reduction):
    return F.binary_cross_entropy_with_logits(logits, targets, reduction=reduction)


# --- recurrence ---

def lstm(x, h0, c0, w_x, w_h, bias):
    weights = [w_x.t(), w_h.t(), bias, torch.zeros_like(bias)]
    h, h_last, c_last = torch.lstm(x, (h0[None], c0[None]), weights, True, 1, 0.0, False, False, False)
    return h, h_last[0], c_last[0]
