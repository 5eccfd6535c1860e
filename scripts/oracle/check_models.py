"""Compares Swiftlet with TensorFlow Lite Micro, byte for byte, on whole models.

  python check_models.py MODEL.tflite... --swiftlet PATH [--random 1000]
                         [--runner 'qemu-aarch64 -cpu cortex-a53 PATH/swiftletd infer']
                         [--kws-data FOLDER]

Every model gets random inputs and edge inputs (all lowest, all highest, zero point). A streaming
model gets them as successive invocations, and then successive features of real speech, since
random bytes do not move its output. The reference's answers are cached by the hash of the model
and of the inputs. `--kws-data` names a folder with `inputs.int8` and `labels.csv` for the keyword
model (its file name holds "kws"): the share of right answers is printed, and has to be the
reference's. Exit 1 on any differing byte.
"""
from __future__ import annotations

import argparse
import csv
import hashlib
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import speech_features
from programs import ROOT, ProgramFailure, Programs, compare
from tflite_reader import Model, TensorInfo
from tflm import Oracle, OracleRefusal

STREAM_INVOCATIONS = 200
EVERY_TENSOR_SAMPLES = 12
EVERY_TENSOR_INVOCATIONS = 60


def random_values(tensor: TensorInfo, count: int, rng: np.random.Generator) -> np.ndarray:
    """A third each of uniform bytes, slow curves of random level and size, and patches: the last
    two look more like signals and images, and reach answers that noise does not."""
    limits = np.iinfo(tensor.dtype)

    def curve():
        walk = np.cumsum(rng.normal(0, 1, int(np.prod(tensor.shape)))).reshape(tensor.shape)
        return walk * rng.uniform(0.5, 12) + rng.uniform(limits.min, limits.max)

    def patches():
        coarse = rng.integers(limits.min, limits.max + 1, tensor.shape)
        for axis, size in list(enumerate(tensor.shape))[1:-1]:
            coarse = coarse.take(np.arange(size) // int(rng.integers(2, 25)), axis)
        return coarse * rng.uniform(0.2, 1.0) + rng.normal(0, 30)

    def uniform():
        return rng.integers(limits.min, limits.max + 1, tensor.shape)

    drawn = np.stack([(uniform, curve, patches)[n % 3]() for n in range(count)])
    return np.clip(np.rint(drawn), limits.min, limits.max).astype(tensor.dtype)


def edge_values(tensor: TensorInfo) -> np.ndarray:
    limits = np.iinfo(tensor.dtype)
    return np.stack([np.full(tensor.shape, value, tensor.dtype)
                     for value in (limits.min, limits.max, tensor.zero_point)])


@dataclass
class Samples:
    name: str
    inputs: list[np.ndarray]
    independent: bool = False
    labels: np.ndarray | None = None


def sample_sets(model: Model, arguments) -> list[Samples]:
    rng = np.random.default_rng(arguments.seed)
    tensors = [model.tensors[i] for i in model.inputs]
    random = [random_values(t, arguments.random, rng) for t in tensors]
    edges = [edge_values(t) for t in tensors]
    if not model.is_streaming:
        sets = [Samples("random", random), Samples("edges", edges)]
    else:
        limit = min(arguments.random, STREAM_INVOCATIONS)
        sets = [Samples("random stream", [np.concatenate([r[:limit], e])
                                          for r, e in zip(random, edges)]),
                Samples("independent", [r[:20] for r in random], independent=True)]
        try:
            speech = speech_features.spoken_inputs(model, STREAM_INVOCATIONS)
            if arguments.random < STREAM_INVOCATIONS:
                speech = speech[:STREAM_INVOCATIONS]
            sets.append(Samples("speech stream", [speech]))
        except speech_features.SpeechUnavailable as error:
            print(f"SKIPPED: speech for {model.path.name}: {error}", file=sys.stderr)
    if arguments.kws_data and "kws" in model.path.stem:
        sets.append(keyword_samples(tensors[0], arguments.kws_data, arguments.random))
    return sets


def keyword_samples(tensor: TensorInfo, folder: Path, limit: int) -> Samples:
    values = np.fromfile(folder / "inputs.int8", np.int8).reshape(-1, *tensor.shape)
    with open(folder / "labels.csv", newline="") as file:
        labels = np.array([int(row["label"]) for row in csv.DictReader(file)])
    if len(values) != len(labels):
        sys.exit(f"error: {folder}: {len(values)} inputs but {len(labels)} labels")
    return Samples("keywords", [values[:limit]], labels=labels[:limit])


class CachedOracle:
    """The reference's answers, kept in a folder by what they were made from."""

    def __init__(self, folder: Path):
        self.folder, self.oracle = folder, Oracle()
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, model: Model, samples: Samples) -> list[np.ndarray]:
        digest = hashlib.sha256(model.data)
        digest.update(b"independent" if samples.independent else b"successive")
        for values in samples.inputs:
            digest.update(f"{values.dtype} {values.shape}".encode())
            digest.update(values.tobytes())
        path = self.folder / f"{digest.hexdigest()[:32]}.npz"
        if path.exists():
            stored = np.load(path)
            return [stored[f"arr_{i}"] for i in range(len(stored.files))]
        outputs = self.oracle.run(model.data, samples.inputs, samples.independent)
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(partial, *outputs)
        partial.rename(path)
        return outputs


def accuracy(outputs: np.ndarray, labels: np.ndarray) -> int:
    return int((outputs.reshape(len(labels), -1).argmax(1) == labels).sum())


def check_model(model: Model, programs: Programs, oracle: CachedOracle, arguments,
                scratch: Path) -> int:
    """Prints one row for each set of samples; the number of differing bytes is returned."""
    converted = scratch / f"{model.path.stem}.swl"
    programs.convert(model.path, converted)
    sets = sample_sets(model, arguments)
    wrong = compare_samples(model, sets, converted, programs, oracle, scratch)
    if not arguments.outputs_only:
        # The same graph with every activation as an output, where nothing can hide behind
        # a saturated answer at the end.
        opened = Model.with_every_tensor(model, scratch / f"{model.path.stem}-every-tensor.tflite")
        programs.convert(opened.path, converted)
        limit = EVERY_TENSOR_INVOCATIONS if model.is_streaming else EVERY_TENSOR_SAMPLES
        few = [Samples("all tensors: " + samples.name,
                       [values[:limit] for values in samples.inputs])
               for samples in (sets[0], sets[-1])]
        wrong += compare_samples(opened, few, converted, programs, oracle, scratch)
    return wrong


def compare_samples(model: Model, sets: list[Samples], converted: Path, programs: Programs,
                    oracle: CachedOracle, scratch: Path) -> int:
    wrong = 0
    for samples in sets:
        expected = oracle.run(model, samples)
        inputs = [scratch / f"input_{i}.npy" for i in range(len(samples.inputs))]
        outputs = [scratch / f"output_{i}.npy" for i in range(len(expected))]
        for path, values in zip(inputs, samples.inputs):
            np.save(path, values)
        found = programs.infer(converted, inputs, outputs, samples.independent)
        compared = sum(values.nbytes for values in expected)
        differences = [d for d in map(compare, expected, found) if d]
        differing = sum(d.bytes for d in differences)
        wrong += differing
        distinct = len({b"".join(values[n].tobytes() for values in expected)
                        for n in range(len(expected[0]))})
        names = [model.tensors[i].name for i in model.outputs]
        remark = "; ".join(f"{name}: {d.description}" for name, d in zip(
            names, map(compare, expected, found)) if d)
        if samples.labels is not None:
            right = accuracy(found[0], samples.labels)
            reference = accuracy(expected[0], samples.labels)
            remark += f"{right} of {len(samples.labels)} right (reference {reference})"
            wrong += right != reference
        print(f"| {model.name} | {samples.name} | {len(samples.inputs[0])} | {distinct} "
              f"| {compared:,} | {differing} | {remark} |", flush=True)
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    Programs.add_arguments(parser)
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL.tflite")
    parser.add_argument("--random", type=int, default=1000, metavar="N",
                        help="random inputs a model; limits keywords and streams too")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kws-data", type=Path, metavar="FOLDER")
    parser.add_argument("--outputs-only", action="store_true",
                        help="leave out the comparison of every tensor inside the models")
    parser.add_argument("--cache", type=Path, default=ROOT / ".build" / "oracle-cache",
                        metavar="FOLDER", help="where the reference's answers are kept")
    arguments = parser.parse_args()
    programs, oracle = Programs.from_arguments(arguments), CachedOracle(arguments.cache)
    wrong = failed = 0
    print("| model | inputs | samples | distinct answers | bytes compared | bytes differing | |\n"
          "|---|---|--:|--:|--:|--:|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="check-models-") as scratch:
        for path in arguments.models:
            try:
                model = Model(path)
            except FileNotFoundError:
                sys.exit(f"error: {path}: no such file")
            if not model.is_int8:
                print(f"{path.name}: not int8, left out", file=sys.stderr)
                continue
            try:
                wrong += check_model(model, programs, oracle, arguments, Path(scratch))
            except (ProgramFailure, OracleRefusal) as failure:
                failed += 1
                print(f"| {path.stem} | | | | | | FAILED: {failure} |", flush=True)
    oracle.oracle.close()
    print(f"{wrong} bytes differ" + (f", {failed} models failed" if failed else ""))
    sys.exit(1 if wrong or failed else 0)


if __name__ == "__main__":
    main()
