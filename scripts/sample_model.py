"""What the scripts that train the sample models share: conversion to int8, the oracle, the files.

Importing it sets TensorFlow up for repeatable sums, so import it before anything of TensorFlow.
"""

import contextlib
import csv
import hashlib
import io
import json
import math
import multiprocessing
import os
import re
import sys
import warnings
from importlib.metadata import version

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # oneDNN sums in an order of its own choosing
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np


# -------------------------------------------------------------------------------------- conversion


def start_tensorflow():
  """One thread and deterministic kernels: sums in one order, whatever the number of cores."""
  import tensorflow as tf
  tf.config.threading.set_intra_op_parallelism_threads(1)
  tf.config.threading.set_inter_op_parallelism_threads(1)
  tf.config.experimental.enable_op_determinism()


def convert(network, representative):
  """Full int8 post-training quantization: int8 in, int8 out."""
  import tensorflow as tf
  converter = tf.lite.TFLiteConverter.from_keras_model(network)
  converter.optimizations = [tf.lite.Optimize.DEFAULT]
  converter.representative_dataset = lambda: ([window[None]] for window in representative)
  converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
  converter.inference_input_type = tf.int8
  converter.inference_output_type = tf.int8
  with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
    warnings.simplefilter("ignore")
    return converter.convert()


def parameter_count(network):
  """Weights and biases after conversion, which folds each batch normalization into one bias."""
  from tensorflow.keras import layers
  folded = sum(3 * layer.gamma.shape[0] for layer in network.layers
               if isinstance(layer, layers.BatchNormalization))
  return int(network.count_params()) - folded


def operators(model):
  """Names of the operators of the flatbuffer, in the order they run."""
  import tensorflow as tf
  interpreter = tf.lite.Interpreter(
    model_content=model,
    experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF)
  return [operator["op_name"] for operator in interpreter._get_ops_details()]


def model_facts(model, network, windows, entry, exit_, labels):
  """What an evaluation says of the model itself; `entry` and `exit_` are from `oracle`."""
  return {
    "bytes": len(model), "sha256": hashlib.sha256(model).hexdigest(),
    "operators": operators(model), "parameters": parameter_count(network),
    "input": {"shape": [1, *windows.shape[1:]], "scale": entry[0], "zero_point": entry[1]},
    "output": {"shape": [1, len(labels)], "scale": exit_[0], "zero_point": exit_[1]}}


def versions(**others):
  """Of what decides the bytes of a trained model."""
  return {name: version(name) for name in
          ("tensorflow-cpu", "keras", "numpy", "tflite-micro")} | others | {
            "python": sys.version.split()[0]}


# ------------------------------------------------------------------------------------------ oracle


def quantize(values, scale, zero_point):
  """float32 to int8, ties away from zero, saturating."""
  quotient = values.astype(np.float32) / np.float32(scale)
  exact = quotient.astype(np.float64)  # so that adding one half cannot round
  rounded = np.copysign(np.floor(np.abs(exact) + 0.5), exact)
  return np.clip(rounded + zero_point, -128, 127).astype(np.int8)


def oracle(model, windows):
  """Runs TensorFlow Lite Micro in a process of its own (two TensorFlows share no address space).

  `windows` are normalized float32 or, as they are, int8. Returns int8 inputs, int8 outputs and the
  quantization of both borders.
  """
  with multiprocessing.get_context("spawn").Pool(1) as pool:
    return pool.apply(oracle_process, (model, windows))


def oracle_process(model, windows):
  from tflite_micro import runtime
  interpreter = runtime.Interpreter.from_bytes(model, arena_size=1 << 20)

  def border(details):
    parameters = details["quantization_parameters"]
    return float(parameters["scales"][0]), int(parameters["zero_points"][0])

  entry, exit_ = border(interpreter.get_input_details(0)), border(interpreter.get_output_details(0))
  inputs = windows if windows.dtype == np.int8 else quantize(windows, *entry)
  outputs = []
  for window in inputs:
    interpreter.set_input(window[None], 0)
    interpreter.invoke()
    outputs.append(np.array(interpreter.get_output(0))[0])
  return inputs, np.stack(outputs), entry, exit_


def wilson(right, total, sample_size=None):
  """Wilson score interval, 95 %, for a proportion seen in `sample_size` independent trials."""
  size, p, z = sample_size or total, right / total, 1.959964
  middle = (p + z * z / (2 * size)) / (1 + z * z / size)
  half = z / (1 + z * z / size) * math.sqrt(p * (1 - p) / size + z * z / (4 * size * size))
  return [round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]


# ------------------------------------------------------------------------------------------- files


def write_csv(path, header, rows):
  with open(path, "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


def write_json(path, value):
  """One channel a line: the contract is read by people too."""
  text = json.dumps(value, indent=2, ensure_ascii=False)
  flat = re.sub(r"\{\n\s+(\"name\"[^{}]*?)\n\s+\}",
                lambda match: "{ " + re.sub(r"\n\s+", " ", match.group(1)) + " }", text)
  flat = re.sub(r"\[\n\s+((?:-?[\d.]+,\s+)*-?[\d.]+)\n\s+\]",
                lambda match: "[" + re.sub(r"\s+", " ", match.group(1)) + "]", flat)
  path.write_text(flat + "\n")


def write_golden(folder, model, windows):
  """`windows` and the edges of the input range, with the oracle's answers."""
  inputs, _, (_, zero_point), _ = oracle(model, windows)
  edges = [np.full(inputs.shape[1:], value, np.int8) for value in (-128, 127, zero_point)]
  inputs = np.concatenate([inputs, np.stack(edges)])
  _, outputs, _, _ = oracle(model, inputs)
  np.save(folder / "golden-inputs.npy", inputs)
  np.save(folder / "golden-outputs.npy", outputs)
  return {"vectors": len(inputs), "test_windows": len(windows), "edges": len(edges)}


def write_card(folder, template, evaluation):
  """Fills the card's template; a field the evaluation does not have is an error, not a blank."""
  labels = evaluation["labels"]

  def percent(value):
    return f"{100 * value:.1f} %"

  def field(match):
    path, _, style = match.group(1).partition("|")
    value = evaluation
    for key in path.split("."):
      value = value[key]
    if style == "percent":
      return percent(value)
    if style == "interval":
      return f"{percent(value[0])} to {percent(value[1])}"
    if style == "confusion":
      rows = [["true \\ predicted", *labels], ["---", *["---:"] * len(labels)]]
      rows += [[name, *map(str, counts)] for name, counts in zip(labels, value)]
      return "\n".join(f"| {' | '.join(row)} |" for row in rows)
    if style == "list":
      return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)

  (folder / "CARD.md").write_text(re.sub(r"\{\{([^}]+)\}\}", field, template.read_text()))


def note(text):
  print(text, file=sys.stderr, flush=True)
