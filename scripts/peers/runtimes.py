"""The runtimes that are compared: each is a command that prints one JSON line a measurement."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PEER_PROGRAM = Path(__file__).with_name("peer.py")
# A measurement's process also loads packages and the model, and finishes a last slow run.
STARTUP_TIMEOUT_SECONDS = 120

# Kernel variants of SWIFTLET_ISA, the fastest of each architecture last.
VARIANTS = ("portable", "avx2", "avx512vnni", "neon", "neondot", "i8mm")
EXIT_USAGE = 64


class MeasurementFailure(Exception):
    """A program did not give a figure; the text is the last line it printed."""

    def __init__(self, message: str, status: int | None = None):
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Model:
    name: str
    tflite: Path
    converted: Path


@dataclass(frozen=True)
class Runtime:
    """`key` names it in JSON, `title` in tables. `variant` forces Swiftlet's kernels."""
    key: str
    title: str
    swiftlet: Path | None = None
    variant: str | None = None

    @property
    def is_ours(self) -> bool:
        return self.swiftlet is not None

    def measure(self, model: Model, seconds: float) -> dict:
        """One measurement: runs, min_us, median_us, output_hash. Raises MeasurementFailure."""
        if self.is_ours:
            command = [str(self.swiftlet), "bench", str(model.converted), "--json"]
        else:
            command = [sys.executable, str(PEER_PROGRAM), self.key, str(model.tflite)]
        command += ["--seconds", str(seconds)]
        environment = {name: value for name, value in os.environ.items()
                       if name != "SWIFTLET_ISA"}
        if self.variant is not None:
            environment["SWIFTLET_ISA"] = self.variant
        return json.loads(call(command, environment, seconds + STARTUP_TIMEOUT_SECONDS))


def peers() -> list[Runtime]:
    return [Runtime("litert-xnnpack", "LiteRT, XNNPACK"),
            Runtime("litert-builtin", "LiteRT, own kernels"),
            Runtime("tflm", "TFLM")]


def ours(swiftlet: Path, model: Model) -> list[Runtime]:
    """Swiftlet as it chooses by itself, then each lesser variant this processor can run."""
    chosen = Runtime("swiftlet", "Swiftlet", swiftlet)
    chosen.measure(model, 0.001)  # whatever fails here fails for every variant
    available = []
    for variant in VARIANTS:
        try:
            forced = Runtime(f"swiftlet-{variant}", f"Swiftlet, {variant}", swiftlet, variant)
            forced.measure(model, 0.001)
            available.append(forced)
        except MeasurementFailure as failure:
            if failure.status != EXIT_USAGE:
                raise
    best = available.pop()
    return [Runtime(chosen.key, f"Swiftlet ({best.variant})", swiftlet), *reversed(available)]


def convert(swiftlet: Path, tflite: Path, folder: Path, index: int) -> Model:
    model = Model(tflite.stem, tflite, folder / f"{index}.swl")
    call([str(swiftlet), "convert", str(tflite), "-o", str(model.converted)], None,
         STARTUP_TIMEOUT_SECONDS)
    return model


def call(command: list[str], environment: dict | None, timeout: float) -> str:
    """What the command prints. Raises MeasurementFailure."""
    try:
        done = subprocess.run(command, env=environment, timeout=timeout, capture_output=True,
                              text=True, errors="replace", stdin=subprocess.DEVNULL)
    except OSError as error:
        raise MeasurementFailure(f"{command[0]}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise MeasurementFailure(f"no end within {timeout:.0f} s") from None
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["(printed nothing)"]
        raise MeasurementFailure(f"exit {done.returncode}: {lines[-1]}", done.returncode)
    return done.stdout
