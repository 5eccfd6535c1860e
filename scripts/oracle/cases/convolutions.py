"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED."""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from construction import Construction, Dropped, Value

from . import case, expect

ACTIVATION = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")
WEIGHTS = ("wide", "normal", "small", "extreme", "sparse")

expect("CONV_2D", "DEPTHWISE_CONV_2D", padding=("SAME", "VALID"), activation=ACTIVATION,
       stride=("1", ">1", "uneven"), dilation=("1", ">1"), weights=WEIGHTS, shift=("left", "right"))
expect("CONV_2D", scales=("per channel", "per tensor"), bias=("int32", "absent", "index -1"),
       groups=("1", ">1"), kernel=("1x1", "row or column", "square or other"))
expect("DEPTHWISE_CONV_2D", scales=("per channel", "per tensor"), bias=("int32", "absent"),
       multiplier=("1", ">1"))
expect("FULLY_CONNECTED", scales=("per channel", "per tensor"), activation=ACTIVATION,
       bias=("int32", "absent", "index -1"), weights=WEIGHTS, shift=("left", "right"),
       shape=("rows", "kept", "flattened"))


@dataclass
class Filter:
    """Weights, bias and output quantization that fit each other and the input."""
    weights: object
    bias: list
    activation: str
    output: dict
    mean: float
    deviation: float
    covers: dict


def random_weights(c: Construction, channels: int, taps: int) -> tuple[np.ndarray, str]:
    kind = c.choose(WEIGHTS, [4, 4, 2, 1, 1])
    if kind == "wide":
        w = c.rng.integers(-127, 128, (channels, taps))
    elif kind == "normal":
        w = np.clip(np.rint(c.rng.normal(0, 35, (channels, taps))), -127, 127)
    elif kind == "small":
        w = c.rng.integers(-2, 3, (channels, taps))
    elif kind == "extreme":
        w = c.rng.choice([-128, -127, 127], (channels, taps))
    else:
        w = c.rng.integers(-127, 128, (channels, taps)) * (c.rng.random((channels, taps)) < 0.2)
    return w.astype(np.int64), kind


def make_filter(c: Construction, x: Value, channels: int, taps: int, layout, channel_axis: int,
                biases: tuple) -> Filter:
    """`layout` turns weights of shape [channels, taps] into the tensor's shape."""
    w, kind = random_weights(c, channels, taps)
    offset = x.mean - x.zero_point
    expected_mean = offset * w.sum(1)
    expected_deviation = np.maximum(x.deviation * np.sqrt((w * w).sum(1)), 1.0)

    real_deviation = c.choose([c.log_uniform(0.3, 10.0), c.log_uniform(1e-4, 1e4)], [3, 1])
    activation = c.activation(real_deviation)
    per_channel = c.chance(0.65)
    typical = float(np.median(expected_deviation))
    scales = np.full(channels if per_channel else 1, real_deviation / (typical * x.scale))
    if per_channel:
        scales = scales * np.exp(c.rng.normal(0, 0.4, channels))
        if c.chance(0.05):
            scales[c.integer(0, channels - 1)] *= 1e-12  # a multiplier that rounds to nothing
    scales = np.maximum(scales, 1e-37)

    bias_kind = c.choose(biases, [5] + [1] * (len(biases) - 1))
    bias = np.zeros(channels, np.int64)
    if bias_kind == "int32":
        # Mostly the bias cancels the mean, as a trained one would; else results saturate.
        centred = c.chance(0.85)
        bias = np.rint(-expected_mean * centred
                       + c.rng.normal(0, 0.7, channels) * expected_deviation).astype(np.int64)
        if c.chance(0.06):
            bias[c.integer(0, channels - 1)] = c.choose([-1, 1]) * c.integer(1 << 20, 1 << 30)
    steps = scales * x.scale
    mean = float(np.mean((expected_mean + np.clip(bias, -2**24, 2**24)) * steps))
    deviation = float(np.mean(expected_deviation * steps))
    if activation == "RELU":
        output = c.quantization(max(mean, 0.0), deviation)
    elif activation in ("RELU6", "RELU_N1_TO_1"):
        output = c.quantization(3.0 if activation == "RELU6" else 0.0,
                                min(deviation, 3.0 if activation == "RELU6" else 1.0))
    else:
        output = c.quantization(mean, deviation)

    if c.chance(0.08):
        output["scales"] = float(np.max(steps)) / c.log_uniform(1.0, 60.0)

    # The product of accumulator and left shift must stay in int32, or the reference wraps.
    largest = int((np.abs(w).sum(1) * 255 + np.abs(bias)).max())
    multiplier = float(np.max(steps)) / output["scales"]
    shift = math.frexp(multiplier)[1]
    if largest << max(shift, 0) >= 1 << 31:
        output["scales"] = float(np.max(steps)) * largest / 2.0**30
        shift = math.frexp(float(np.max(steps)) / output["scales"])[1]

    weights = c.writer.tensor(layout(w).shape, "int8", scales, data=layout(w),
                              channel_axis=channel_axis)
    operands = {"int32": [], "absent": [], "index -1": [None]}[bias_kind]
    if bias_kind == "int32":
        operands = [c.writer.tensor([channels], "int32", np.float32(x.scale) * np.float32(scales),
                                    data=bias)]
    covers = {"scales": "per channel" if per_channel else "per tensor", "bias": bias_kind,
              "activation": activation, "weights": kind,
              "shift": "left" if shift > 0 else "right"}
    return Filter(weights, operands, activation, output, mean, deviation, covers)


def window(c: Construction, height: int, width: int, dilate=True):
    """Kernel, stride, dilation and padding of a window with at least one output position."""
    padding = c.choose(["SAME", "VALID"])
    kernel = [c.choose([1, 2, 3, 4, 5], [3, 2, 4, 1, 1]) for _ in range(2)]
    if c.chance(0.3):
        kernel = [1, 1]
    stride = [c.choose([1, 2, 3], [6, 3, 1])] * 2
    if c.chance(0.2):
        stride = [c.integer(1, 3), c.integer(1, 3)]
    dilation = [1, 1]
    if dilate and c.chance(0.3):
        dilation = [c.integer(1, 3), c.integer(1, 3)]
    out = []
    for axis, size in enumerate((height, width)):
        reach = (kernel[axis] - 1) * dilation[axis] + 1
        if padding == "VALID" and reach > size:
            kernel[axis], reach = min(kernel[axis], size), min(kernel[axis], size)
            dilation[axis] = 1
        positions = size if padding == "SAME" else size - reach + 1
        out.append(-(-positions // stride[axis]))
    return padding, kernel, stride, dilation, out


def window_options(padding, stride) -> dict:
    return {"padding": ["SAME", "VALID"].index(padding), "strideH": stride[0],
            "strideW": stride[1]}


def window_covers(padding, stride, dilation) -> dict:
    return {"padding": padding,
            "stride": "uneven" if stride[0] != stride[1] else "1" if stride[0] == 1 else ">1",
            "dilation": "1" if dilation == [1, 1] else ">1"}


def is_image(value: Value) -> bool:
    return value.shape[0] == 1


@case("CONV_2D", weight=4)
def conv_2d(c: Construction, operator: str):
    x = c.pick(is_image, ranks=(4,))
    _, height, width, depth = x.shape
    padding, kernel, stride, dilation, out = window(c, height, width)
    groups = 1
    divisors = [d for d in range(2, depth + 1) if depth % d == 0]
    if divisors and c.chance(0.25):
        groups = c.choose(divisors)
    channels = groups * c.integer(1, max(1, (48 if c.images else 24) // groups))
    if channels > 64:
        raise Dropped
    taps = kernel[0] * kernel[1] * depth // groups
    f = make_filter(c, x, channels, taps,
                    lambda w: w.reshape(channels, *kernel, depth // groups), 0,
                    ("int32", "absent", "index -1"))
    y = c.produce([1, *out, channels], f.mean, f.deviation, **f.output)
    shape = "1x1" if kernel == [1, 1] else "row or column" if 1 in kernel else "square or other"
    c.emit(operator, [x, f.weights, *f.bias], [y],
           {**window_options(padding, stride), "dilationHFactor": dilation[0],
            "dilationWFactor": dilation[1], "fusedActivationFunction": f.activation},
           {**f.covers, **window_covers(padding, stride, dilation), "kernel": shape,
            "groups": "1" if groups == 1 else ">1"})


@case("DEPTHWISE_CONV_2D", weight=4)
def depthwise_conv_2d(c: Construction, operator: str):
    x = c.pick(is_image, ranks=(4,))
    _, height, width, depth = x.shape
    padding, kernel, stride, dilation, out = window(c, height, width)
    multiplier = c.choose([1, 2, 3, 4], [6, 2, 1, 1])
    channels = depth * multiplier
    f = make_filter(c, x, channels, kernel[0] * kernel[1],
                    lambda w: w.T.reshape(1, *kernel, channels), 3, ("int32", "absent"))
    y = c.produce([1, *out, channels], f.mean, f.deviation, **f.output)
    c.emit(operator, [x, f.weights, *f.bias], [y],
           {**window_options(padding, stride), "dilationHFactor": dilation[0],
            "dilationWFactor": dilation[1], "fusedActivationFunction": f.activation,
            "depthMultiplier": multiplier},
           {**f.covers, **window_covers(padding, stride, dilation),
            "multiplier": "1" if multiplier == 1 else ">1"})


@case("FULLY_CONNECTED", weight=3)
def fully_connected(c: Construction, operator: str):
    x = c.pick(ranks=(1, 2, 3, 4))
    kind = c.choose(["rows", "kept", "flattened"])
    taps = x.tensor.elements if kind == "flattened" else x.shape[-1]
    units = c.integer(1, 24)
    if taps > 1024:
        raise Dropped
    shape = {"rows": [x.tensor.elements // taps, units], "kept": [*x.shape[:-1], units],
             "flattened": [1, units]}[kind]
    f = make_filter(c, x, units, taps, lambda w: w, 0, ("int32", "absent", "index -1"))
    y = c.produce(shape, f.mean, f.deviation, **f.output)
    c.emit(operator, [x, f.weights, *f.bias], [y],
           {"fusedActivationFunction": f.activation, "keepNumDims": kind == "kept"},
           {**f.covers, "shape": kind})
