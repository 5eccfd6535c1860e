#!/usr/bin/env python3
"""Expected values for the preprocessing, from numpy and scipy.

    python3 -m venv env && env/bin/pip install numpy==2.4.6 scipy==1.17.1
    env/bin/python scripts/oracle/signal_vectors.py > Tests/SignalTests/Fixtures/signal.json

Inputs are single-precision numbers; everything is computed from them in double precision. Mel
filters follow the HTK formula, mel = 2595 log10(1 + f / 700), triangles in hertz.
"""
import json

import numpy as np
import scipy
from scipy import signal, stats

rng = np.random.default_rng(20)


def floats(values):
    """As many digits as a double needs."""
    return [float(v) for v in np.asarray(values).ravel()]


def f32(values):
    return np.asarray(values, dtype=np.float32)


def transforms():
    cases = []
    for length in (16, 32, 64, 256, 1024, 4096):
        n = np.arange(length)
        x = f32(np.sin(2 * np.pi * 3.3 * n / length) + 0.25 * rng.standard_normal(length) + 0.5)
        result = np.fft.rfft(x.astype(np.float64))
        cases.append({"samples": floats(x), "real": floats(result.real), "imaginary": floats(result.imag)})
    # One impulse, a constant, the highest frequency.
    for x in (f32(np.eye(16)[3]), f32(np.full(16, -2.5)), f32([1, -1] * 8)):
        result = np.fft.rfft(x.astype(np.float64))
        cases.append({"samples": floats(x), "real": floats(result.real), "imaginary": floats(result.imag)})
    return cases


def statistics():
    cases = []
    for x in (
        rng.standard_normal(40) * 3 + 1,
        rng.exponential(2, 100) + 1000,
        np.sin(np.arange(128) * 0.3),
        [1.0, 2.0],
        [5.0, 5.0, 5.0, 5.0],
        [-1e6, 1e6, -1e6, 1e6, 3.0],
        [7.25],
    ):
        x = f32(x)
        d = x.astype(np.float64)
        constant = d.min() == d.max()
        sign = (d - d.mean()) < 0
        cases.append(
            {
                "samples": floats(x),
                "expected": [
                    d.mean(), d.std(), float(np.sqrt(np.mean(d * d))), d.min(), d.max(),
                    int(np.sum(sign[1:] != sign[:-1])),
                    0.0 if constant else float(stats.skew(d)),
                    0.0 if constant else float(stats.kurtosis(d)),
                ],
            }
        )
    return cases


def detrends():
    cases = []
    for x in (rng.standard_normal(37) + 0.4 * np.arange(37), [1.0, 2.0], [3.0], 1e5 + rng.standard_normal(64)):
        x = f32(x)
        d = x.astype(np.float64)
        cases.append(
            {
                "samples": floats(x),
                "mean": floats(signal.detrend(d, type="constant")),
                "linear": floats(signal.detrend(d, type="linear") if len(d) > 1 else d - d),
            }
        )
    return cases


def filters():
    cases = []
    for order, cutoff, kind in ((2, 5.0, "lowpass"), (4, 0.8, "lowpass"), (2, 10.0, "highpass"), (8, 20.0, "lowpass")):
        sos = signal.butter(order, cutoff, kind, fs=100.0, output="sos")
        x = f32(np.cumsum(rng.standard_normal(300)) + 20)
        state = signal.sosfilt_zi(sos) * float(x[0])
        y, _ = signal.sosfilt(sos, x.astype(np.float64), zi=state)
        cases.append(
            {
                "order": order, "cutoff_hz": cutoff, "kind": kind, "rate_hz": 100.0,
                "sections": [floats(row) for row in sos], "samples": floats(x), "expected": floats(y),
            }
        )
    averages = []
    for length in (1, 5, 32):
        x = f32(rng.standard_normal(80) * 10)
        d = x.astype(np.float64)
        y = [d[max(0, i - length + 1): i + 1].mean() for i in range(len(d))]
        averages.append({"length": length, "samples": floats(x), "expected": floats(y)})
    return {"biquads": cases, "averages": averages}


def windows():
    return {
        name: floats(signal.get_window(scipy_name, 50, fftbins=True))
        for name, scipy_name in (("rectangular", "boxcar"), ("hann", "hann"), ("hamming", "hamming"))
    }


def spectra():
    """Frames of a window: weights, zero padding, bands and mel triangles."""
    rate, length, frame, step, transform = 16000.0, 1600, 480, 320, 512
    n = np.arange(length)
    x = f32(np.sin(2 * np.pi * 440 * n / rate) + 0.3 * np.sin(2 * np.pi * 3000 * n / rate)
            + 0.01 * rng.standard_normal(length))
    frames = [x[s:s + frame].astype(np.float64) for s in range(0, length - frame + 1, step)]
    weights = signal.get_window("hann", frame, fftbins=True)
    powers = [np.abs(np.fft.rfft(f * weights, transform)) ** 2 for f in frames]
    bands = [0.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0]
    bins = np.fft.rfftfreq(transform, 1 / rate)
    band_energies = [
        [p[(bins >= a) & (bins < b)].sum() for a, b in zip(bands, bands[1:])] for p in powers]

    def mel(f):
        return 2595 * np.log10(1 + f / 700)

    def hertz(m):
        return 700 * (10 ** (m / 2595) - 1)

    edges = hertz(np.linspace(mel(125.0), mel(7500.0), 22))
    triangles = np.zeros((20, len(bins)))
    for t in range(20):
        low, peak, high = edges[t: t + 3]
        triangles[t] = np.maximum(0, np.minimum((bins - low) / (peak - low), (high - bins) / (high - peak)))
    floor = float(np.float32(1e-6))
    mels = [np.log(triangles @ p + floor) for p in powers]
    return {
        "rate_hz": rate, "frame": frame, "step": step, "transform": transform, "samples": floats(x),
        "band_edges_hz": bands, "band_energies": floats(band_energies),
        "mel_from_hz": 125.0, "mel_to_hz": 7500.0, "mel_count": 20, "mel_edges_hz": floats(edges),
        "floor": floor, "log_mel": floats(mels),
    }


document = {
    "made_by": f"scripts/oracle/signal_vectors.py, numpy {np.__version__}, scipy {scipy.__version__}",
    "transforms": transforms(),
    "statistics": statistics(),
    "detrends": detrends(),
    "filters": filters(),
    "windows": windows(),
    "spectra": spectra(),
}
print(json.dumps(document, separators=(",", ":")))
