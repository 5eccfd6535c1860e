"""Writes what TensorFlow Lite Micro answers for every input byte of element-wise operators.

  lookup_vectors.py OUT.txt

Each case is one operator between two quantizations, run on all 256 inputs (softmax: on rows of
them; quantization of real numbers: on numbers at and next to ties). One line a case:

  operator input-type scale zero-point output-type scale zero-point extra input-hex output-hex

Scales and `extra` (slope, beta, row length) are exact: hexadecimal floating point. The file is a
fixture of Tests/FixedPointTests; it changes only when this script or the pinned reference does.
"""
from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from tflite_writer import ModelWriter
from tflm import Oracle, OracleRefusal

SEED = 20261123


@dataclass(frozen=True)
class Quantized:
    """An element type with its scale and zero point; float32 has neither."""
    dtype: str
    scale: float = 0.0
    zero_point: int = 0

    def tensor(self, graph, shape):
        if self.dtype == "float32":
            return graph.tensor(shape, "float32")
        return graph.tensor(shape, self.dtype, scales=self.scale, zero_points=self.zero_point)

    def __str__(self):
        return f"{self.dtype} {float(np.float32(self.scale)).hex()} {self.zero_point}"


def model(operator, source, target, shape, **options) -> bytes:
    writer = ModelWriter(f"one {operator}")
    graph = writer.subgraph("main")
    x, y = source.tensor(graph, shape), target.tensor(graph, shape)
    graph.operator(operator, [x], [y], **options)
    graph.interface([x], [y])
    return writer.to_bytes()


def all_bytes(dtype):
    limits = np.iinfo(dtype)
    return np.arange(limits.min, limits.max + 1, dtype=np.int16).astype(dtype)


def cases(rng):
    """Yields (operator, source, target, extra, options, input values)."""
    def int8(scale, zero_point=None):
        if zero_point is None:
            zero_point = int(rng.choice([-128, 127, 0, rng.integers(-128, 128)]))
        return Quantized("int8", scale, zero_point)

    def uint8(scale):
        return Quantized("uint8", scale, int(rng.choice([0, 255, 128, rng.integers(0, 256)])))

    def scale(low, high):
        return float(np.float32(2.0 ** rng.uniform(low, high)))

    x = all_bytes("int8")
    for s in [2.0**-28, 2.0**-10, 1 / 128, 0.03, 1 / 16, 0.1, 0.5, 7.99, 8.0, 16.0, 1e6,
              *(scale(-8, 0) for _ in range(9))]:
        yield "LOGISTIC", int8(s), Quantized("int8", 1 / 256, -128), 0, {}, x
        yield "TANH", int8(s), Quantized("int8", 1 / 128, 0), 0, {}, x
    for _ in range(12):
        yield "RELU", int8(scale(-6, 3)), int8(scale(-6, 3)), 0, {}, x
        q = int8(scale(-7, 3))
        yield "RELU6", q, q, 0, {}, x
    for slope in [0.0, 0.01, 0.1, 0.3, 0.5, 1.0, 2.5, -0.75, -0.5, -0.25, -1.5,
                  *(rng.uniform(-0.5, 1.5) for _ in range(8))]:
        slope = float(np.float32(slope))
        yield "LEAKY_RELU", int8(scale(-5, 2)), int8(scale(-5, 2)), slope, {"alpha": slope}, x
        if slope < 0:  # one scale: products that are exact ties
            q = int8(scale(-5, 2), 64)
            yield "LEAKY_RELU", q, q, slope, {"alpha": slope}, x
    for _ in range(20):
        source = scale(-8, 2)
        target = source * scale(-6.9, 8)  # the reference refuses 1/128 of the input and less
        yield "HARD_SWISH", int8(source), int8(target), 0, {}, x
    for ratio in [1.0, 2.0, 0.5, 1.5, 0.75, 255.0, 2.0**-9, 2.0**-20, 2.0**20]:
        s = scale(-8, 0)
        yield "QUANTIZE", int8(s * ratio), int8(s), 0, {}, x
    for _ in range(8):
        yield "QUANTIZE", int8(scale(-6, 0)), int8(scale(-6, 0)), 0, {}, x
        yield "QUANTIZE", int8(scale(-6, 0)), uint8(scale(-6, 0)), 0, {}, x
        yield "QUANTIZE", uint8(scale(-6, 0)), int8(scale(-6, 0)), 0, {}, all_bytes("uint8")
    same = scale(-6, 0)
    yield "QUANTIZE", int8(same, 0), Quantized("uint8", same, 128), 0, {}, x
    yield "QUANTIZE", Quantized("uint8", same, 128), int8(same, 0), 0, {}, all_bytes("uint8")
    for _ in range(8):
        target = int8(scale(-8, 2))
        ties = (np.arange(-150, 151) + 0.5).astype(np.float32) * np.float32(target.scale)
        values = np.concatenate([ties, np.nextafter(ties, np.float32(np.inf)),
                                 np.nextafter(ties, np.float32(-np.inf))])
        yield "QUANTIZE", Quantized("float32"), target, 0, {}, values
    for s, beta in [(1 / 16, 1.0), (0.1, 1.0), (0.25, 0.5), (1.0, 1.0), (4.0, 1.0), (16.0, 1.0),
                    (20.0, 3.0), (2.0**-20, 1.0), *((scale(-9, 2), scale(-2, 2)) for _ in range(8))]:
        for depth in (1, 2, 4, 12, 256):
            beta = float(np.float32(beta))
            values = (x if depth == 256 else rng.choice(x, 240)).reshape(-1, depth)
            yield ("SOFTMAX", int8(s), Quantized("int8", 1 / 256, -128), beta, {"beta": beta},
                   rng.permutation(values))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    rng = np.random.default_rng(SEED)
    lines = [f"# tflite-micro {version('tflite-micro')}, lookup_vectors.py, seed {SEED}"]
    with Oracle() as oracle:
        for operator, source, target, extra, options, values in cases(rng):
            try:
                [output] = oracle.run(
                    model(operator, source, target, values.shape, **options), [values[None]])
            except OracleRefusal as refusal:
                sys.exit(f"error: {operator} {source} -> {target}: {refusal}")
            row = values.shape[-1] if operator == "SOFTMAX" else 0
            lines.append(f"{operator} {source} {target} {float(extra).hex()} {row} "
                         f"{values.tobytes().hex()} {output.tobytes().hex()}")
    Path(sys.argv[1]).write_text("\n".join(lines) + "\n")
    print(f"{len(lines) - 1} cases", file=sys.stderr)


if __name__ == "__main__":
    main()
