#!/usr/bin/env python3
"""Trains the sample model `imu-activity` and writes every file of its folder but the `.swl`.

    python3.11 -m venv venv && venv/bin/pip install -r scripts/requirements-train.txt
    venv/bin/python scripts/train_imu_activity.py --output models/imu-activity

The data are the BasicMotions train and test splits, read from the pinned `aeon` wheel (fetched with
`pip download` unless `--aeon-wheel` names it). Every choice is made on the training split, by
cross-validation over whole cases; the test split is scored once, for the figures of the model card.
The figures come from TensorFlow Lite Micro running the int8 model, not from the float network.
"""

import argparse
import csv
import hashlib
import json
import math
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

from sample_model import (
  convert, model_facts, note, oracle, start_tensorflow, versions, wilson, write_card, write_csv,
  write_golden, write_json)

import numpy as np

AEON_VERSION = "1.6.0"
SHA256 = {
  "TRAIN": "8dc43cc6306cb679c888c01e26f91772ac4441a916da43bac8b79734a538b9d6",
  "TEST": "79213102bc6fca1a398ad98ce1185dff0208fa3d1465e687f48288946b0ff8dc",
}
CHANNELS = ["accel_x", "accel_y", "accel_z", "gyro_x", "gyro_y", "gyro_z"]
UNIT = "as recorded"  # the data set documents none; the model card says what can be inferred
LABELS = ["Standing", "Walking", "Running", "Badminton"]
RATE_HZ = 10
CASE_SAMPLES = 100
DEFAULT_OUTPUT = Path(__file__).parent.parent / "models" / "imu-activity"
CARD_TEMPLATE = Path(__file__).with_name("imu-activity-card.md.in")


@dataclass(frozen=True)
class Recipe:
  """Every number the training depends on, fixed before the test split was scored.

  Cross-validation on the training split (`--select`) is the only guide for changing one.
  """

  window: int = 40
  hop: int = 10
  seed: int = 20
  steps: int = 1500
  batch: int = 64
  learning_rate: float = 0.005
  label_smoothing: float = 0.05
  dropout: float = 0.2
  # The int8 input saturates here, in standard deviations; training sees the same saturation.
  input_limit: float = 6.0
  gain_log_deviation: float = 0.15
  rotation_degrees: float = 10.0
  tempo_range: float = 0.15
  noise_deviation: float = 0.02


# ------------------------------------------------------------------------------------------ data


def fetch_wheel(folder):
  """Downloads the pinned aeon wheel, without its dependencies, and returns its path."""
  note(f"fetching the aeon {AEON_VERSION} wheel")
  subprocess.run(
    [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder,
     f"aeon=={AEON_VERSION}"],
    check=True, stdout=sys.stderr)
  return next(Path(folder).glob("aeon-*.whl"))


def read_member(wheel, member):
  try:
    with zipfile.ZipFile(wheel) as archive:
      return archive.read(member)
  except (OSError, KeyError, zipfile.BadZipFile) as error:
    sys.exit(f"error: {wheel}: {member}: {error}; use the wheel of aeon {AEON_VERSION}")


def load_split(wheel, split):
  """Returns cases [case, time, channel] in float64, class indices [case], and the cells as text."""
  member = f"aeon/datasets/data/BasicMotions/BasicMotions_{split}.ts"
  content = read_member(wheel, member)
  found = hashlib.sha256(content).hexdigest()
  if found != SHA256[split]:
    sys.exit(f"error: {wheel}: {member}: SHA-256 is {found}, expected {SHA256[split]}; "
             f"use the wheel of aeon {AEON_VERSION}")
  text = content.decode().replace("\r\n", "\n")
  rows = [line.split(":") for line in text[text.index("@data\n") + 6:].split()]
  cells = [[channel.split(",") for channel in row[:-1]] for row in rows]
  cases = np.array(cells, dtype=np.float64).transpose(0, 2, 1)
  assert cases.shape[1:] == (CASE_SAMPLES, len(CHANNELS)), cases.shape
  return cases, np.array([LABELS.index(row[-1]) for row in rows]), cells


def data_licence(wheel):
  """The licence under which the wheel, and so the excerpt in this folder, is distributed."""
  return read_member(wheel, f"aeon-{AEON_VERSION}.dist-info/licenses/LICENSE").decode()


def unit_evidence(cases, labels):
  """What the training readings tell about their undocumented units (the card interprets it)."""
  step = math.radians(5000 / 32768)

  def share_on_grid(readings):
    multiple = readings / step
    return round(float((np.abs(multiple - np.round(multiple)) < 0.1).mean()), 3)

  standing = cases[labels == LABELS.index("Standing")]
  return {
    "grid_step": round(step, 6),
    "accel_share_on_grid": share_on_grid(cases[..., :3]),
    "gyro_share_on_grid": share_on_grid(cases[..., 3:]),
    "gyro_largest": round(float(np.abs(cases[..., 3:]).max()), 2),
    "gyro_largest_as_degrees": round(math.degrees(float(np.abs(cases[..., 3:]).max()))),
    "repeated_share": round(float((np.diff(cases, axis=1) == 0).all(axis=2).mean()), 3),
    "accel_largest": round(float(np.abs(cases[..., :3]).max()), 1),
    "accel_median_norm_standing": round(
      float(np.median(np.linalg.norm(standing[..., :3], axis=-1))), 2),
  }


def input_contract(train_cases, recipe):
  """The per-channel statistics of the training split, rounded once: what is written is used."""
  def rounded(values):
    return [round(float(value), 6) for value in values]
  means = rounded(train_cases.mean(axis=(0, 1)))
  deviations = rounded(train_cases.std(axis=(0, 1)))
  return {
    "rate_hz": RATE_HZ, "window": recipe.window, "hop": recipe.hop,
    "channels": [
      {"name": name, "unit": UNIT, "mean": mean, "standard_deviation": deviation}
      for name, mean, deviation in zip(CHANNELS, means, deviations)],
  }


def normalize(values, contract):
  """(x − mean) / standard deviation, in float32 as the board computes it."""
  mean = np.array([channel["mean"] for channel in contract["channels"]], np.float32)
  deviation = np.array([c["standard_deviation"] for c in contract["channels"]], np.float32)
  return (values.astype(np.float32) - mean) / deviation


def cut_windows(series, recipe):
  """[time, channel] to [window, time, 1, channel]: the windows a stream of samples gives."""
  starts = range(0, len(series) - recipe.window + 1, recipe.hop)
  return np.stack([series[start:start + recipe.window] for start in starts])[:, :, None, :]


def windows_of_cases(cases, labels, recipe):
  """Windows of every case, case after case, with their class indices."""
  windows = [cut_windows(case, recipe) for case in cases]
  return np.concatenate(windows), np.repeat(labels, [len(group) for group in windows])


def augmented_stream(cases, labels, contract, recipe, generator):
  """Training windows by the thousand: a random place in a random case, varied as wearers vary.

  Tempo (linear interpolation), strength of movement (one gain), the way the watch sits on the
  wrist (one small rotation of both sensors) and noise. Shapes: [n, window, 1, 6] and [n], where n
  is steps · batch.
  """
  count = recipe.steps * recipe.batch
  # As many windows of each class, in random order.
  by_class = [np.flatnonzero(labels == index) for index in range(len(LABELS))]
  classes = generator.permutation(np.arange(count) % len(LABELS))
  picked = np.array([generator.choice(by_class[index]) for index in classes])

  tempo = generator.uniform(1 - recipe.tempo_range, 1 + recipe.tempo_range, (count, 1))
  start = generator.uniform(0, 1, (count, 1)) * (CASE_SAMPLES - 1 - tempo * (recipe.window - 1))
  position = start + tempo * np.arange(recipe.window)
  before = np.minimum(position.astype(int), CASE_SAMPLES - 2)
  part = (position - before)[..., None]
  rows = picked[:, None]
  windows = cases[rows, before] * (1 - part) + cases[rows, before + 1] * part

  gain = np.exp(generator.normal(0, recipe.gain_log_deviation, (count, 1, 1)))
  axis = generator.normal(0, 1, (count, 3))
  axis /= np.linalg.norm(axis, axis=1, keepdims=True)
  angle = np.radians(generator.normal(0, recipe.rotation_degrees, count))
  turn = rotation_matrices(axis, angle)
  windows = gain * np.concatenate(
    [windows[..., :3] @ turn, windows[..., 3:] @ turn], axis=-1)

  windows = normalize(windows, contract)
  windows += generator.normal(0, recipe.noise_deviation, windows.shape).astype(np.float32)
  return saturate(windows, recipe)[:, :, None, :], classes


def rotation_matrices(axis, angle):
  """Rodrigues' formula for unit axes [n, 3] and angles in radians [n]: [n, 3, 3]."""
  x, y, z = axis.T
  zero = np.zeros_like(x)
  cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(-1, 3, 3)
  sine, cosine = np.sin(angle)[:, None, None], np.cos(angle)[:, None, None]
  return np.eye(3) + sine * cross + (1 - cosine) * (cross @ cross)


def saturate(values, recipe):
  return np.clip(values, -recipe.input_limit, recipe.input_limit)


# ---------------------------------------------------------------------------------------- network


def build_network(recipe):
  """Three convolutions over time, the second depthwise separable, and the mean over time.

  Convolutions are two-dimensional with a width of 1: a Conv1D becomes the same CONV_2D between two
  reshapes.
  """
  from tensorflow.keras import Input, Sequential, layers

  def activated(layer):
    return [layer, layers.BatchNormalization(momentum=0.98), layers.ReLU()]

  return Sequential([
    Input((recipe.window, 1, len(CHANNELS))),
    *activated(layers.Conv2D(16, (5, 1), padding="same", use_bias=False)),
    layers.MaxPooling2D((2, 1)),
    *activated(layers.DepthwiseConv2D((5, 1), padding="same", use_bias=False)),
    *activated(layers.Conv2D(24, (1, 1), use_bias=False)),
    layers.MaxPooling2D((2, 1)),
    *activated(layers.Conv2D(24, (3, 1), padding="same", use_bias=False)),
    layers.GlobalAveragePooling2D(),
    layers.Dropout(recipe.dropout),
    layers.Dense(len(LABELS)),
    layers.Softmax(),
  ])


def train(cases, labels, contract, recipe, seed):
  """Returns the network trained on these cases; the same on every run on the same kind of CPU."""
  from tensorflow import keras
  keras.backend.clear_session()
  keras.utils.set_random_seed(seed)

  windows, classes = augmented_stream(
    cases, labels, contract, recipe, np.random.default_rng(seed))
  network = build_network(recipe)
  network.compile(
    optimizer=keras.optimizers.Adam(
      keras.optimizers.schedules.CosineDecay(recipe.learning_rate, recipe.steps)),
    loss=keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing))
  network.fit(
    windows, np.eye(len(LABELS), dtype=np.float32)[classes],
    batch_size=recipe.batch, epochs=1, shuffle=False, verbose=0)
  return network


# ------------------------------------------------------------------------------------- evaluation


def score(outputs, labels):
  """Accuracy and confusion by window and by case; `outputs` [window, class], case after case."""
  per_case = len(outputs) // len(labels)
  windows = outputs.astype(np.float64)
  cases = windows.reshape(len(labels), per_case, -1).mean(axis=1)

  def part(scores, truth):
    predicted = scores.argmax(axis=1)
    confusion = np.zeros((len(LABELS), len(LABELS)), int)
    np.add.at(confusion, (truth, predicted), 1)
    right = int(np.trace(confusion))
    # Windows of one case overlap and share a wearer: the cases are the independent trials.
    return {
      "right": right, "total": len(truth), "accuracy": round(right / len(truth), 4),
      "interval_95": wilson(right, len(truth), len(labels)), "confusion": confusion.tolist()}

  return {"window": part(windows, np.repeat(labels, per_case)), "case": part(cases, labels)}


def baseline(train_windows, train_classes, windows, labels):
  """Nearest class mean of each channel's log standard deviation: how hard is the task at all?"""
  def strength(values):
    return np.log(values.std(axis=1)[:, 0] + 1e-3)
  features = strength(train_windows)
  means = np.stack([features[train_classes == index].mean(axis=0) for index in range(len(LABELS))])
  distances = np.linalg.norm(strength(windows)[:, None] - means, axis=-1)
  return score(-distances, labels)


def cross_validate(cases, labels, recipe, folds=5, repeats=2):
  """Accuracy of networks that never saw the held-out cases; the training split alone is used.

  Also the contract is made anew from each fold's own training cases.
  """
  right = {"float_window": 0, "int8_window": 0, "int8_case": 0}
  total = {"window": 0, "case": 0}
  for repeat in range(repeats):
    generator = np.random.default_rng(1000 + repeat)
    fold_of = np.empty(len(labels), int)
    for index in range(len(LABELS)):
      members = generator.permutation(np.flatnonzero(labels == index))
      fold_of[members] = np.arange(len(members)) % folds
    for fold in range(folds):
      held = fold_of == fold
      contract = input_contract(cases[~held], recipe)
      network = train(cases[~held], labels[~held], contract, recipe, recipe.seed + 100 + fold)
      model = convert(network, calibration(cases[~held], labels[~held], contract, recipe))
      windows, _ = windows_of_cases(normalize(cases[held], contract), labels[held], recipe)
      exact = score(network.predict(saturate(windows, recipe), verbose=0), labels[held])
      integer = score(oracle(model, windows)[1], labels[held])
      right["float_window"] += exact["window"]["right"]
      right["int8_window"] += integer["window"]["right"]
      right["int8_case"] += integer["case"]["right"]
      total["window"] += integer["window"]["total"]
      total["case"] += integer["case"]["total"]
      note(f"cross-validation {repeat * folds + fold + 1}/{folds * repeats}: "
           f"int8 {integer['window']['right']}/{integer['window']['total']} windows, "
           f"{integer['case']['right']}/{integer['case']['total']} cases")
  return {
    "folds": folds, "repeats": repeats, **{f"{key}s": value for key, value in total.items()},
    **{f"{key}_accuracy": round(value / total[key.split("_")[1]], 4)
       for key, value in right.items()}}


def calibration(cases, labels, contract, recipe):
  """Windows of the training cases that fix the activations' ranges, saturated as the input is."""
  windows, _ = windows_of_cases(normalize(cases, contract), labels, recipe)
  return saturate(windows, recipe)


# ------------------------------------------------------------------------------------------ files


def write_recording(folder, labels, cells):
  """Two test cases of every activity, the first two in file order, one after the other.

  The cells are the data set's own text, so that nothing is rounded on the way.
  """
  chosen = [case for index in range(len(LABELS)) for case in np.flatnonzero(labels == index)[:2]]
  rows = [row for case in chosen for row in zip(*cells[case])]
  write_csv(folder / "recording.csv", ["time_s", *(f"{name} ({UNIT})" for name in CHANNELS)],
            ([f"{index / RATE_HZ:.1f}", *row] for index, row in enumerate(rows)))
  seconds = CASE_SAMPLES / RATE_HZ
  write_csv(folder / "recording.labels.csv", ["start_s", "end_s", "activity", "test_case"],
            ([f"{index * seconds:.1f}", f"{(index + 1) * seconds:.1f}", LABELS[labels[case]], case]
             for index, case in enumerate(chosen)))


def replay(folder, model, recipe):
  """Reads the committed recording and contract back and runs them through the oracle.

  Writes the expected prediction of every window and returns a summary. A window that spans a change
  of activity has no single truth and is not counted.
  """
  contract = json.loads((folder / "contract.json").read_text())
  with open(folder / "recording.csv", newline="") as file:
    rows = list(csv.DictReader(file))
  header = [f"{channel['name']} ({channel['unit']})" for channel in contract["channels"]]
  samples = np.array([[float(row[name]) for name in header] for row in rows])
  with open(folder / "recording.labels.csv", newline="") as file:
    spans = list(csv.DictReader(file))

  def activity(sample):
    return next(span["activity"] for span in spans
                if float(span["start_s"]) <= sample / RATE_HZ < float(span["end_s"]))

  inputs, outputs, _, _ = oracle(model, cut_windows(normalize(samples, contract), recipe))
  predictions = []
  for index, output in enumerate(outputs):
    first = index * recipe.hop
    last = first + recipe.window - 1
    truth = activity(first) if activity(first) == activity(last) else "mixed"
    predictions.append([first, rows[last]["time_s"], truth, LABELS[output.argmax()], *output])
  write_csv(folder / "recording.predictions.csv",
            ["first_sample", "end_s", "activity", "predicted",
             *(f"output_{label}" for label in LABELS)], predictions)
  return {"seconds": len(samples) // RATE_HZ, "windows": len(predictions),
          "windows_of_one_activity": sum(row[2] != "mixed" for row in predictions),
          "right": sum(row[2] == row[3] for row in predictions)}


# ------------------------------------------------------------------------------------------- main


def main():
  parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
  parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT, help="folder to write")
  parser.add_argument("--aeon-wheel", type=Path, help="the aeon wheel, if it is already here")
  parser.add_argument("--select", action="store_true",
                      help="cross-validate on the training split and stop: for choosing a recipe")
  arguments = parser.parse_args()

  with tempfile.TemporaryDirectory() as scratch:
    wheel = arguments.aeon_wheel or fetch_wheel(scratch)
    licence = data_licence(wheel)
    train_cases, train_labels, _ = load_split(wheel, "TRAIN")
    test_cases, test_labels, test_cells = load_split(wheel, "TEST")

  start_tensorflow()
  recipe = Recipe()
  validation = cross_validate(train_cases, train_labels, recipe)
  if arguments.select:
    print(json.dumps(validation, indent=2))
    return

  note("training on all training cases")
  contract = input_contract(train_cases, recipe)
  network = train(train_cases, train_labels, contract, recipe, recipe.seed)
  model = convert(network, calibration(train_cases, train_labels, contract, recipe))

  note("evaluating on the test split with TensorFlow Lite Micro")
  windows, _ = windows_of_cases(normalize(test_cases, contract), test_labels, recipe)
  _, outputs, entry, exit_ = oracle(model, windows)
  exact = network.predict(saturate(windows, recipe), verbose=0)

  folder = arguments.output
  folder.mkdir(parents=True, exist_ok=True)
  (folder / "imu-activity.tflite").write_bytes(model)
  write_json(folder / "contract.json", contract)
  (folder / "labels.txt").write_text("".join(f"{label}\n" for label in LABELS))
  (folder / "DATA-LICENSE.txt").write_text(licence)
  write_recording(folder, test_labels, test_cells)

  float_score = score(exact, test_labels)
  simple_score = baseline(
    *windows_of_cases(normalize(train_cases, contract), train_labels, recipe), windows, test_labels)

  def totals(result):
    return {name: {key: value for key, value in result[name].items() if key != "confusion"}
            for name in ("window", "case")}

  evaluation = {
    "model": model_facts(model, network, windows, entry, exit_, LABELS),
    "recipe": asdict(recipe),
    "versions": versions(aeon=AEON_VERSION),
    "data": {"sha256": SHA256, "train_cases": len(train_cases), "test_cases": len(test_cases),
             "units": unit_evidence(train_cases, train_labels)},
    "labels": LABELS,
    "cross_validation": validation,
    "test": {
      "int8": score(outputs, test_labels),
      "float": totals(float_score),
      "baseline": totals(simple_score),
      "windows_where_int8_and_float_agree": int(
        (outputs.argmax(axis=1) == exact.argmax(axis=1)).sum())},
    "golden": write_golden(folder, model, windows),
    "recording": replay(folder, model, recipe),
  }
  write_json(folder / "evaluation.json", evaluation)
  write_card(folder, CARD_TEMPLATE, evaluation)
  print(json.dumps({key: evaluation[key] for key in
                    ("model", "cross_validation", "test", "recording")}, indent=2))


if __name__ == "__main__":
  main()
