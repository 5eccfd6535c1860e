"""TensorFlow Lite Micro as the oracle, in a process of its own.

The reference kernels check little and may abort on a model they do not like. They run in a
worker process, so that a refusal or a crash comes back as an exception here, and the worker is
started again for the next model.

  python tflm.py MODEL.tflite [--input X.npy ...] [--output Y.npy ...] [--reset]

runs the model over the leading dimension of the inputs (without inputs: one run on zeros) and
prints the arena's use. State (resource variables) survives from one sample to the next unless
--reset is given.
"""
from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

ARENA_BYTES = 8 << 20
TIMEOUT_SECONDS = 300


class OracleRefusal(Exception):
    """The reference runtime reported an error for the model; the text is its own."""

    @property
    def operator(self) -> str:
        """The operator that failed, or '?' when the message names none."""
        found = re.search(r"Node (\w+) \(number \d+", str(self))
        return found.group(1) if found else "?"


class OracleCrash(OracleRefusal):
    """The reference runtime's process died."""


@dataclass
class ArenaUse:
    """Bytes of the reference runtime's arena: activations (head), records (tail)."""
    head: int
    tail: int
    total: int


class Oracle:
    """Runs models in a worker process that is restarted when it dies. Use as a context."""

    def __init__(self):
        self._process = None
        self._connection = None
        self._log = tempfile.TemporaryFile()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self._process is not None:
            self._connection.close()  # the worker ends when its end of the socket closes
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def run(self, model: bytes, inputs: list[np.ndarray], reset=False) -> list[np.ndarray]:
        """All outputs, each with the samples as leading dimension, in the model's own types.

        `inputs` have the samples as leading dimension too and are otherwise shaped like the
        model's inputs. Raises OracleRefusal.
        """
        return self._ask(("run", model, [np.ascontiguousarray(x) for x in inputs], reset))

    def details(self, model: bytes) -> tuple[list[dict], list[dict]]:
        """Shape, dtype, scale and zero_point of every input and of every output."""
        return self._ask(("details", model))

    def arena(self, model: bytes) -> ArenaUse:
        self._ask(("arena", model))
        found = dict(re.findall(r"Arena allocation (total|head|tail) (\d+) bytes", self._text()))
        return ArenaUse(*(int(found[part]) for part in ("head", "tail", "total")))

    def _ask(self, request):
        if self._process is None:
            self._start()
        try:
            self._connection.send(request)
            if not self._connection.poll(TIMEOUT_SECONDS):
                raise OracleCrash(f"no answer within {TIMEOUT_SECONDS} s: {self._text()}")
            succeeded, answer = self._connection.recv()
        except (EOFError, OSError):
            code = self._process.wait()
            text = f"the reference runtime died with status {code}: {self._text()}"
            self.close()
            raise OracleCrash(text) from None
        except OracleCrash:
            self._process.kill()
            self.close()
            raise
        if not succeeded:
            raise OracleRefusal(f"{answer}: {self._text()}")
        return answer

    def _start(self):
        ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), "--worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
            stdout=self._log, stderr=self._log)
        theirs.close()
        self._connection = Connection(ours.detach())

    def _text(self) -> str:
        """What the runtime printed during the last request."""
        self._log.seek(0)
        return " ".join(self._log.read().decode("utf-8", "replace").split())


def serve(connection: Connection):
    """The worker's loop: one request, one answer, until the other end closes."""
    from tflite_micro import runtime

    def interpreter(model):
        return runtime.Interpreter.from_bytes(model, arena_size=ARENA_BYTES)

    def describe(details):
        quantization = details["quantization_parameters"]
        return {"shape": [int(d) for d in details["shape"]],
                "dtype": np.dtype(details["dtype"]).name,
                "scales": [float(s) for s in quantization["scales"]],
                "zero_points": [int(z) for z in quantization["zero_points"]]}

    def run(model, inputs, reset):
        current = interpreter(model)
        _, outputs_count = interface_counts(model)
        shapes = [tuple(current.get_input_details(i)["shape"]) for i in range(len(inputs))]
        samples = len(inputs[0]) if inputs else 1
        outputs = [[] for _ in range(outputs_count)]
        for n in range(samples):
            if reset and n > 0:
                current = interpreter(model)
            for i, values in enumerate(inputs):
                current.set_input(values[n].reshape(shapes[i]), i)
            current.invoke()
            for i in range(outputs_count):
                outputs[i].append(np.array(current.get_output(i)))
        return [np.stack(values) for values in outputs]

    def details(model):
        current = interpreter(model)
        inputs_count, outputs_count = interface_counts(model)
        return ([describe(current.get_input_details(i)) for i in range(inputs_count)],
                [describe(current.get_output_details(i)) for i in range(outputs_count)])

    def arena(model):
        current = interpreter(model)
        current.invoke()
        current.print_allocations()

    actions = {"run": run, "details": details, "arena": arena}
    while True:
        try:
            action, *arguments = connection.recv()
        except (EOFError, OSError):
            return
        os.ftruncate(2, 0)
        os.lseek(2, 0, os.SEEK_SET)
        try:
            answer = (True, actions[action](*arguments))
        except Exception as error:  # whatever the runtime raises is an answer, not our end
            answer = (False, str(error))
        connection.send(answer)


def interface_counts(model: bytes) -> tuple[int, int]:
    """How many inputs and outputs the model's first subgraph has."""
    from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema
    subgraph = schema.Model.GetRootAsModel(model, 0).Subgraphs(0)
    return subgraph.InputsLength(), subgraph.OutputsLength()


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--worker":
        serve(Connection(int(sys.argv[2])))
        return
    parser = argparse.ArgumentParser(description="Run a model on TensorFlow Lite Micro.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--input", type=Path, action="append", default=[])
    parser.add_argument("--output", type=Path, action="append", default=[])
    parser.add_argument("--reset", action="store_true",
                        help="a fresh interpreter for every sample")
    arguments = parser.parse_args()
    model = arguments.model.read_bytes()
    with Oracle() as oracle:
        try:
            if arguments.input:
                inputs = [np.load(path) for path in arguments.input]
            else:
                inputs = [np.zeros([1, *d["shape"]], d["dtype"])
                          for d in oracle.details(model)[0]]
            outputs = oracle.run(model, inputs, arguments.reset)
            arena = oracle.arena(model)
        except OracleRefusal as refusal:
            sys.exit(f"error: {arguments.model}: {refusal}")
    for path, values in zip(arguments.output, outputs):
        np.save(path, values)
    print(json.dumps({"samples": len(inputs[0]) if inputs else 1,
                      "outputs": [list(values.shape) for values in outputs],
                      "arena_bytes": vars(arena)}))


if __name__ == "__main__":
    main()
