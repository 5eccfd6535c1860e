#!/usr/bin/env python3
"""Reads a metrics file with Prometheus' own Python parser and checks the conventions.

    check_metrics.py swiftlet.prom

Needs prometheus-client (tried with 0.26.0). Exit status 0: everything is as Prometheus wants it.
"""

import math
import sys

from prometheus_client.parser import text_string_to_metric_families


def problems(text: str) -> list[str]:
    found = []
    seen = set()
    for family in text_string_to_metric_families(text):
        name = family.name
        if name in seen:
            found.append(f"{name}: described twice")
        seen.add(name)
        if not name.startswith("swiftlet_"):
            found.append(f"{name}: does not begin with swiftlet_")
        if not family.documentation:
            found.append(f"{name}: has no HELP")
        if family.type not in ("counter", "gauge", "histogram"):
            found.append(f"{name}: is of type {family.type}")
        samples = set()
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            if key in samples:
                found.append(f"{sample.name}{sample.labels}: twice")
            samples.add(key)
            if family.type != "gauge" and (math.isnan(sample.value) or sample.value < 0):
                found.append(f"{sample.name}: is {sample.value}")
        if family.type == "histogram":
            buckets = [s for s in family.samples if s.name.endswith("_bucket")]
            counts = [s.value for s in buckets]
            total = next(s.value for s in family.samples if s.name.endswith("_count"))
            bounds = [float(s.labels["le"]) for s in buckets]
            if counts != sorted(counts) or bounds != sorted(bounds):
                found.append(f"{name}: buckets are not cumulative")
            if not math.isinf(bounds[-1]) or counts[-1] != total:
                found.append(f"{name}: the last bucket is not all of them")
    if not seen:
        found.append("there are no metrics")
    return found


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 64
    with open(sys.argv[1], encoding="utf-8") as file:
        found = problems(file.read())
    for problem in found:
        print(f"error: {sys.argv[1]}: {problem}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
