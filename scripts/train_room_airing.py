#!/usr/bin/env python3
"""Trains the sample model `room-airing` and writes every file of its folder but the `.swl`.

    python3.11 -m venv venv && venv/bin/pip install -r scripts/requirements-train.txt
    venv/bin/python scripts/train_room_airing.py --output models/room-airing

A thermometer and a contact at a window tell whether the room is being heated, aired, or cools with
the window shut. The data are a simulation, stated here and on the model card: of the room, of the
sensor's lag, noise and steps of 1/16 °C. The figures come from TensorFlow Lite Micro running the
int8 model on scenes made with another seed than the training scenes.
"""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sample_model import (
  convert, model_facts, note, oracle, start_tensorflow, versions, wilson, write_card, write_csv,
  write_golden, write_json)

import numpy as np

LABELS = ["Quiet", "Heating", "Airing", "Draught"]
QUIET, HEATING, AIRING, DRAUGHT = range(4)
CHANNELS = [("temperature", "°C"), ("window", "level")]
RATE_HZ = 4
# One step of the thermometer is one step of the int8 input: 15 °C to 30.9375 °C in 1/16 °C.
STEP = 1 / 16
MIDDLE = 23.0
COLDEST, WARMEST = MIDDLE - 128 * STEP, MIDDLE + 127 * STEP
CONTRACT = {
  "rate_hz": RATE_HZ, "window": 32, "hop": 4,
  "channels": [
    {"name": "temperature", "unit": "°C", "mean": MIDDLE, "standard_deviation": 1.0},
    # Shut is −4, open is +4: half of the input's range.
    {"name": "window", "unit": "level", "mean": 0.5, "standard_deviation": 0.125}]}
WINDOW, HOP = CONTRACT["window"], CONTRACT["hop"]
DEFAULT_OUTPUT = Path(__file__).parent.parent / "models" / "room-airing"
GOLDEN_WINDOWS = 300
CARD_TEMPLATE = Path(__file__).with_name("room-airing-card.md.in")


@dataclass(frozen=True)
class Recipe:
  """Every number the training depends on."""

  scenes: int = 1600
  test_scenes: int = 400
  seed: int = 7
  test_seed: int = 70_001
  recording_seed: int = 700_001
  epochs: int = 12
  batch: int = 128
  learning_rate: float = 0.004
  label_smoothing: float = 0.05


# ------------------------------------------------------------------------------------- simulation


def simulate(plan, generator):
  """A room with a thermometer beside its window, sampled at RATE_HZ.

  `plan` is a list of (cause, seconds). The air at the sensor approaches a target exponentially: a
  stream of heated air (3 to 12 °C above), outdoor air through the open window (3 to 12 °C below) or
  through another opening (the same, with the contact saying shut), or the slow drift of a closed
  room. Turbulence is an Ornstein-Uhlenbeck process; the sensor lags by one time constant, is off by
  up to 0.5 °C, and rounds to 1/16 °C after 0.03 °C of noise.

  Returns samples [time, channel] and the cause of each.
  """
  step = 1 / RATE_HZ
  start = generator.uniform(19, 26)
  air = sensor = start
  turbulence = 0.0
  lag = generator.uniform(3, 10)
  offset = generator.uniform(-0.5, 0.5)
  samples, causes = [], []
  for cause, seconds in plan:
    approach = generator.uniform(20, 80)
    strength = generator.uniform(0.01, 0.03)
    if cause == QUIET:
      target, approach = air + generator.uniform(-1, 1), generator.uniform(300, 900)
    elif cause == HEATING:
      target, strength = air + generator.uniform(3, 12), strength * 2
    else:
      # One airing in four lets in air as warm as the room's: the contact alone tells.
      difference = generator.uniform(3, 12)
      if cause == AIRING and generator.random() < 0.25:
        difference = generator.uniform(-1, 1)
      target, strength = air - difference, strength * 3
    target = float(np.clip(target, COLDEST + 1.5, WARMEST - 1.5))
    for _ in range(int(seconds * RATE_HZ)):
      air += (target - air) * step / approach
      turbulence += -turbulence * step / 3 + strength * np.sqrt(step) * generator.normal()
      sensor += (air + turbulence - sensor) * step / lag
      reading = sensor + offset + generator.normal(0, 0.03)
      # The TMP105 cuts towards minus infinity at 12 bits.
      samples.append((np.floor(reading / STEP) * STEP, float(cause == AIRING)))
      causes.append(cause)
  return np.array(samples), np.array(causes)


def scenes(count, seed):
  """Windows [n, WINDOW, 1, 2], normalized, their causes, and the scene each is from.

  A scene is a quiet lead of 5 s to 15 s and 30 s of one cause. Its windows are those in which the
  cause has held for at least six of the eight seconds, and the wholly quiet ones before.
  """
  generator = np.random.default_rng(seed)
  windows, causes, origins = [], [], []
  for index in range(count):
    cause = index % len(LABELS)
    samples, truth = simulate([(QUIET, generator.uniform(8.25, 15)), (cause, 30)], generator)
    # Windows of the lead are rarer: the quiet class has scenes of its own.
    for first in range(0, len(samples) - WINDOW + 1, HOP):
      span = truth[first:first + WINDOW]
      share = (span == cause).mean()
      whole = share >= 0.75 or (share == 0 and first % (4 * HOP) == 0)
      if whole:
        windows.append(samples[first:first + WINDOW])
        causes.append(span[-1])
        origins.append(index)
  return normalize(np.stack(windows)), np.array(causes), np.array(origins)


def normalize(samples):
  """(x − mean) / standard deviation, in float32 as the board computes it: [n, WINDOW, 1, 2]."""
  mean = np.array([channel["mean"] for channel in CONTRACT["channels"]], np.float32)
  deviation = np.array([c["standard_deviation"] for c in CONTRACT["channels"]], np.float32)
  return ((samples.astype(np.float32) - mean) / deviation)[..., None, :]


def saturate(windows):
  return np.clip(windows, -128 * STEP, 127 * STEP).astype(np.float32)


# ---------------------------------------------------------------------------------------- network


def build_network():
  """Two convolutions over time and the mean over time; the first sees 2.25 s at once."""
  from tensorflow.keras import Input, Sequential, layers

  def activated(layer):
    return [layer, layers.BatchNormalization(momentum=0.98), layers.ReLU()]

  return Sequential([
    Input((WINDOW, 1, len(CHANNELS))),
    *activated(layers.Conv2D(12, (9, 1), strides=(2, 1), use_bias=False)),
    *activated(layers.Conv2D(16, (7, 1), use_bias=False)),
    layers.GlobalAveragePooling2D(),
    layers.Dense(len(LABELS)),
    layers.Softmax(),
  ])


def train(windows, causes, recipe):
  from tensorflow import keras
  keras.utils.set_random_seed(recipe.seed)
  order = np.random.default_rng(recipe.seed).permutation(len(windows))
  network = build_network()
  steps = recipe.epochs * -(-len(windows) // recipe.batch)
  # As much weight for every class, whatever its number of windows.
  counts = np.bincount(causes, minlength=len(LABELS))
  network.compile(
    optimizer=keras.optimizers.Adam(
      keras.optimizers.schedules.CosineDecay(recipe.learning_rate, steps)),
    loss=keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing))
  network.fit(
    saturate(windows)[order], np.eye(len(LABELS), dtype=np.float32)[causes[order]],
    class_weight={index: float(len(causes) / len(LABELS) / count)
                  for index, count in enumerate(counts)},
    batch_size=recipe.batch, epochs=recipe.epochs, shuffle=True, verbose=0)
  return network


def calibration(windows):
  """Training windows, and one that spans the input's whole range so that its scale is 1/16."""
  edges = np.full((1, WINDOW, 1, len(CHANNELS)), -128 * STEP, np.float32)
  edges[0, ::2] = 127 * STEP
  return np.concatenate([edges, saturate(windows[::23])])


# ------------------------------------------------------------------------------------- evaluation


def score(outputs, causes, origins):
  """Accuracy over windows, per class and overall; scenes are the independent trials."""
  predicted = outputs.argmax(axis=1)
  confusion = np.zeros((len(LABELS), len(LABELS)), int)
  np.add.at(confusion, (causes, predicted), 1)
  right = int(np.trace(confusion))
  return {
    "right": right, "total": len(causes), "scenes": len(np.unique(origins)),
    "accuracy": round(right / len(causes), 4),
    "interval_95": wilson(right, len(causes), len(np.unique(origins))),
    "recall": {label: round(float(confusion[index, index] / confusion[index].sum()), 4)
               for index, label in enumerate(LABELS)},
    "confusion": confusion.tolist()}


def rule(windows):
  """The obvious rule instead of a network: the contact, then the change of temperature in a window.

  Thresholds of ±0.25 °C, four steps of the sensor.
  """
  change = windows[:, -4:, 0, 0].mean(axis=1) - windows[:, :4, 0, 0].mean(axis=1)
  answer = np.where(change > 0.25, HEATING, np.where(change < -0.25, DRAUGHT, QUIET))
  answer[windows[:, -1, 0, 1] > 0] = AIRING
  return np.eye(len(LABELS))[answer]


# ------------------------------------------------------------------------------------------ files


def write_recording(folder, model, recipe):
  """Two minutes with every cause, from a seed of its own, and the answers expected."""
  plan = [(QUIET, 20), (HEATING, 25), (QUIET, 5), (AIRING, 30), (QUIET, 15), (DRAUGHT, 25)]
  samples, truth = simulate(plan, np.random.default_rng(recipe.recording_seed))
  write_csv(folder / "recording.csv", ["time_s", *(f"{name} ({unit})" for name, unit in CHANNELS)],
            ([f"{index / RATE_HZ:.2f}", f"{row[0]:.4f}", f"{row[1]:.0f}"]
             for index, row in enumerate(samples)))
  ends = np.cumsum([seconds for _, seconds in plan])
  write_csv(folder / "recording.labels.csv", ["start_s", "end_s", "activity"],
            ([f"{end - seconds:.1f}", f"{end:.1f}", LABELS[cause]]
             for (cause, seconds), end in zip(plan, ends)))
  firsts = range(0, len(samples) - WINDOW + 1, HOP)
  _, outputs, _, _ = oracle(
    model, normalize(np.stack([samples[first:first + WINDOW] for first in firsts])))
  rows = []
  for first, output in zip(firsts, outputs):
    span = truth[first:first + WINDOW]
    name = LABELS[span[0]] if (span == span[0]).all() else "mixed"
    last = f"{(first + WINDOW - 1) / RATE_HZ:.2f}"
    rows.append([first, last, name, LABELS[output.argmax()], *output])
  write_csv(folder / "recording.predictions.csv",
            ["first_sample", "end_s", "activity", "predicted",
             *(f"output_{label}" for label in LABELS)], rows)
  return {"seconds": len(samples) // RATE_HZ, "windows": len(rows),
          "windows_of_one_activity": sum(row[2] != "mixed" for row in rows),
          "right": sum(row[2] == row[3] for row in rows)}


# ------------------------------------------------------------------------------------------- main


def main():
  parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
  parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT, help="folder to write")
  arguments = parser.parse_args()
  recipe = Recipe()
  start_tensorflow()

  note("simulating and training")
  windows, causes, _ = scenes(recipe.scenes, recipe.seed)
  network = train(windows, causes, recipe)
  model = convert(network, calibration(windows))

  note("evaluating other scenes with TensorFlow Lite Micro")
  test_windows, test_causes, origins = scenes(recipe.test_scenes, recipe.test_seed)
  _, outputs, entry, exit_ = oracle(model, test_windows)
  exact = network.predict(saturate(test_windows), verbose=0)
  assert entry == (STEP, 0), entry

  folder = arguments.output
  folder.mkdir(parents=True, exist_ok=True)
  (folder / "room-airing.tflite").write_bytes(model)
  write_json(folder / "contract.json", CONTRACT)
  (folder / "labels.txt").write_text("".join(f"{label}\n" for label in LABELS))

  def totals(result):
    return {key: value for key, value in result.items() if key != "confusion"}

  evaluation = {
    "model": model_facts(model, network, test_windows, entry, exit_, LABELS),
    "recipe": asdict(recipe),
    "versions": versions(),
    "labels": LABELS,
    "limits": {"coldest": COLDEST, "warmest": WARMEST},
    "training_windows": len(windows),
    "test": {
      "int8": score(outputs, test_causes, origins),
      "float": totals(score(exact, test_causes, origins)),
      "rule": totals(score(rule(test_windows), test_causes, origins)),
      "windows_where_int8_and_float_agree": int(
        (outputs.argmax(axis=1) == exact.argmax(axis=1)).sum())},
    "golden": write_golden(
      folder, model, test_windows[:: max(1, len(test_windows) // GOLDEN_WINDOWS)][:GOLDEN_WINDOWS]),
    "recording": write_recording(folder, model, recipe),
  }
  write_json(folder / "evaluation.json", evaluation)
  write_card(folder, CARD_TEMPLATE, evaluation)
  print(json.dumps({key: evaluation[key] for key in ("model", "test", "recording")}, indent=2))


if __name__ == "__main__":
  main()
