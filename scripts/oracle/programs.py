"""Runs the project's own programs on models and arrays, as a user would.

`Programs.convert` is always `swiftlet convert`; `Programs.infer` is `swiftlet run`, or whatever
the checks are given as `--runner` ("qemu-aarch64 -cpu cortex-a53 PATH/swiftletd infer").
"""
from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_SECONDS = 600


class ProgramFailure(Exception):
    """One of the programs ended with an error; the text is what it printed."""

    def __init__(self, command: list[str], code: int, text: str):
        self.command, self.code = command, code
        self.message = text.strip().splitlines()[-1] if text.strip() else "(printed nothing)"
        super().__init__(f"exit {code}: {self.message}")


@dataclass
class Programs:
    swiftlet: list[str]
    runner: list[str]

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser):
        parser.add_argument("--swiftlet", default=os.environ.get("SWIFTLET", "swiftlet"),
                            metavar="PATH", help="the workstation program (converts the models)")
        parser.add_argument("--runner", metavar="COMMAND",
                            help="command that takes the place of 'swiftlet run', for example "
                                 "'qemu-aarch64 -cpu cortex-a53 PATH/swiftletd infer'")

    @classmethod
    def from_arguments(cls, arguments) -> Programs:
        swiftlet = shlex.split(arguments.swiftlet)
        runner = shlex.split(arguments.runner) if arguments.runner else [*swiftlet, "run"]
        return cls(swiftlet, runner)

    def convert(self, model: Path, converted: Path):
        self.call([*self.swiftlet, "convert", str(model), "-o", str(converted)])

    def infer(self, converted: Path, inputs: list[Path], outputs: list[Path],
              independent=False) -> list[np.ndarray]:
        self.call(self.infer_command(converted, inputs, outputs, independent))
        return [np.load(path, allow_pickle=False) for path in outputs]

    def infer_command(self, converted: Path, inputs: list[Path], outputs: list[Path],
                      independent=False) -> list[str]:
        command = [*self.runner, str(converted)]
        for path in inputs:
            command += ["--input", str(path)]
        for path in outputs:
            command += ["--output", str(path)]
        return command + ["--raw"] + (["--independent"] if independent else [])

    def inspect(self, converted: Path) -> dict:
        return json.loads(self.call([*self.swiftlet, "inspect", str(converted), "--json"]))

    @staticmethod
    def call(command: list[str]) -> str:
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace",
                                  timeout=TIMEOUT_SECONDS, stdin=subprocess.DEVNULL)
        except FileNotFoundError:
            raise SystemExit(f"error: {command[0]}: no such program; build it, or name it with "
                             "--swiftlet or --runner") from None
        except subprocess.TimeoutExpired:
            raise ProgramFailure(command, -1, f"no end within {TIMEOUT_SECONDS} s") from None
        if done.returncode != 0:
            raise ProgramFailure(command, done.returncode, done.stderr or done.stdout)
        return done.stdout


@dataclass
class Difference:
    """How an output differs from the expected one. `bytes` counts differing bytes."""
    bytes: int
    description: str


def compare(expected: np.ndarray, found: np.ndarray) -> Difference | None:
    """None when type, shape and every byte agree. A leading dimension of 1 in the tensor's own
    shape may be there or not."""
    allowed = {expected.shape}
    if expected.shape[1:2] == (1,):
        allowed.add(expected.shape[:1] + expected.shape[2:])
    if expected.dtype != found.dtype:
        return Difference(expected.nbytes, f"type {found.dtype} instead of {expected.dtype}")
    if found.shape not in allowed:
        return Difference(expected.nbytes, f"shape {found.shape} instead of {expected.shape}")
    a = np.frombuffer(expected.tobytes(), np.uint8)
    b = np.frombuffer(found.tobytes(), np.uint8)
    differing = int((a != b).sum())
    if differing == 0:
        return None
    flat_a, flat_b = expected.reshape(len(expected), -1), found.reshape(len(found), -1)
    wrong = np.argwhere(flat_a.view(np.uint8) != flat_b.view(np.uint8))
    sample, place = int(wrong[0][0]), int(wrong[0][1]) // expected.itemsize
    return Difference(differing, f"{differing} of {a.size} bytes, first in sample {sample} "
                                 f"element {place}: {flat_b[sample, place]} instead of "
                                 f"{flat_a[sample, place]}")
