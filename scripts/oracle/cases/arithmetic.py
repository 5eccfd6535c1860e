"""ADD, SUB, MUL, MAXIMUM and MINIMUM, with broadcasting."""
from __future__ import annotations

import math

import numpy as np

from construction import Construction, Dropped, Value

from . import case, expect
from .convolutions import ACTIVATION

BROADCAST = ("none", "one side", "both sides", "scalar")
OPERAND = ("value", "input", "constant", "folded constant", "itself")

expect("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM", broadcast=BROADCAST, operand=OPERAND,
       order=("as is", "swapped"), rank=(1, 2, 3, 4, 5))
expect("ADD", "SUB", "MUL", activation=ACTIVATION)
expect("MUL", shift=("left", "right"))


def operand_shape(c: Construction, x: Value) -> tuple[int, ...]:
    """A shape that broadcasts with x: mostly narrower, sometimes wider where x has a 1."""
    if c.chance(0.2):
        return x.shape
    if c.chance(0.15):
        return c.choose([(), (1,)])
    shape = list(x.shape)
    for axis, size in enumerate(shape):
        if c.chance(0.4):
            shape[axis] = 1 if size > 1 else c.integer(2, 4) if axis > 0 else 1
    while len(shape) > 1 and c.chance(0.25):
        shape = shape[1:]
    return tuple(shape)


def broadcast_kind(x, y, out) -> str:
    if x == y:
        return "none"
    if math.prod(y) == 1 or math.prod(x) == 1:
        return "scalar"
    return "one side" if out in (x, y) else "both sides"


def second_operand(c: Construction, x: Value, same: bool) -> tuple[Value, str]:
    """`same`: the operator compares bytes, so both operands need one scale and zero point."""
    def quantization():
        if same:
            return x.quantization
        near = c.choose([x.scale * c.log_uniform(0.1, 10.0), c.scale()], [3, 1])
        return {"scales": near, "zero_points": c.zero_point()}

    kind = c.choose(OPERAND, [4, 3, 4, 1, 0.7])
    if kind == "itself":
        return x, kind
    if kind == "value":
        fitting = [v for v in c.values if v.tensor.index != x.tensor.index
                   and compatible(v.shape, x.shape)
                   and (not same or v.quantization == x.quantization)]
        if fitting:
            return c.choose(fitting), kind
        kind = "input"
    shape = operand_shape(c, x)
    if kind == "input":
        return c.input(shape, **quantization()), kind
    constant = c.constant(shape, **quantization())
    if kind == "folded constant":
        # A constant behind an operator: a converter can compute the operator beforehand.
        flat = Value(c.writer.tensor([constant.tensor.elements], "int8", **constant.quantization),
                     constant.mean, constant.deviation)
        c.emit("RESHAPE", [constant, c.writer.indices([-1])], [flat.tensor])
        back = c.like(constant, shape)
        c.emit("RESHAPE", [flat, c.writer.indices(np.array(shape, np.int32))], [back.tensor],
               {"newShape": list(shape)})
        return back, kind
    return constant, kind


def crossed(c: Construction, same: bool) -> tuple[Value, Value, str]:
    """Two operands of which each is broadcast along an axis of the other."""
    rank = c.integer(2, 5)
    shapes = [[1] + [c.integer(2, 5) for _ in range(rank - 1)] for _ in range(2)]
    shapes[1] = list(shapes[0])
    first, second = c.rng.permutation(rank)[:2]
    shapes[0][first], shapes[1][first] = 1, c.integer(2, 5)
    shapes[0][second], shapes[1][second] = c.integer(2, 5), 1
    a = c.input(shapes[0], c.scale(), c.zero_point())
    b_quantization = a.quantization if same else {"scales": a.scale * c.log_uniform(0.1, 10.0),
                                                  "zero_points": c.zero_point()}
    if c.chance(0.5):
        return a, c.input(shapes[1], **b_quantization), "input"
    return a, c.constant(shapes[1], **b_quantization), "constant"


def compatible(a, b) -> bool:
    try:
        np.broadcast_shapes(a, b)
    except ValueError:
        return False
    return True


def operands(c: Construction, same: bool):
    if c.chance(0.1):
        a, b, kind = crossed(c, same)
    else:
        a = c.pick()
        b, kind = second_operand(c, a, same)
    swapped = c.chance(0.4)
    out = np.broadcast_shapes(a.shape, b.shape)
    if len(out) > 5:
        raise Dropped
    covers = {"broadcast": broadcast_kind(a.shape, b.shape, out), "operand": kind,
              "order": "swapped" if swapped else "as is", "rank": len(out)}
    return (b, a, out, covers) if swapped else (a, b, out, covers)


@case("ADD", "SUB", "MUL", weight=2)
def arithmetic(c: Construction, operator: str):
    a, b, shape, covers = operands(c, same=False)
    if operator == "MUL":
        mean = a.real_mean * b.real_mean
        squares = [(v.real_mean**2 + v.real_deviation**2) for v in (a, b)]
        deviation = math.sqrt(max(squares[0] * squares[1] - mean * mean, 0.0))
    else:
        mean = a.real_mean + (b.real_mean if operator == "ADD" else -b.real_mean)
        deviation = math.hypot(a.real_deviation, b.real_deviation)
    output = c.quantization(mean, deviation, sharp=0.12)
    if operator == "MUL":
        # The largest product, shifted left, must stay in int32.
        if c.chance(0.12):
            output["scales"] = a.scale * b.scale / c.log_uniform(1.0, 1000.0)
        output["scales"] = max(output["scales"], a.scale * b.scale / 2**13)
        left = a.scale * b.scale / output["scales"] >= 1.0
        covers["shift"] = "left" if left else "right"
    else:
        # The output multiplier of the reference must be below one.
        output["scales"] = max(output["scales"], 2.1 * max(a.scale, b.scale) / 2**20)
    output["scales"] = min(max(output["scales"], 1e-30), 1e30)
    activation = c.activation(deviation)
    y = c.produce(shape, mean, deviation, **output)
    c.emit(operator, [a, b], [y], {"fusedActivationFunction": activation},
           {**covers, "activation": activation})


@case("MAXIMUM", "MINIMUM")
def comparison(c: Construction, operator: str):
    a, b, shape, covers = operands(c, same=True)
    y = c.like(a, shape)
    c.emit(operator, [a, b], [y], covers=covers)
