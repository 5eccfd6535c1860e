"""Collects measurements and draws ratios from them.

Other load on a shared machine slows whole seconds at a time, so an average says more about the
neighbours than about the runtime. The fastest of many thousand runs, spread over rounds in which
the runtimes take turns, is the figure that repeats; ratios are minimum over minimum.
"""
from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field

from runtimes import Model, Runtime

# What the others are measured against, and whose bytes are the truth.
BAR = "litert-xnnpack"
TRUTH = "tflm"


@dataclass
class Series:
    """The measurements of one runtime on one model, one a round."""
    measurements: list[dict] = field(default_factory=list)
    failure: str | None = None

    @property
    def is_complete(self) -> bool:
        return bool(self.measurements) and self.failure is None

    @property
    def min_us(self) -> float:
        return min(m["min_us"] for m in self.measurements)

    @property
    def median_us(self) -> float:
        return statistics.median(m["median_us"] for m in self.measurements)

    @property
    def output_hash(self) -> str:
        """The hash; several joined by '/' where rounds disagree, which equals no other hash."""
        return "/".join(sorted({m["output_hash"] for m in self.measurements}))

    def summary(self) -> dict:
        if not self.is_complete:
            return {"failure": self.failure or "not measured"}
        return {"min_us": self.min_us, "median_us": self.median_us,
                "runs": sum(m["runs"] for m in self.measurements),
                "output_hash": self.output_hash, "rounds": self.measurements}


class Results:
    def __init__(self, models: list[Model], runtimes: list[Runtime]):
        self.models, self.runtimes = models, runtimes
        self._series = {(model, runtime): Series() for model in models for runtime in runtimes}
        self._by_key = {runtime.key: runtime for runtime in runtimes}

    def series(self, model: Model, runtime: Runtime | str) -> Series:
        key = self._by_key[runtime] if isinstance(runtime, str) else runtime
        return self._series[model, key]

    def macs(self, model: Model) -> int | None:
        """Multiply-accumulates of one run, as Swiftlet counts them."""
        measurements = self.series(model, "swiftlet").measurements
        return measurements[0]["macs"] if measurements else None

    def speedup(self, model: Model, runtime: Runtime) -> float | None:
        """Time of XNNPACK over time of the runtime; above 1 the runtime is faster."""
        bar, series = self.series(model, BAR), self.series(model, runtime)
        if not (bar.is_complete and series.is_complete and series.min_us > 0):
            return None
        return bar.min_us / series.min_us

    def speedup_range(self, model: Model, runtime: Runtime) -> tuple[float, float] | None:
        """The least and the greatest ratio that a single round would have given."""
        if self.speedup(model, runtime) is None:
            return None
        pairs = zip(self.series(model, BAR).measurements,
                    self.series(model, runtime).measurements)
        ratios = [bar["min_us"] / own["min_us"] for bar, own in pairs if own["min_us"] > 0]
        return (min(ratios), max(ratios)) if ratios else None

    def mean_speedup(self, runtime: Runtime) -> tuple[float, int] | None:
        """Geometric mean over the models that both ran, and how many those are."""
        ratios = [r for m in self.models if (r := self.speedup(m, runtime)) is not None]
        if not ratios:
            return None
        return math.exp(statistics.fmean(math.log(r) for r in ratios)), len(ratios)

    def differing(self, model: Model) -> list[Runtime] | None:
        """The runtimes whose output is not TFLM's; None where TFLM gave none."""
        truth = self.series(model, TRUTH)
        if not truth.is_complete:
            return None
        return [runtime for runtime in self.runtimes
                if (series := self.series(model, runtime)).is_complete
                and series.output_hash != truth.output_hash]

    def problems(self) -> list[str]:
        """What keeps this run from being a comparison: failures, and wrong bytes of ours."""
        found = [f"{model.name}: {runtime.title}: {series.failure or 'not measured'}"
                 for (model, runtime), series in self._series.items() if not series.is_complete]
        found += [f"{model.name}: {runtime.title}: the output is not TFLM's "
                  f"({self.series(model, runtime).output_hash} instead of "
                  f"{self.series(model, TRUTH).output_hash})"
                  for model in self.models for runtime in self.differing(model) or []
                  if runtime.is_ours]
        return found

    def summary(self) -> dict:
        """Everything, for JSON."""
        means = {r.key: self.mean_speedup(r) for r in self.runtimes}
        return {
            "models": [{
                "model": model.name, "file": str(model.tflite), "macs": self.macs(model),
                "runtimes": {r.key: {**self.series(model, r).summary(),
                                     "speedup_over_xnnpack": self.speedup(model, r)}
                             for r in self.runtimes},
                "differing_from_tflm": None if (differing := self.differing(model)) is None
                else [r.key for r in differing],
            } for model in self.models],
            "geometric_mean_speedup_over_xnnpack": {
                key: mean[0] for key, mean in means.items() if mean is not None},
            "problems": self.problems(),
        }
