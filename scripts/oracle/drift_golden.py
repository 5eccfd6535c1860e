#!/usr/bin/env python3
"""Golden values of the drift statistics, from numpy, scipy and river.

    pip install numpy==2.4.6 scipy==1.17.1 river==0.26.1
    python scripts/oracle/drift_golden.py > Tests/DriftTests/Fixtures/drift-golden.json

The streams come from a linear congruential generator that the tests have as well, so that the file
holds seeds and results only.
"""

import json
import math

import numpy as np
import river
import scipy
from river import drift
from scipy import stats
from scipy.spatial.distance import jensenshannon

EPSILON = 1e-4


class Generator:
    """x <- (1103515245 x + 12345) mod 2^31; uniform numbers are x / 2^31."""

    def __init__(self, seed):
        self.state = seed & 0x7FFFFFFF

    def uniform(self):
        self.state = (1103515245 * self.state + 12345) & 0x7FFFFFFF
        return self.state / 2147483648.0

    def normal(self, mean=0.0, deviation=1.0):
        """The sum of twelve uniform numbers, less six."""
        total = 0.0
        for _ in range(12):
            total += self.uniform()
        return mean + deviation * (total - 6.0)


def draws(seed, count, mean=0.0, deviation=1.0):
    generator = Generator(seed)
    return [generator.normal(mean, deviation) for _ in range(count)]


def shares(values, inner_edges):
    bins = np.searchsorted(inner_edges, values, side="right")
    counts = np.bincount(bins, minlength=len(inner_edges) + 1)
    return counts, counts / len(values)


def compare(reference, current):
    """Histogram distances over the deciles of the reference, and the exact ones beside them."""
    reference, current = np.asarray(reference), np.asarray(current)
    edges = np.quantile(reference, np.linspace(0, 1, 11))
    reference_counts, r = shares(reference, edges[1:-1])
    current_counts, c = shares(current, edges[1:-1])
    r_floor, c_floor = np.where(r > 0, r, EPSILON), np.where(c > 0, c, EPSILON)
    # Area between the cumulative histograms, straight from edge to edge, by fine sampling.
    grid = np.linspace(0, 1, 20001)
    gaps = np.concatenate([[0], np.cumsum(r - c)])
    area = 0.0
    for low, high, before, after in zip(edges, edges[1:], gaps, gaps[1:]):
        line = np.abs(before + (after - before) * grid)
        area += (high - low) * np.trapezoid(line, grid)
    deviation = float(np.std(reference))
    return {
        "edges": edges.tolist(),
        "reference_counts": reference_counts.tolist(),
        "current_counts": current_counts.tolist(),
        "psi": float(np.sum((r_floor - c_floor) * np.log(r_floor / c_floor))),
        "js": float(jensenshannon(r, c, base=2)),
        "ks": float(np.max(np.abs(np.cumsum(r - c)))),
        "wasserstein": area / deviation,
        "ks_of_samples": float(stats.ks_2samp(reference, current).statistic),
        "wasserstein_of_samples": float(stats.wasserstein_distance(reference, current)) / deviation,
        "reference_mean": float(np.mean(reference)),
        "reference_deviation": deviation,
        "mean_shift": float((np.mean(current) - np.mean(reference)) / deviation),
        "spread": float(np.std(current) / deviation),
        "noise": math.sqrt(np.mean(np.diff(current) ** 2) / np.mean(np.diff(reference) ** 2)),
    }


def detections(detector, stream):
    found = []
    for index, value in enumerate(stream):
        detector.update(value)
        if detector.drift_detected:
            found.append(index)
    return found


def streams():
    bernoulli = Generator(999)
    yield {"seed": 999, "kind": "bernoulli"}, [
        1.0 if bernoulli.uniform() < (0.2 if index < 1000 else 0.5) else 0.0
        for index in range(2000)
    ]
    for seed, shift, deviation in [
        (4242, 2.0, 1.0), (7, 0.0, 1.0), (11, 0.5, 1.0), (13, -1.0, 1.0), (17, 0.25, 0.3), (19, 20.0, 5.0),
    ]:
        generator = Generator(seed)
        count = 2000 if seed == 4242 else 6000
        half = count // 2
        yield {"seed": seed, "kind": "shift", "count": count, "shift": shift, "deviation": deviation}, [
            generator.normal(0.0 if index < half else shift, deviation) for index in range(count)
        ]


def main():
    pairs = []
    for name, reference, current in [
        ("same", (12345, 500, 0.0, 1.0), (54321, 300, 0.0, 1.0)),
        ("shift", (12345, 500, 0.0, 1.0), (777, 300, 0.5, 1.0)),
        ("far", (12345, 500, 0.0, 1.0), (31, 200, 3.0, 1.0)),
        ("wide", (5, 2000, 10.0, 2.0), (6, 1000, 10.0, 4.0)),
        ("narrow", (5, 2000, 10.0, 2.0), (8, 64, 10.5, 0.2)),
    ]:
        result = compare(draws(*reference), draws(*current))
        pairs.append({"name": name, "reference": reference, "current": current, **result})
    changes = []
    for description, stream in streams():
        changes.append({
            **description,
            "adwin": detections(drift.ADWIN(), stream),
            "page_hinkley": detections(drift.PageHinkley(), stream),
        })
    print(json.dumps({
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "river": river.__version__},
        "pairs": pairs,
        "changes": changes,
    }, indent=1))


if __name__ == "__main__":
    main()
