"""One measurement of one peer in a process of its own; prints one JSON line.

  python peer.py litert-xnnpack|litert-builtin|tflm MODEL.tflite [--seconds S]

Same conditions as `swiftlet bench`: one thread, the same input bytes copied in before every run
and outside the time that counts, the hash over the output of the first run, later state kept.

The native calls beneath the packages' Python wrappers are timed: the wrappers add a few tenths of
a microsecond that are no fault of the runtime. What Python's clock and call cost by themselves is
measured in the same process and taken off.
"""
from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from pathlib import Path
from typing import Callable, Protocol

import numpy as np

TFLM_ARENA_BYTES = 32 << 20
MAXIMUM_RUNS = 4_000_000


class Peer(Protocol):
    """A loaded model. `invoke` is the timed call; it takes no arguments."""
    invoke: Callable[[], object]

    def copy_in(self): ...

    def output_bytes(self) -> bytes: ...


class InputBytes:
    """The high bytes of a linear congruential generator, as `swiftlet bench` makes them. Models
    with several inputs continue the sequence in the order of the inputs."""

    def __init__(self):
        self._state = 12345

    def array(self, shape, dtype) -> np.ndarray:
        count = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        values = bytearray(count)
        for index in range(count):
            self._state = (self._state * 1664525 + 1013904223) & 0xFFFFFFFF
            values[index] = self._state >> 24
        return np.frombuffer(bytes(values), dtype).reshape(shape).copy()


class LiteRT:
    """LiteRT's Interpreter: with the XNNPACK delegate, its default, or only its own kernels."""

    def __init__(self, model: Path, xnnpack: bool):
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
        resolver = (OpResolverType.AUTO if xnnpack
                    else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
        interpreter = Interpreter(str(model), num_threads=1,
                                  experimental_op_resolver_type=resolver)
        interpreter.allocate_tensors()
        # The figure carries XNNPACK's name only where XNNPACK took part.
        delegated = any(operator["op_name"] == "DELEGATE"
                        for operator in interpreter._get_ops_details())
        if delegated != xnnpack:
            raise RuntimeError("XNNPACK took none of the operators" if xnnpack
                               else "a delegate took part where none should")
        source = InputBytes()
        native = interpreter._interpreter
        inputs = [(details["index"], source.array(details["shape"], details["dtype"]))
                  for details in interpreter.get_input_details()]
        outputs = [details["index"] for details in interpreter.get_output_details()]
        self.interpreter = interpreter  # owns what `native` points to
        self.copy_in = lambda: [native.SetTensor(index, values) for index, values in inputs]
        self.invoke = native.Invoke
        self.output_bytes = lambda: b"".join(
            interpreter.get_tensor(index).tobytes() for index in outputs)


class MicroInterpreter:
    """TensorFlow Lite Micro as packaged for Python: its portable reference kernels."""

    def __init__(self, model: Path):
        from tflite_micro import runtime
        interpreter = runtime.Interpreter.from_file(str(model), arena_size=TFLM_ARENA_BYTES)
        source = InputBytes()
        native = interpreter._interpreter
        inputs = [source.array(details["shape"], details["dtype"])
                  for details in self._all(interpreter.get_input_details)]
        output_count = len(self._all(interpreter.get_output_details))
        self.interpreter = interpreter
        self.copy_in = lambda: [native.SetInputTensor(values, index)
                                for index, values in enumerate(inputs)]
        self.invoke = native.Invoke
        self.output_bytes = lambda: b"".join(
            interpreter.get_output(index).tobytes() for index in range(output_count))

    @staticmethod
    def _all(details: Callable[[int], dict]) -> list[dict]:
        """The package does not say how many tensors there are; one past the last raises."""
        found = []
        while True:
            try:
                found.append(details(len(found)))
            except IndexError:
                return found


PEERS: dict[str, Callable[[Path], Peer]] = {
    "litert-xnnpack": lambda model: LiteRT(model, xnnpack=True),
    "litert-builtin": lambda model: LiteRT(model, xnnpack=False),
    "tflm": MicroInterpreter,
}


def clock_nanoseconds() -> int:
    """The least time between two readings of the clock with a native call of no work between."""
    now, nothing = time.perf_counter_ns, [].__len__
    least = 1 << 62
    for _ in range(20_000):
        start = now()
        nothing()
        least = min(least, now() - start)
    return least


def measure(peer: Peer, seconds: float) -> dict:
    now, copy_in, invoke = time.perf_counter_ns, peer.copy_in, peer.invoke
    clock = clock_nanoseconds()
    copy_in()
    invoke()
    output_hash = fnv1a(peer.output_bytes())
    durations: list[int] = []
    gc.disable()
    end = now() + int(seconds * 1e9)
    while len(durations) < MAXIMUM_RUNS:
        copy_in()
        start = now()
        invoke()
        stop = now()
        durations.append(stop - start)
        if stop >= end:
            break
    return {"runs": len(durations), "clock_us": clock / 1000,
            "min_us": max(min(durations) - clock, 0) / 1000,
            "median_us": max(statistics.median_low(durations) - clock, 0) / 1000,
            "output_hash": f"{output_hash:08x}"}


def fnv1a(data: bytes) -> int:
    """FNV-1a in 32 bits."""
    value = 2166136261
    for byte in data:
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("model", type=Path)
    parser.add_argument("--seconds", type=float, default=1.0)
    arguments = parser.parse_args()
    peer = PEERS[arguments.peer](arguments.model)
    print(json.dumps({"peer": arguments.peer, **measure(peer, arguments.seconds)}))


if __name__ == "__main__":
    main()
