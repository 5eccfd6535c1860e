"""RESHAPE, SQUEEZE, EXPAND_DIMS, TRANSPOSE, PAD, PADV2 and CONCATENATION."""
from __future__ import annotations

import numpy as np

from construction import Construction, Dropped

from . import CASES, case, expect

RANKS = (1, 2, 3, 4, 5)

expect("RESHAPE", shape=("tensor", "tensor with -1", "option"), rank=RANKS)
expect("SQUEEZE", dims=("all", "listed", "negative"))
expect("EXPAND_DIMS", axis=("positive", "negative"))
expect("TRANSPOSE", rank=RANKS)
expect("PAD", "PADV2", rank=RANKS)
expect("PAD", next=("convolution", "any"))
expect("CONCATENATION", inputs=(2, 3, 4, 5), axis=("positive", "negative"), rank=(1, 2, 3, 4),
       operand=("value", "input", "constant", "itself"))


def factorized(c: Construction, elements: int, rank: int) -> tuple[int, ...]:
    """A random shape of this rank with this many elements; a leading 1 where there is room."""
    shape = [1] * rank
    remaining, divisor = elements, 2
    first = 1 if rank > 1 and c.chance(0.85) else 0
    while remaining > 1:
        while remaining % divisor:
            divisor += 1
        shape[c.integer(first, rank - 1)] *= divisor
        remaining //= divisor
    return tuple(shape)


@case("RESHAPE")
def reshape(c: Construction, operator: str):
    x = c.pick(ranks=(0, 1, 2, 3, 4, 5))
    shape = factorized(c, x.tensor.elements, c.integer(1, 5))
    y = c.like(x, shape)
    kind = c.choose(["tensor", "tensor with -1", "option"])
    operands, options = [x], {"newShape": list(shape)}
    if kind != "option":
        stored = list(shape)
        if kind == "tensor with -1":
            stored[c.integer(0, len(stored) - 1)] = -1
        operands.append(c.writer.indices(stored))
        options = {} if c.chance(0.5) else options
    c.emit(operator, operands, [y], options, {"shape": kind, "rank": y.rank})


@case("SQUEEZE")
def squeeze(c: Construction, operator: str):
    x = c.pick(lambda v: 1 in v.shape)
    ones = [axis for axis, size in enumerate(x.shape) if size == 1]
    kind = c.choose(["all", "listed", "negative"])
    dropped = ones
    if kind != "all":
        dropped = sorted(int(a) for a in
                         c.rng.permutation(ones)[:c.integer(1, len(ones))])
    y = c.like(x, [size for axis, size in enumerate(x.shape) if axis not in dropped])
    listed = {"all": [], "listed": dropped, "negative": [a - x.rank for a in dropped]}[kind]
    c.emit(operator, [x], [y], {"squeezeDims": listed}, {"dims": kind})


@case("EXPAND_DIMS")
def expand_dims(c: Construction, operator: str):
    x = c.pick(ranks=(0, 1, 2, 3, 4))
    axis = c.integer(0, x.rank)
    y = c.like(x, [*x.shape[:axis], 1, *x.shape[axis:]])
    negative = c.chance(0.4)
    stored = axis - x.rank - 1 if negative else axis
    c.emit(operator, [x, c.writer.indices(stored if c.chance(0.6) else [stored])], [y],
           covers={"axis": "negative" if negative else "positive"})


@case("TRANSPOSE", weight=1.5)
def transpose(c: Construction, operator: str):
    x = c.pick()
    order = [int(a) for a in c.rng.permutation(x.rank)]
    if x.rank > 2 and c.chance(0.4):
        order = [0] + [int(a) + 1 for a in c.rng.permutation(x.rank - 1)]
    y = c.like(x, [x.shape[a] for a in order])
    c.emit(operator, [x, c.writer.indices(order)], [y], covers={"rank": x.rank})


@case("PAD", "PADV2", weight=1.5)
def pad(c: Construction, operator: str):
    x = c.pick()
    paddings = c.rng.choice([0, 1, 2], (x.rank, 2), p=[0.55, 0.3, 0.15])
    image = x.rank == 4 and x.shape[0] == 1
    if x.rank > 1 and c.chance(0.9 if image else 0.6):
        paddings[0] = 0
        if image and c.chance(0.6):
            paddings[3] = 0  # as in front of a convolution
    y = c.like(x, [size + before + after for size, (before, after) in zip(x.shape, paddings)])
    covers = {"rank": x.rank}
    operands = [x, c.writer.indices(paddings)]
    if operator == "PADV2":
        value = c.choose([x.zero_point, -128, 127, c.integer(-128, 127)])
        operands.append(c.writer.tensor([] if c.chance(0.5) else [1], "int8",
                                        data=np.array(value), **x.quantization))
    convolved = (operator == "PAD" and image and y.shape[0] == 1 and c.chance(0.6))
    if operator == "PAD":
        covers["next"] = "convolution" if convolved else "any"
    c.emit(operator, operands, [y], covers=covers)
    if convolved:
        follower = c.choose(["CONV_2D", "DEPTHWISE_CONV_2D"])
        c.attempt(lambda: CASES[follower](c, follower))


@case("CONCATENATION", weight=1.5)
def concatenation(c: Construction, operator: str):
    x = c.pick(ranks=(1, 2, 3, 4))
    axis = c.integer(0, x.rank - 1)
    parts, covers = [x], {}
    for _ in range(c.integer(1, 4)):
        shape = list(x.shape)
        shape[axis] = c.integer(1, 6)
        if x.rank > 1 and axis == 0:
            shape[0] = 1
        fitting = [v for v in c.values if v.quantization == x.quantization and v.rank == x.rank
                   and all(a == b or i == axis for i, (a, b) in enumerate(zip(v.shape, x.shape)))
                   and v.tensor.index != x.tensor.index]
        kind = c.choose(["value", "input", "constant", "itself"], [4, 2, 2, 1])
        if kind == "value" and not fitting:
            kind = "input" if c.chance(0.5) else "constant"
        try:
            part = (x if kind == "itself" else c.choose(fitting) if kind == "value"
                    else c.input(shape, **x.quantization) if kind == "input"
                    else c.constant(shape, **x.quantization))
        except Dropped:
            kind, part = "itself", x
        covers["operand"] = kind
        parts.append(part)
    c.rng.shuffle(parts)
    out = list(x.shape)
    out[axis] = sum(part.shape[axis] for part in parts)
    y = c.like(x, out)
    negative = c.chance(0.4)
    c.emit(operator, parts, [y], {"axis": axis - x.rank if negative else axis},
           {**covers, "inputs": len(parts), "rank": x.rank,
            "axis": "negative" if negative else "positive"})
