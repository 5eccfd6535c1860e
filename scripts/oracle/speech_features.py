"""Features of spoken words, as the wake-word models hear them.

  python speech_features.py MODEL.tflite -o X.npy [--say TEXT ...] [--voice VOICE]

Debian's espeak-ng says the sentences, the TFLM audio front end (pymicro-features: 30 ms windows
every 10 ms, 40 channels) makes features of them, and these are quantized with the scale and zero
point of the model's input. X.npy has shape [invocations, 1, frames, 40]: successive invocations
of the streaming model, which takes `frames` new feature frames at a time.

`--verify PHRASE` runs the reference runtime on several speakers saying PHRASE and on other
sentences, and prints the highest mean of five successive probabilities for each.
"""
from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
from pymicro_features import MicroFrontend

from tflite_reader import Model
from tflm import Oracle

SAMPLE_RATE = 16_000
SAMPLES_PER_STEP = 160  # 10 ms
WINDOW = 5  # probabilities averaged, as the models' own descriptions say
VOICES = ("en-us", "en-gb", "en-us+f3", "en-us+m3", "en-gb+f2", "en-us+f5", "en-us+m7")
PHRASES = {"okay_nabu": "okay nabu", "alexa": "alexa"}
NOISE = ("the weather is fine today and the train leaves at seven",
         "a quick brown fox jumps over the lazy dog")


class SpeechUnavailable(Exception):
    """espeak-ng is not installed."""


def say(text: str, voice: str = "en-us", words_per_minute: int = 150) -> np.ndarray:
    """Speech as int16 samples at 16 kHz."""
    if shutil.which("espeak-ng") is None:
        raise SpeechUnavailable("espeak-ng is missing; install the Debian package espeak-ng")
    spoken = subprocess.run(["espeak-ng", "--stdout", "-v", voice, "-s", str(words_per_minute),
                             text], capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(spoken)) as reader:
        rate = reader.getframerate()
        # espeak-ng cannot know the length when it writes to a pipe: take what is there.
        samples = np.frombuffer(spoken[44:len(spoken) // 2 * 2], np.int16).astype(np.float64)
        assert reader.getnchannels() == 1 and reader.getsampwidth() == 2
    return resample(samples, rate)


def resample(samples: np.ndarray, rate: int) -> np.ndarray:
    """To 16 kHz, by cutting the spectrum where the lower of the two rates ends."""
    length = len(samples) * SAMPLE_RATE // rate
    spectrum = np.fft.rfft(samples)[:length // 2 + 1]
    resampled = np.fft.irfft(spectrum, length) * (length / len(samples))
    return np.clip(np.rint(resampled), -32768, 32767).astype(np.int16)


def with_room(samples: np.ndarray, seed: int) -> np.ndarray:
    """Half a second of faint noise before and after, as a microphone gives."""
    rng = np.random.default_rng(seed)
    padded = np.concatenate([np.zeros(SAMPLE_RATE // 2), samples, np.zeros(SAMPLE_RATE // 2)])
    return np.clip(padded + rng.normal(0, 12, len(padded)), -32768, 32767).astype(np.int16)


def features(samples: np.ndarray) -> np.ndarray:
    """Feature frames [frames, 40] (float) of int16 samples at 16 kHz."""
    frontend, frames, data = MicroFrontend(), [], samples.tobytes()
    place, step = 0, SAMPLES_PER_STEP * 2
    while place + step <= len(data):
        answer = frontend.process_samples(data[place:place + step])
        place += answer.samples_read * 2
        if answer.features:
            frames.append(answer.features)
    return np.array(frames, np.float32)


def quantize(frames: np.ndarray, model: Model) -> np.ndarray:
    """Frames as successive inputs of the model, [invocations, 1, frames, 40]."""
    tensor = model.tensors[model.inputs[0]]
    _, stride, channels = tensor.shape
    usable = len(frames) // stride * stride
    steps = np.rint(frames[:usable] / tensor.scale + tensor.zero_point)
    limits = np.iinfo(tensor.dtype)
    return np.clip(steps, limits.min, limits.max).astype(tensor.dtype).reshape(
        -1, 1, stride, channels)


def spoken_inputs(model: Model, invocations: int) -> np.ndarray:
    """At least this many successive inputs: the model's phrase by several voices, and others."""
    phrase = PHRASES.get(model.path.stem, "alexa")
    parts, total, turn = [], 0, 0
    while total < invocations:
        text = phrase if turn % 3 != 2 else NOISE[turn // 3 % len(NOISE)]
        voice = VOICES[turn % len(VOICES)]
        parts.append(quantize(features(with_room(say(text, voice), turn)), model))
        total, turn = total + len(parts[-1]), turn + 1
    return np.concatenate(parts)


def loudest(model: Model, oracle: Oracle, text: str, voice: str) -> float:
    """The highest mean of successive probabilities while the voice says the text."""
    inputs = quantize(features(with_room(say(text, voice), 1)), model)
    output = model.tensors[model.outputs[0]]
    steps = oracle.run(model.data, [inputs])[0].reshape(-1).astype(float)
    probabilities = (steps - output.zero_point) * output.scale
    return float(np.convolve(probabilities, np.ones(WINDOW) / WINDOW, "valid").max())


def verify(model: Model, phrase: str):
    highest = 0.0
    with Oracle() as oracle:
        for text, voices in ((phrase, VOICES), (NOISE[0], VOICES[:2]), (NOISE[1], VOICES[:2])):
            for voice in voices:
                probability = loudest(model, oracle, text, voice)
                print(f"{model.path.stem:<10} {voice:<10} {probability:6.3f}  {text}")
                if text == phrase:
                    highest = max(highest, probability)
    if highest < 0.85:
        sys.exit(f"error: {model.path}: no voice reached 0.85 with '{phrase}'")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("-o", "--output", type=Path, metavar="X.npy")
    parser.add_argument("--say", action="append", metavar="TEXT")
    parser.add_argument("--voice", default="en-us")
    parser.add_argument("--verify", metavar="PHRASE")
    arguments = parser.parse_args()
    model = Model(arguments.model)
    try:
        if arguments.verify:
            verify(model, arguments.verify)
        if arguments.output:
            inputs = (np.concatenate([
                quantize(features(with_room(say(text, arguments.voice), i)), model)
                for i, text in enumerate(arguments.say)]) if arguments.say
                else spoken_inputs(model, 200))
            np.save(arguments.output, inputs)
            print(f"{arguments.output}: {len(inputs)} invocations", file=sys.stderr)
    except SpeechUnavailable as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
