"""Makes small random int8 graphs over all supported operators and options.

  python random_graphs.py --count 300 --seed 1 [--save FOLDER] [--only SEED]

Every graph has its own seed (first seed, first seed + 1, ...) and can be made again alone with
`--only SEED`. A graph that the reference runtime refuses is made again from the same seed and
the next attempt; the refusals are counted by operator. Prints what the graphs cover, and how
many of their outputs say nothing because they are constant or saturated.

With `--images` the graphs are chains over larger images, of the operators that the converter
groups to run in bands of rows.
"""
from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cases import CASES, EXPECTED, WEIGHTS
from construction import Construction
from tflite_writer import Tensor
from tflm import Oracle, OracleRefusal

ATTEMPTS = 20
RANDOM_SAMPLES = 4
EDGE_SAMPLES = 3  # all minimum, all maximum, zero point
STREAM_SAMPLES = 12
MISSING_SHOWN = 12
IMAGE_OPERATORS = {"CONV_2D": 5, "DEPTHWISE_CONV_2D": 3, "AVERAGE_POOL_2D": 0.5,
                   "MAX_POOL_2D": 0.5, "ADD": 1, "MUL": 0.3, "MAXIMUM": 0.3, "LOGISTIC": 0.3}


@dataclass
class Graph:
    """A model, samples for its inputs, and what the reference runtime answers."""
    seed: int
    model: bytes
    operators: list[str]
    stateful: bool
    inputs: list[np.ndarray]
    expected: list[np.ndarray]
    expected_independent: list[np.ndarray] | None  # state reset before every sample
    coverage: Counter
    images: bool
    refusals: list[tuple[str, str]] = field(default_factory=list)


def grow(seed: int, attempt: int, images: bool) -> Construction:
    """The graph of a seed; its operators include one that the seed alone decides."""
    c = Construction([seed, attempt], images)
    if images:
        c.pick(ranks=(4,))
        for _ in range(c.integer(2, 6)):
            name = c.choose(list(IMAGE_OPERATORS), list(IMAGE_OPERATORS.values()))
            for _ in range(4):
                if c.attempt(lambda: CASES[name](c, name)):
                    break
        return c
    names = list(CASES)
    wanted = [c.choose(names, [WEIGHTS[name] for name in names])
              for _ in range(c.choose([0, c.integer(1, 3), c.integer(4, 7)], [3, 4, 3]))]
    wanted.insert(c.integer(0, len(wanted)), names[seed % len(names)])
    for name in wanted:
        for _ in range(4):
            if c.attempt(lambda: CASES[name](c, name)):
                break
    return c


def finish(c: Construction):
    """Chooses the graph's outputs: whatever nobody reads, and sometimes a value in between."""
    input_indices = {t.index for t in c.inputs}
    made = [v.tensor for v in c.values if v.tensor.index not in input_indices]
    outputs = [t for t in made if t.index not in c.consumed]
    outputs += [t for t in c.results if t.index not in c.consumed or c.chance(0.5)]
    between = [t for t in made if t.index in c.consumed]
    if between and (not outputs or c.chance(0.15)):
        outputs.append(c.choose(between))
        c.coverage["(graph)", "output also read inside"] += 1
    order = c.rng.permutation(len(outputs))
    outputs = [outputs[i] for i in order]
    inputs = [t for t in c.inputs if t.index in c.consumed]
    if c.initialization is not None:
        operators = c.writer.table.operators
        c.writer.operator("CALL_ONCE", [], [], initSubgraphIndex=1)
        operators.insert(0, operators.pop())
    c.writer.interface(inputs, outputs)
    c.coverage["(graph)", f"inputs={len(inputs)}"] += 1
    many = len(outputs) if len(outputs) < 4 else "4 or more"
    c.coverage["(graph)", f"outputs={many}"] += 1
    return inputs, outputs


def random_sample(rng: np.random.Generator, tensor: Tensor, read_with: dict | None) -> np.ndarray:
    """One sample: over the whole range, or close to the zero point where rounding shows."""
    kind = rng.choice(["whole", "near", "middle"], p=[0.5, 0.2, 0.3])
    if tensor.dtype == "float32":
        scale, zero_point = read_with["scales"], read_with["zero_points"]
        steps = rng.integers(-280, 280, tensor.shape) / 2.0  # halves are ties of the rounding
        if kind != "whole":
            steps = rng.normal(0, 3 if kind == "near" else 200, tensor.shape)
        return ((steps - zero_point) * np.float32(scale)).astype(np.float32)
    low, high = (-128, 127) if tensor.dtype == "int8" else (0, 255)
    if kind == "whole":
        return rng.integers(low, high + 1, tensor.shape).astype(tensor.dtype)
    spread = 3 if kind == "near" else 30
    values = np.rint(rng.normal(tensor.zero_point, spread, tensor.shape))
    return np.clip(values, low, high).astype(tensor.dtype)


def edge_samples(tensor: Tensor, read_with: dict | None) -> list[np.ndarray]:
    if tensor.dtype == "float32":
        values = [np.float32(-1e6 * read_with["scales"]), np.float32(1e6 * read_with["scales"]), 0]
    elif tensor.dtype == "int8":
        values = [-128, 127, tensor.zero_point]
    else:
        values = [0, 255, tensor.zero_point]
    return [np.full(tensor.shape, value, tensor.dtype) for value in values]


def samples(c: Construction, inputs: list[Tensor]) -> list[np.ndarray]:
    """For every input an array [samples, *shape]; edges come last, all inputs at one edge."""
    count = STREAM_SAMPLES if c.variables else RANDOM_SAMPLES
    arrays = []
    for tensor in inputs:
        read_with = c.float_ranges.get(tensor.index)
        drawn = [random_sample(c.rng, tensor, read_with) for _ in range(count)]
        arrays.append(np.stack(drawn + edge_samples(tensor, read_with)))
    return arrays


def make_graph(seed: int, oracle: Oracle, images=False) -> Graph:
    """The seed's graph with the reference runtime's outputs."""
    refusals = []
    for attempt in range(ATTEMPTS):
        c = grow(seed, attempt, images)
        if not c.writer.table.operators:
            continue
        inputs, outputs = finish(c)
        if not inputs or not outputs:
            continue
        model = c.model.to_bytes()
        values = samples(c, inputs)
        try:
            expected = oracle.run(model, values)
            independent = oracle.run(model, values, reset=True) if c.variables else None
        except OracleRefusal as refusal:
            refusals.append((refusal.operator, str(refusal)))
            continue
        operators = [name for (name, option), n in c.coverage.items()
                     if not option and not name.startswith("(") for _ in range(n)]
        return Graph(seed, model, operators, c.variables > 0, values, expected, independent,
                     c.coverage, images, refusals)
    raise RuntimeError(f"seed {seed}: no graph in {ATTEMPTS} attempts: {refusals[-1:]}")


class Statistics:
    """What a run of graphs covered, and how much their outputs say."""

    def __init__(self):
        self.graphs = self.outputs = self.constant = 0
        self.bytes = self.saturated = 0
        self.operators = 0
        self.coverage: Counter = Counter()
        self.refused: Counter = Counter()

    def add(self, graph: Graph):
        self.graphs += 1
        self.operators += len(graph.operators)
        self.coverage.update(graph.coverage)
        self.refused.update(operator for operator, _ in graph.refusals)
        for values in graph.expected:
            drawn = values[:-EDGE_SAMPLES]
            if values.dtype == np.int8 and drawn.size > 4:
                self.outputs += 1
                self.constant += bool((drawn == drawn.flat[0]).all())
                self.bytes += drawn.size
                self.saturated += int(((drawn == -128) | (drawn == 127)).sum())

    def missing(self) -> list[str]:
        """Operators and options that the cases promise and that no graph had."""
        return [f"{operator} {option}={choice}"
                for operator, options in EXPECTED.items()
                for option, choices in (options or {"": ("",)}).items()
                for choice in choices
                if not self.coverage[operator, f"{option}={choice}" if option else ""]]

    def report(self) -> str:
        lines = [f"{self.graphs} graphs, {self.operators} operators, "
                 f"refused by the reference and made again: "
                 + (", ".join(f"{name} {n}" for name, n in self.refused.most_common()) or "none")]
        lines.append(f"{self.constant} of {self.outputs} int8 outputs constant over the random "
                     f"samples, {self.saturated / max(self.bytes, 1):.0%} of bytes at an end")
        table: dict[str, list[str]] = {}
        for (operator, option), n in sorted(self.coverage.items()):
            table.setdefault(operator, [])
            if option:
                table[operator].append(f"{option}: {n}")
        for operator, options in table.items():
            count = self.coverage[operator, ""]
            lines.append(f"  {operator:<18}{count if count else '':>5}  {', '.join(options)}")
        missing = self.missing()
        shown = missing[:MISSING_SHOWN] + ["..."] * (len(missing) > MISSING_SHOWN)
        lines.append(f"options not covered: {len(missing)}" + ": " * bool(missing)
                     + ", ".join(shown))
        return "\n".join(lines)


def save(graph: Graph, folder: Path):
    """Keeps a graph as files: the model, `input_N.npy` and `expected_N.npy`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "graph.tflite").write_bytes(graph.model)
    for kind, arrays in (("input", graph.inputs), ("expected", graph.expected),
                         ("expected_independent", graph.expected_independent or [])):
        for i, values in enumerate(arrays):
            np.save(folder / f"{kind}_{i}.npy", values)


def main():
    parser = argparse.ArgumentParser(description="Make random int8 graphs and report on them.")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1, help="seed of the first graph")
    parser.add_argument("--only", type=int, metavar="SEED", help="make this one graph")
    parser.add_argument("--images", action="store_true", help="chains over larger images")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="keep the graphs as files")
    arguments = parser.parse_args()
    seeds = [arguments.only] if arguments.only is not None else range(
        arguments.seed, arguments.seed + arguments.count)
    statistics = Statistics()
    with Oracle() as oracle:
        for seed in seeds:
            graph = make_graph(seed, oracle, arguments.images)
            statistics.add(graph)
            for operator, message in graph.refusals:
                print(f"seed {seed}: refused {operator}: {message[-200:]}", file=sys.stderr)
            if arguments.save:
                save(graph, arguments.save / f"seed_{seed}")
    print(statistics.report())


if __name__ == "__main__":
    main()
