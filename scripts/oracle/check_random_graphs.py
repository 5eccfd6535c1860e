"""Compares Swiftlet with TensorFlow Lite Micro, byte for byte, on random graphs.

  python check_random_graphs.py --count 300 --swiftlet PATH [--seed 1] [--only SEED]
                                [--runner 'qemu-aarch64 -cpu cortex-a53 PATH/swiftletd infer']
                                [--images]

Every graph is converted and run; streaming graphs twice, with state that survives and with
`--independent`. A graph that the converter or the runner refuses counts as a failure. Failing
graphs are kept with their inputs, the expected and the found outputs, and the commands.

With `--images` the graphs are such that the converter groups operators to run in bands of rows;
it counts as a failure where it does so nowhere.
"""
from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from programs import ROOT, ProgramFailure, Programs, compare
from random_graphs import Graph, Statistics, make_graph, save
from tflm import Oracle

AHEAD = 8  # graphs made before the results of the first are in


@dataclass
class Outcome:
    graph: Graph
    bytes_compared: int = 0
    bytes_wrong: int = 0
    groups: int = 0
    refusal: str = ""
    details: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return bool(self.refusal or self.details)


def check(graph: Graph, programs: Programs, folder: Path) -> Outcome:
    """Converts and runs one graph in `folder`, which holds everything afterwards."""
    outcome = Outcome(graph)
    save(graph, folder)
    converted = folder / "graph.swl"
    inputs = [folder / f"input_{i}.npy" for i in range(len(graph.inputs))]
    for index, path in enumerate(inputs):
        # The tensor's leading 1 may be left out of an array: half of the graphs leave it out.
        values = graph.inputs[index]
        if graph.seed % 2 and values.ndim > 2 and values.shape[1] == 1:
            np.save(path, values.reshape(values.shape[0], *values.shape[2:]))
    runs = [("found", graph.expected, False)]
    if graph.expected_independent is not None:
        runs.append(("found_independent", graph.expected_independent, True))
    try:
        programs.convert(folder / "graph.tflite", converted)
        if graph.images:
            outcome.groups = len(programs.inspect(converted)["groups"])
        for name, expected, independent in runs:
            outputs = [folder / f"{name}_{i}.npy" for i in range(len(expected))]
            found = programs.infer(converted, inputs, outputs, independent)
            for i, (right, ours) in enumerate(zip(expected, found)):
                outcome.bytes_compared += right.nbytes
                difference = compare(right, ours)
                if difference:
                    outcome.bytes_wrong += difference.bytes
                    outcome.details.append(f"{name}_{i}: {difference.description}")
    except ProgramFailure as failure:
        outcome.refusal = failure.message.replace(str(folder) + "/", "")
        outcome.details.append(f"{shlex.join(failure.command)}: {failure}")
    if outcome.failed:
        outputs = [folder / f"again_{i}.npy" for i in range(len(graph.expected))]
        commands = [[*programs.swiftlet, "convert", str(folder / "graph.tflite"), "-o",
                     str(converted)], programs.infer_command(converted, inputs, outputs)]
        (folder / "report.txt").write_text("\n".join(
            [f"seed {graph.seed}", "operators: " + " ".join(graph.operators), *outcome.details,
             *(shlex.join(command) for command in commands)]) + "\n")
    return outcome


class Tally:
    """The outcomes so far, and the folder that keeps the failing graphs."""

    def __init__(self, keep: Path, programs: Programs):
        self.keep, self.programs = keep, programs
        self.statistics = Statistics()
        self.bytes = self.wrong = self.failed = self.groups = 0
        self.refusals: Counter = Counter()
        self.blamed: Counter = Counter()
        self.seen: Counter = Counter()

    def add(self, outcome: Outcome, folder: Path):
        graph = outcome.graph
        self.statistics.add(graph)
        self.bytes += outcome.bytes_compared
        self.wrong += outcome.bytes_wrong
        self.groups += outcome.groups
        self.seen.update(set(graph.operators))
        if not outcome.failed:
            shutil.rmtree(folder)
            return
        self.failed += 1
        self.blamed.update(set(graph.operators))
        if outcome.refusal:
            self.refusals[outcome.refusal] += 1
        kept = self.keep / f"seed_{graph.seed}"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.move(folder, kept)
        report = kept / "report.txt"
        report.write_text(report.read_text().replace(str(folder), str(kept)))
        print(f"\nseed {graph.seed} ({' '.join(graph.operators)}): {outcome.details[0]}\n"
              f"  kept in {kept}", file=sys.stderr)

    def print_report(self, seconds: float):
        print(self.statistics.report())
        if self.failed:
            print("operators of failing graphs, failing of all that have it:")
            for name, n in sorted(self.blamed.items(), key=lambda i: -i[1] / self.seen[i[0]]):
                print(f"  {name:<18} {n:>4} of {self.seen[name]}")
        for message, n in self.refusals.most_common():
            print(f"refused {n} times: {message}")
        print(f"{self.statistics.graphs} graphs, {self.bytes} outputs bytes compared, "
              f"{self.wrong} mismatches"
              + (f", {self.groups} groups in bands" if self.groups else "")
              + (f", {self.failed} graphs failed" if self.failed else "")
              + f" ({seconds:.0f} s)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    Programs.add_arguments(parser)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1, help="seed of the first graph")
    parser.add_argument("--only", type=int, metavar="SEED", help="check this one graph")
    parser.add_argument("--images", action="store_true", help="chains that run in bands of rows")
    parser.add_argument("--jobs", type=int, default=2, help="programs run at once")
    parser.add_argument("--keep", type=Path, default=ROOT / ".build" / "failing-graphs",
                        metavar="FOLDER", help="where failing graphs are kept")
    parser.add_argument("--stop-after", type=int, default=50, metavar="FAILURES")
    arguments = parser.parse_args()
    programs = Programs.from_arguments(arguments)
    seeds = [arguments.only] if arguments.only is not None else list(range(
        arguments.seed, arguments.seed + arguments.count))
    start = time.monotonic()
    tally = Tally(arguments.keep, programs)
    with (tempfile.TemporaryDirectory(prefix="random-graphs-") as scratch, Oracle() as oracle,
          ThreadPoolExecutor(arguments.jobs) as pool):
        waiting = []

        def collect():
            folder, future = waiting.pop(0)
            tally.add(future.result(), folder)
            done = tally.statistics.graphs
            if done % 10 == 0 or done == len(seeds):
                print(f"\r{done} of {len(seeds)} graphs, {tally.bytes} bytes compared, "
                      f"{tally.failed} failed", end="", file=sys.stderr, flush=True)

        for seed in seeds:
            graph = make_graph(seed, oracle, arguments.images)
            folder = Path(scratch) / f"seed_{seed}"
            waiting.append((folder, pool.submit(check, graph, programs, folder)))
            if len(waiting) >= AHEAD:
                collect()
            if tally.failed >= arguments.stop_after:
                print(f"\nstopped after {tally.failed} failing graphs", file=sys.stderr)
                break
        while waiting:
            collect()
    print(file=sys.stderr)
    tally.print_report(time.monotonic() - start)
    if arguments.images and not tally.groups:
        sys.exit("error: no graph runs in bands")
    sys.exit(1 if tally.failed else 0)


if __name__ == "__main__":
    main()
