"""Measures LiteRT, TensorFlow Lite Micro and Swiftlet in turns and prints the table of ratios.

  python benchmark.py --swiftlet PATH [--seconds S] [--rounds N] [--json FILE] [--smoke] MODEL...

`scripts/bench-peers` prepares what this needs and calls it.
"""
from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import machine
import table
from results import Results
from runtimes import MeasurementFailure, Model, Runtime, convert, ours, peers

SMOKE_SECONDS, SMOKE_ROUNDS = 0.02, 1
EXIT_FAILED, EXIT_USAGE, EXIT_DATA, EXIT_NO_INPUT, EXIT_CANNOT_CREATE = 1, 64, 65, 66, 73


def say(text: str):
    print(f"bench-peers: {text}", file=sys.stderr, flush=True)


def fail(status: int, text: str):
    say(f"error: {text}")
    sys.exit(status)


def measure(models: list[Model], runtimes: list[Runtime], seconds: float, rounds: int) -> Results:
    """Round after round, model after model, every runtime in turn. Each round starts one runtime
    further on, so that none always runs in the wake of the same neighbour."""
    results = Results(models, runtimes)
    for number in range(rounds):
        shift = number % len(runtimes)
        order = runtimes[shift:] + runtimes[:shift]
        for model in models:
            say(f"round {number + 1} of {rounds}: {model.name}")
            for runtime in order:
                series = results.series(model, runtime)
                if series.failure is not None:
                    continue
                try:
                    series.measurements.append(runtime.measure(model, seconds))
                except MeasurementFailure as failure:
                    series.failure = str(failure)
                    say(f"{model.name}: {runtime.title}: {failure}")
    return results


def write_json(path: Path, content: dict):
    """Appears complete under its name or not at all."""
    partial = path.with_name(f"{path.name}.partial-{os.getpid()}")
    try:
        partial.write_text(json.dumps(content, indent=1) + "\n")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        fail(EXIT_CANNOT_CREATE, f"{path}: {error.strerror}; name another file with --json")


class Parser(argparse.ArgumentParser):
    def error(self, message: str):
        fail(EXIT_USAGE, f"{message}; scripts/bench-peers --help tells more")


def parse() -> argparse.Namespace:
    parser = Parser(prog="bench-peers", description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL.tflite")
    parser.add_argument("--swiftlet", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--smoke", action="store_true")
    arguments = parser.parse_intermixed_args()
    if arguments.smoke:
        arguments.seconds, arguments.rounds = SMOKE_SECONDS, SMOKE_ROUNDS
    if not 0.001 <= arguments.seconds <= 3600 or arguments.rounds < 1:
        parser.error("--seconds takes 0.001 to 3600, --rounds at least 1")
    return arguments


def main():
    arguments = parse()
    for path in arguments.models:
        if not path.is_file():
            fail(EXIT_NO_INPUT, f"{path}: no such file; name .tflite models")
    about = machine.describe(arguments.swiftlet)
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as folder:
        models = []
        for index, path in enumerate(arguments.models):
            try:
                models.append(convert(arguments.swiftlet, path, Path(folder), index))
            except MeasurementFailure as failure:
                fail(EXIT_DATA, f"{path}: cannot be converted: {failure}")
        try:
            runtimes = [*peers(), *ours(arguments.swiftlet, models[0])]
        except MeasurementFailure as failure:
            fail(EXIT_FAILED, f"{arguments.models[0]}: {failure}")
        turns = len(models) * len(runtimes) * arguments.rounds
        say(f"{turns} measurements, about {turns * (arguments.seconds + 0.4) / 60:.1f} minutes")
        results = measure(models, runtimes, arguments.seconds, arguments.rounds)
    print(table.markdown(results, about, arguments.seconds, arguments.rounds))
    if arguments.smoke:
        print("\nA smoke run is too short for its times to be compared.")
    if arguments.json is not None:
        write_json(arguments.json, {"machine": about, "seconds": arguments.seconds,
                                    "rounds": arguments.rounds, **results.summary()})
    for problem in results.problems():
        say(f"problem: {problem}")
    sys.exit(EXIT_FAILED if results.problems() else 0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
