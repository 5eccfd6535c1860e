#!/usr/bin/env python3
"""Models whose contracts use every filter and feature, and recordings to compute them of.

    python scripts/oracle/feature_cases.py --swiftlet .build/release/swiftlet --output FOLDER

For each case FOLDER gets NAME.swl, NAME.csv and NAME.expected, the bytes that `swiftlet features`
computes here and a board has to compute, too. The models pass their input on as it is, in single
precision, so that no bit is lost. Prints the names.
"""

import argparse
import json
import math
import subprocess
from pathlib import Path

import numpy as np

from tflite_writer import ModelWriter


def channels(*names):
  return [{"name": name, "unit": "V", "mean": 0.5, "standard_deviation": 2} for name in names]


# name: contract. The windows of "spectrum-1024" and "log-mel" are what docs/performance.md counts.
CASES = {
  "filters": {
    "rate_hz": 200, "window": 200, "hop": 90, "channels": channels("x", "y", "z"),
    "preprocessing": {
      "filters": [
        {"type": "high-pass", "cutoff_hz": 0.5, "order": 2},
        {"type": "low-pass", "cutoff_hz": 45, "order": 2},
        {"type": "moving-average", "length": 3},
        {"type": "biquad", "b": [0.25, 0.5, 0.25], "a": [1, -0.2, 0.1]}],
      "decimate": 2, "detrend": "linear", "features": [{"type": "samples"}]}},
  "statistics": {
    "rate_hz": 100, "window": 250, "hop": 125, "channels": channels("x", "y"),
    "preprocessing": {
      "detrend": "mean", "features": [
        {"type": "statistics"}, {"type": "bands", "edges_hz": [0, 5, 10, 20, 40]},
        {"type": "spectrum", "frame": 100, "step": 50, "window": "hamming", "scale": "magnitude"}]}},
  "spectrum-1024": {
    "rate_hz": 1000, "window": 1024, "hop": 512, "channels": channels("x"),
    "preprocessing": {"features": [{"type": "spectrum", "scale": "magnitude"}]}},
  "log-mel": {
    "rate_hz": 16000, "window": 4096, "hop": 2048, "channels": channels("x"),
    "preprocessing": {
      "filters": [{"type": "high-pass", "cutoff_hz": 60, "order": 2}],
      "features": [
        {"type": "log-mel", "frame": 480, "step": 320, "count": 40, "from_hz": 125, "to_hz": 7500},
        {"type": "spectrum", "frame": 2048, "step": 2048, "scale": "logarithm",
         "window": "rectangular"}]}},
}


def recording(contract, generator):
  """Four windows and a half of tones, noise, a ramp, steps, and a channel's worth of zeros."""
  count = int(4.5 * contract["window"])
  time = np.arange(count) / contract["rate_hz"]
  rows = []
  for index in range(len(contract["channels"])):
    tone = contract["rate_hz"] * (0.037 + 0.11 * index)
    values = np.sin(2 * math.pi * tone * time) + 0.2 * generator.standard_normal(count)
    values += 3 * time / time[-1] + (time > time[-1] / 2) * 7.5
    values[: count // 5] = 0
    rows.append(values)
  return time, np.array(rows).T


def pass_through(shape):
  """A model whose output is its input."""
  writer = ModelWriter("passes its input on")
  graph = writer.subgraph("main")
  source = graph.tensor(shape, "float32", name="features")
  target = graph.tensor(shape, "float32", name="same")
  graph.operator("RESHAPE", [source, graph.indices(shape)], [target], newShape=list(shape))
  graph.interface([source], [target])
  return writer.to_bytes()


def main():
  parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
  parser.add_argument("--swiftlet", required=True)
  parser.add_argument("--output", type=Path, required=True)
  arguments = parser.parse_args()
  arguments.output.mkdir(parents=True, exist_ok=True)

  def swiftlet(*words):
    subprocess.run([arguments.swiftlet, *map(str, words)], check=True, stdout=subprocess.DEVNULL)

  for number, (name, contract) in enumerate(CASES.items()):
    place = arguments.output / name
    text, table = place.with_suffix(".json"), place.with_suffix(".npy")
    text.write_text(json.dumps(contract))
    time, rows = recording(contract, np.random.default_rng(number))
    with place.with_suffix(".csv").open("w") as file:
      print("time_s", *(channel["name"] for channel in contract["channels"]), sep=",", file=file)
      for moment, row in zip(time, rows):
        print(f"{moment:.6f}", *(f"{value:.6g}" for value in row), sep=",", file=file)
    swiftlet("features", text, "--input", place.with_suffix(".csv"), "--output", table)
    features = np.load(table)
    assert features.dtype == np.float32 and np.isfinite(features).all(), name
    assert len(np.unique(features)) > features.size // 10, f"{name}: hardly anything to compare"
    model = place.with_suffix(".tflite")
    model.write_bytes(pass_through((1, *features.shape[1:])))
    swiftlet("convert", model, "-o", place.with_suffix(".swl"), "--contract", text)
    # The model's own file gives the same as its contract.
    swiftlet("features", place.with_suffix(".swl"), "--input", place.with_suffix(".csv"),
             "--output", table)
    assert np.load(table).tobytes() == features.tobytes(), name
    place.with_suffix(".expected").write_bytes(features.tobytes())
    print(name)


if __name__ == "__main__":
  main()
