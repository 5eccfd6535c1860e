"""The results as Markdown."""
from __future__ import annotations

from results import BAR, Results
from runtimes import Model

NONE = "–"


def markdown(results: Results, machine: dict, seconds: float, rounds: int) -> str:
    """The table with what is needed to read it."""
    return "\n".join([*conditions(machine, seconds, rounds), "", *rows(results), "",
                      *reading(results)])


def conditions(machine: dict, seconds: float, rounds: int) -> list[str]:
    versions = machine["versions"]
    features = ", ".join(machine["features"]) or "none of note"
    return [
        f"{machine['date']}; {machine['processor']}, {machine['processors']} processors, "
        f"instruction sets: {features}; {machine['system']} {machine['machine']}; load average "
        f"{machine['load_average']} at the start.  ",
        f"{versions['swiftlet']}, ai-edge-litert {versions['ai-edge-litert']}, tflite-micro "
        f"{versions['tflite-micro']}, numpy {versions['numpy']}, Python {versions['python']}; "
        f"one thread; {rounds} × {seconds:g} s for each runtime and model.",
    ]


def rows(results: Results) -> list[str]:
    """One line a model: fastest run and median in microseconds, then the ratio."""
    runtimes = results.runtimes
    header = ["model", "MACs", *(f"{r.title}, µs" for r in runtimes),
              "XNNPACK ÷ Swiftlet", "single rounds", "output"]
    lines = [cells(header), cells(["---", *["--:"] * (len(header) - 2), "---"])]
    for model in results.models:
        macs = results.macs(model)
        lines.append(cells([
            model.name, NONE if macs is None else f"{macs:,}",
            *(timing(results, model, r) for r in runtimes),
            ratio(results, model), spread(results, model), agreement(results, model)]))
    means = []
    for runtime in runtimes:
        mean = results.mean_speedup(runtime)
        means.append(NONE if mean is None else f"{mean[0]:.2f}")
    mean_ratio = means[[r.key for r in runtimes].index("swiftlet")]
    label = "**XNNPACK ÷ column, geometric mean**"
    lines.append(cells([label, "", *means, f"**{mean_ratio}**", "", ""]))
    return lines


def cells(values: list[str]) -> str:
    return "| " + " | ".join(values) + " |"


def timing(results: Results, model: Model, runtime) -> str:
    series = results.series(model, runtime)
    if not series.is_complete:
        return NONE
    return f"{microseconds(series.min_us)} ({microseconds(series.median_us)})"


def microseconds(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}" if value >= 1000 else f"{value:.1f}"


def ratio(results: Results, model: Model) -> str:
    speedup = results.speedup(model, ours(results))
    return NONE if speedup is None else f"**{speedup:.2f}**"


def spread(results: Results, model: Model) -> str:
    limits = results.speedup_range(model, ours(results))
    return NONE if limits is None else f"{limits[0]:.2f}–{limits[1]:.2f}"


def agreement(results: Results, model: Model) -> str:
    differing = results.differing(model)
    if differing is None:
        return "TFLM gave none"
    if not differing:
        return "all as TFLM"
    return "not as TFLM: " + "; ".join(runtime.title for runtime in differing)


def ours(results: Results):
    return next(runtime for runtime in results.runtimes if runtime.key == "swiftlet")


def reading(results: Results) -> list[str]:
    bar = next(runtime.title for runtime in results.runtimes if runtime.key == BAR)
    lines = [
        "Each cell is the fastest run and, in brackets, the median over the rounds of the median "
        "run. Only ratios within one such table mean anything: other load on the machine changes "
        "the times by tens of percent, and medians with them. The runtimes take turns, round after "
        "round, and the ratio is fastest over fastest; *single rounds* is the range of what each "
        f"round alone would have given. Above 1, Swiftlet is faster than {bar}. The cost of "
        "Python's clock is taken off the peers' times; Swiftlet's own clock is left in. *Output* "
        "compares the bytes of the first run on the same input; TFLM decides what is right, and "
        "its portable kernels are there for that, not for their speed.",
    ]
    lines += [f"\n**Problem:** {problem}" for problem in results.problems()]
    return lines
