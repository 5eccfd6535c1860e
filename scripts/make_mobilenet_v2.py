#!/usr/bin/env python3
"""Writes an int8 MobileNetV2 for images of 224 x 224 pixels, for measurements of speed.

usage: make_mobilenet_v2.py OUTPUT.tflite

The weights are random, from a fixed seed: they say nothing about images, and take the same time.
Needs requirements-train.txt.
"""

import sys

import numpy as np
import tensorflow as tf


def normalize(model: tf.keras.Model, generator: np.random.Generator) -> None:
    """Gives every layer outputs of ordinary size, which quantization needs."""
    for layer in model.layers:
        if isinstance(layer, tf.keras.layers.BatchNormalization):
            layer.momentum = 0
    model(generator.uniform(-1, 1, (8, 224, 224, 3)).astype(np.float32), training=True)
    dense = model.layers[-1]
    dense.set_weights([20 * weights for weights in dense.get_weights()])


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    tf.keras.utils.set_random_seed(1)
    model = tf.keras.applications.MobileNetV2(
        input_shape=(224, 224, 3), weights=None, classes=1000)
    generator = np.random.default_rng(1)
    normalize(model, generator)

    def samples():
        for _ in range(8):
            yield [generator.uniform(-1, 1, (1, 224, 224, 3)).astype(np.float32)]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    with open(sys.argv[1], "wb") as file:
        file.write(converter.convert())


if __name__ == "__main__":
    main()
