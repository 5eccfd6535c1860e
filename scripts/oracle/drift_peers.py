#!/usr/bin/env python3
"""Detection of the same changes by Swiftlet, Evidently, whylogs and river, each with its defaults.

    python -m venv V && V/bin/pip install -r scripts/oracle/drift-peers-requirements.txt
    V/bin/python scripts/oracle/drift_peers.py --simulation .build/release/DriftSimulation

A series has a reference, quiet windows and changed windows. Evidently and whylogs look at every
window as Swiftlet does; river's detectors take every sample. Prints a Markdown table: the share of
quiet windows (river: of quiet series) with an alarm, and the share of changes found with the median
delay in windows. A change counts as found when an alarm comes in a changed window; for who alarms
without a change that says little, hence the first column.
"""

import argparse
import json
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from river import drift

warnings.filterwarnings("ignore")

from evidently.legacy.calculations.stattests import get_stattest  # noqa: E402
from evidently.legacy.core import ColumnType  # noqa: E402
import whylogs as why  # noqa: E402
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores  # noqa: E402

QUIET, CHANGED = 20, 20


def autoregression(random, count, correlation):
    noise = random.standard_normal(count + 500) * np.sqrt(1 - correlation**2)
    values = np.empty_like(noise)
    last = 0.0
    for index, step in enumerate(noise):
        last = correlation * last + step
        values[index] = last
    return values[500:]


CHANGES = {
    "shift 0.5 sd": lambda x, part: x + 0.5,
    "shift 1 sd": lambda x, part: x + 1.0,
    "shift 2 sd": lambda x, part: x + 2.0,
    "variance × 2": lambda x, part: x * np.sqrt(2),
    "ramp to 2 sd": lambda x, part: x + 2.0 * part,
}


def swiftlet(program, reference, stream, folder):
    (folder / "reference").write_bytes(reference.astype("<f4").tobytes())
    (folder / "stream").write_bytes(stream.astype("<f4").tobytes())
    done = subprocess.run(
        [program, "detect", "--reference", folder / "reference", "--stream", folder / "stream"],
        capture_output=True, check=True, text=True)
    return json.loads(done.stdout)


def evidently(reference, window):
    """Evidently's choice of test for this reference, at its own threshold."""
    before, now = pd.Series(reference), pd.Series(window)
    test = get_stattest(before, now, ColumnType.Numerical, None)
    return test(before, now, ColumnType.Numerical, None).drifted


def whylogs(reference_view, window):
    view = why.log(pd.DataFrame({"x": window})).view()
    score = calculate_drift_scores(target_view=view, reference_view=reference_view, with_thresholds=True)
    return score["x"]["drift_category"] == "DRIFT"


def river(detector, stream):
    found = []
    for index, value in enumerate(stream):
        detector.update(float(value))
        if detector.drift_detected:
            found.append(index + 1)
    return found


class Score:
    def __init__(self):
        self.false, self.quiet, self.delays, self.missed = 0, 0, [], 0

    def windows(self, alarms):
        """Of a list of flags, one a window."""
        self.false += sum(alarms[:QUIET])
        self.quiet += QUIET
        hits = [index for index, alarm in enumerate(alarms[QUIET:]) if alarm]
        if hits:
            self.delays.append(hits[0] + 1)
        else:
            self.missed += 1

    def cells(self):
        found = len(self.delays)
        share = 100 * found / (found + self.missed)
        delay = f", {np.median(self.delays):.0f}" if found else ""
        return f"{100 * self.false / self.quiet:.1f} %", f"{share:.0f} %{delay}"


def flags(samples, window):
    marks = [False] * (QUIET + CHANGED)
    for sample in samples:
        marks[min((sample - 1) // window, QUIET + CHANGED - 1)] = True
    return marks


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--simulation", required=True)
    parser.add_argument("--series", type=int, default=10)
    arguments = parser.parse_args()
    names = ["Swiftlet", "Evidently", "whylogs", "river ADWIN", "river Page–Hinkley"]
    print("| data | window | | " + " | ".join(names) + " |")
    print("|---|---:|---|" + "---:|" * len(names))
    for title, correlation, reference_count in [
        ("independent", 0.0, 30_000), ("AR(1), ρ = 0.9", 0.9, 100_000),
    ]:
        table = {change: [Score() for _ in names] for change in CHANGES}
        window = 0
        for seed in range(arguments.series):
            random = np.random.default_rng(seed)
            reference = autoregression(random, reference_count, correlation)
            with tempfile.TemporaryDirectory() as temporary:
                folder = Path(temporary)
                window = swiftlet(arguments.simulation, reference, reference[:8], folder)["window"]
                reference_view = why.log(pd.DataFrame({"x": reference[:10_000]})).view()
                base = autoregression(random, window * (QUIET + CHANGED), correlation)
                quiet = [base[index * window:(index + 1) * window] for index in range(QUIET)]
                calm = ([evidently(reference, w) for w in quiet], [whylogs(reference_view, w) for w in quiet])
                for change, apply in CHANGES.items():
                    part = np.linspace(0, 1, window * CHANGED)
                    stream = np.concatenate([base[:window * QUIET], apply(base[window * QUIET:], part)])
                    changed = [
                        stream[index * window:(index + 1) * window] for index in range(QUIET, QUIET + CHANGED)]
                    scores = table[change]
                    scores[0].windows(flags(
                        swiftlet(arguments.simulation, reference, stream, folder)["alarms"], window))
                    scores[1].windows(calm[0] + [evidently(reference, w) for w in changed])
                    scores[2].windows(calm[1] + [whylogs(reference_view, w) for w in changed])
                    scores[3].windows(flags(river(drift.ADWIN(), stream), window))
                    scores[4].windows(flags(river(drift.PageHinkley(), stream), window))
        false = [score.cells()[0] for score in table["shift 2 sd"]]
        print(f"| {title} | {window} | quiet windows with an alarm | " + " | ".join(false) + " |")
        for change, scores in table.items():
            print(f"| | | {change} | " + " | ".join(score.cells()[1] for score in scores) + " |", flush=True)


if __name__ == "__main__":
    main()
