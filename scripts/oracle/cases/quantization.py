"""QUANTIZE and DEQUANTIZE."""
from __future__ import annotations

from construction import Construction

from . import case, expect

TYPES = ("int8 to int8", "int8 to uint8", "uint8 to int8", "float32 to int8",
         "dequantized to int8")

expect("QUANTIZE", types=TYPES, shift=("left", "right"))
expect("DEQUANTIZE", rank=(1, 2, 3, 4, 5))


@case("QUANTIZE", weight=3)
def quantize(c: Construction, operator: str):
    types = c.choose(TYPES, [4, 2, 2, 2, 1])
    covers = {"types": types}
    if types == "dequantized to int8":
        if not c.floats:
            dequantize(c, "DEQUANTIZE")
        x = c.choose(c.floats)
        mean, deviation = c.rng.normal(), c.log_uniform(0.1, 10)
        output = {"scales": c.scale(), "zero_points": c.zero_point()}
        shape = x.shape
    elif types == "float32 to int8":
        shape = c.shape(c.integer(1, 5))
        output = {"scales": c.scale(), "zero_points": c.zero_point()}
        x = c.input(shape, None, 0, dtype="float32")
        c.float_ranges[x.index] = output
        mean, deviation = -output["zero_points"] * output["scales"], 74 * output["scales"]
    elif types == "uint8 to int8":
        shape = c.shape(c.integer(1, 5))
        scale, zero_point = c.scale(), c.integer(0, 255)
        x = c.input(shape, scale, zero_point, dtype="uint8")
        mean, deviation = (127.5 - zero_point) * scale, 74 * scale
        output = {"scales": scale, "zero_points": zero_point - 128}
        if c.chance(0.6):
            output = c.quantization(mean, deviation, sharp=0.15)
        output["scales"] = max(output["scales"], scale / 2**16)
        covers["shift"] = "left" if scale / output["scales"] >= 1.0 else "right"
    else:
        x = c.pick(ranks=(0, 1, 2, 3, 4, 5))
        shape, mean, deviation = x.shape, x.real_mean, x.real_deviation
        output = c.quantization(mean, deviation, sharp=0.15)
        output["scales"] = max(output["scales"], x.scale / 2**16)
        covers["shift"] = "left" if x.scale / output["scales"] >= 1.0 else "right"
        if types == "int8 to uint8":
            y = c.writer.tensor(shape, "uint8", output["scales"], output["zero_points"] + 128)
            c.emit(operator, [x], [y], covers=covers)
            c.result(y)
            return
    y = c.produce(shape, mean, deviation, **output)
    c.emit(operator, [x], [y], covers=covers)


@case("DEQUANTIZE")
def dequantize(c: Construction, operator: str):
    x = c.pick()
    y = c.writer.tensor(x.shape, "float32")
    c.emit(operator, [x], [y], covers={"rank": x.rank})
    c.floats.append(y)
    c.result(y)
