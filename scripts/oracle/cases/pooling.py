"""AVERAGE_POOL_2D, MAX_POOL_2D and MEAN."""
from __future__ import annotations

import math

from construction import Construction

from . import case, expect
from .convolutions import ACTIVATION, is_image, window, window_covers, window_options

expect("AVERAGE_POOL_2D", "MAX_POOL_2D", padding=("SAME", "VALID"), activation=ACTIVATION,
       stride=("1", ">1", "uneven"))
expect("MEAN", rank=(1, 2, 3, 4, 5), dims=("kept", "dropped"), axes=(1, 2, 3, 4),
       quantization=("same", "other"), axis=("list", "number", "negative"))


@case("AVERAGE_POOL_2D", "MAX_POOL_2D", weight=1.5)
def pool(c: Construction, operator: str):
    x = c.pick(is_image, ranks=(4,))
    _, height, width, depth = x.shape
    padding, kernel, stride, dilation, out = window(c, height, width, dilate=False)
    activation = c.activation(x.real_deviation)
    y = c.like(x, [1, *out, depth])
    covers = window_covers(padding, stride, dilation)
    del covers["dilation"]
    c.emit(operator, [x], [y],
           {**window_options(padding, stride), "filterHeight": kernel[0],
            "filterWidth": kernel[1], "fusedActivationFunction": activation},
           {**covers, "activation": activation})


@case("MEAN", weight=1.5)
def mean(c: Construction, operator: str):
    x = c.pick()
    count = c.integer(1, min(x.rank, 4))
    if x.rank == 4 and c.chance(0.4):
        axes = [1, 2] if c.chance(0.7) else [2, 1]  # global average pooling
    else:
        axes = [int(a) for a in c.rng.permutation(x.rank)[:count]]
    keep = c.chance(0.5)
    averaged = math.prod(x.shape[a] for a in axes)
    shape = [1 if a in axes else d for a, d in enumerate(x.shape) if keep or a not in axes]
    deviation = x.real_deviation / math.sqrt(averaged)
    same = c.chance(0.4)
    quantization = x.quantization if same else c.quantization(x.real_mean, deviation)
    y = c.produce(shape, x.real_mean, deviation, **quantization)
    form = "list"
    if c.chance(0.3):
        axes, form = [a - x.rank for a in axes], "negative"
    elif len(axes) == 1 and c.chance(0.5):
        axes, form = axes[0], "number"
    c.emit(operator, [x, c.writer.indices(axes)], [y], {"keepDims": keep},
           {"rank": x.rank, "dims": "kept" if keep else "dropped", "axis": form,
            "axes": 1 if form == "number" else len(axes),
            "quantization": "same" if same else "other"})
