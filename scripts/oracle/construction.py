"""A random int8 graph while it grows.

A case (see `cases/`) picks an operand with `pick`, chooses options with `choose`, and appends
operators with `emit`. Each value carries an estimate of its spread, so that the next operator
can be given an output scale under which its results are neither all alike nor all saturated.
"""
from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from tflite_writer import ACTIVATIONS, ModelWriter, Tensor

MAX_ELEMENTS = 4096
MAX_IMAGE_ELEMENTS = 1 << 19
MAX_INPUTS = 6


class Dropped(Exception):
    """A case does not apply to what was drawn; the graph goes on without it."""


@dataclass(frozen=True)
class Value:
    """An int8 tensor with the expected mean and deviation of its elements, in steps of scale."""
    tensor: Tensor
    mean: float
    deviation: float

    @property
    def shape(self) -> tuple[int, ...]:
        return self.tensor.shape

    @property
    def rank(self) -> int:
        return len(self.tensor.shape)

    @property
    def scale(self) -> float:
        return self.tensor.scale

    @property
    def zero_point(self) -> int:
        return self.tensor.zero_point

    @property
    def real_mean(self) -> float:
        return (self.mean - self.zero_point) * self.scale

    @property
    def real_deviation(self) -> float:
        return max(self.deviation, 0.25) * self.scale

    @property
    def quantization(self) -> dict:
        """The tensor's scale and zero point as arguments for another tensor."""
        return {"scales": self.scale, "zero_points": self.zero_point}


class Construction:
    def __init__(self, seed: list[int], images=False):
        """With `images` the inputs of rank 4 are large, and so may be what is made of them."""
        self.images = images
        self.rng = np.random.default_rng(seed)
        self.model = ModelWriter("random graph " + " ".join(map(str, seed)))
        self.writer = self.model.subgraph("main")
        self.initialization = None  # the subgraph CALL_ONCE runs, once a variable wants one
        self.values: list[Value] = []
        self.floats: list[Tensor] = []
        self.inputs: list[Tensor] = []
        self.results: list[Tensor] = []
        self.consumed: set[int] = set()
        self.coverage: Counter[tuple[str, str]] = Counter()
        self.variables = 0
        self.float_ranges: dict[int, dict] = {}  # quantization that a float input is read with

    def attempt(self, step) -> bool:
        """Runs a step of growth; a step that drops out leaves nothing behind."""
        lists = [self.values, self.floats, self.inputs, self.results]
        lengths = self.table_lengths()
        copies = [list(items) for items in lists]
        consumed, coverage = set(self.consumed), Counter(self.coverage)
        variables, initialization = self.variables, self.initialization
        try:
            step()
            return True
        except Dropped:
            for items, copy in zip(lists, copies):
                items[:] = copy
            self.consumed, self.coverage = consumed, coverage
            self.variables, self.initialization = variables, initialization
            for table, length in zip(self.tables(), lengths):
                del table[length:]
            return False

    def tables(self) -> list[list]:
        subgraphs = self.model.table.subgraphs
        return [subgraphs, self.model.table.buffers,
                *(table for s in subgraphs for table in (s.tensors, s.operators))]

    def table_lengths(self) -> list[int]:
        return [len(table) for table in self.tables()]

    # Drawing

    def choose(self, options, weights=None):
        if weights is not None:
            weights = np.asarray(weights, float) / np.sum(weights)
        return options[int(self.rng.choice(len(options), p=weights))]

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def integer(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def log_uniform(self, low: float, high: float) -> float:
        return float(math.exp(self.rng.uniform(math.log(low), math.log(high))))

    def shape(self, rank: int) -> tuple[int, ...]:
        """A shape of this rank whose first dimension is 1 (batch) unless the rank is 1."""
        if rank == 0:
            return ()
        channels = self.choose([self.integer(1, 9), self.integer(10, 24), 16, 32, 64],
                               [6, 2, 1, 1, 0.3])
        if rank == 1:
            return (channels,)
        if rank == 4 and self.images:
            return (1, self.integer(32, 96), self.integer(32, 96), self.choose([3, 8, 16, 32]))
        longest = {2: 9, 3: 12, 4: 9, 5: 5}[rank]
        middle = [self.integer(1, longest) for _ in range(rank - 2)]
        return (1, *middle, channels)

    def scale(self) -> float:
        return self.choose([self.log_uniform(0.004, 0.15), self.log_uniform(1e-4, 30.0),
                            self.log_uniform(1e-9, 1e5)], [70, 24, 6])

    def zero_point(self) -> int:
        return self.choose([self.integer(-128, 127), self.integer(-20, 20), -128, 127, 0],
                           [35, 25, 15, 10, 15])

    def activation(self, deviation: float) -> str:
        """A fused activation that leaves something of values with this real deviation."""
        allowed = ["NONE", "RELU"]
        if 0.3 < deviation < 60:
            allowed.append("RELU6")
        if 0.05 < deviation < 12:
            allowed.append("RELU_N1_TO_1")
        return self.choose(allowed)

    def quantization(self, mean: float, deviation: float, sharp=0.06) -> dict:
        """A scale and a zero point for results with this real mean and deviation.

        Mostly the results fit; with probability `sharp` the scale is much too fine, so that the
        multiplier is large (a left shift) and only results near the centre stay unsaturated.
        """
        deviation = max(deviation, abs(mean) * 1e-3, 1e-30)
        scale = deviation / self.log_uniform(20.0, 80.0)
        if self.chance(sharp):
            scale /= self.log_uniform(2.0, 200.0)
        zero_point = self.zero_point()
        centre = zero_point + mean / scale
        if not -150 < centre < 150 or self.chance(0.5):
            # A zero point out of int8 for the mean to be in the middle: the scale must give way.
            scale = max(scale, abs(mean) / 180.0)
            zero_point = int(np.clip(round(self.rng.uniform(-40, 40) - mean / scale), -128, 127))
        return {"scales": scale, "zero_points": zero_point}

    # Operands

    def pick(self, accept=lambda value: True, ranks=(1, 2, 3, 4, 5)) -> Value:
        """A live value of one of these ranks that the caller accepts, or a new input."""
        fitting = [v for v in self.values if v.rank in ranks and accept(v)]
        if fitting and not self.chance(0.08):
            recent = fitting[-1]
            return recent if self.images or self.chance(0.65) else self.choose(fitting)
        for _ in range(50):
            shape = self.shape(self.choose([rank for rank in ranks if rank > 0]))
            value = Value(Tensor(-1, shape, "int8", (self.scale(),), (self.zero_point(),)), 0, 74)
            if accept(value):
                return self.input(shape, **value.quantization)
        raise Dropped

    def input(self, shape, scales, zero_points, dtype="int8"):
        """A new graph input: a `Value`, or a bare tensor where the type is not int8."""
        if len(self.inputs) == MAX_INPUTS:
            raise Dropped
        tensor = self.writer.tensor(shape, dtype, scales, zero_points,
                                    name=f"input_{len(self.inputs)}")
        self.inputs.append(tensor)
        if dtype != "int8":
            return tensor
        value = Value(tensor, -0.5, 74.0)
        self.values.append(value)
        return value

    def constant(self, shape, scales, zero_points) -> Value:
        """An int8 constant that sometimes is wide, sometimes narrow, sometimes extreme."""
        shape = tuple(shape)
        kind = self.choose(["wide", "narrow", "extreme"], [6, 3, 1])
        if kind == "wide":
            data = self.rng.integers(-128, 128, shape)
        elif kind == "narrow":
            data = np.clip(zero_points + self.rng.integers(-4, 5, shape), -128, 127)
        else:
            data = self.rng.choice([-128, 127, zero_points], shape)
        data = np.asarray(data, np.int8)
        tensor = self.writer.tensor(shape, "int8", scales, zero_points, data=data)
        return Value(tensor, float(np.mean(data)), max(float(np.std(data)), 1.0))

    # Growth

    def produce(self, shape, mean: float, deviation: float, scales, zero_points) -> Value:
        """A new int8 tensor; mean and deviation are real numbers, not steps."""
        shape = tuple(int(d) for d in shape)
        largest = MAX_IMAGE_ELEMENTS if self.images else MAX_ELEMENTS
        if not 1 <= int(np.prod(shape, dtype=np.int64)) <= largest:
            raise Dropped
        tensor = self.writer.tensor(shape, "int8", scales, zero_points)
        steps_mean = float(np.clip(zero_points + mean / tensor.scale, -127, 127))
        steps_deviation = float(np.clip(deviation / tensor.scale, 0.5, 90.0))
        return Value(tensor, steps_mean, steps_deviation)

    def like(self, source: Value, shape) -> Value:
        """A new tensor whose elements are the source's, moved or selected."""
        return self.produce(shape, source.real_mean, source.real_deviation, **source.quantization)

    def emit(self, operator: str, inputs, outputs, options=None, covers=None):
        """Appends an operator; `covers` names the options that the coverage table counts."""
        def bare(item):
            return item.tensor if isinstance(item, Value) else item
        options = dict(options or {})
        if "fusedActivationFunction" in options:
            options["fusedActivationFunction"] = ACTIVATIONS[options["fusedActivationFunction"]]
        tensors = [bare(item) for item in inputs]
        self.writer.operator(operator, tensors, [bare(item) for item in outputs], **options)
        self.consumed.update(t.index for t in tensors if t is not None)
        self.coverage[operator, ""] += 1
        for option, choice in (covers or {}).items():
            self.coverage[operator, f"{option}={choice}"] += 1
        for item in outputs:
            if isinstance(item, Value):
                self.values.append(item)
                self.coverage["(tensor)", f"rank={item.rank}"] += 1
                if item.zero_point in (-128, 127, 0):
                    self.coverage["(tensor)", f"zero point={item.zero_point}"] += 1

    def result(self, tensor: Tensor):
        """Declares a tensor that is not int8 to be an output of the graph."""
        self.results.append(tensor)
