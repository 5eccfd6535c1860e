"""RELU, RELU6, LEAKY_RELU, HARD_SWISH, LOGISTIC, TANH and SOFTMAX."""
from __future__ import annotations

from construction import Construction, Dropped

from . import case, expect

ALPHAS = (0.01, 0.1, 0.2, 0.3, 0.0, 1.0, -0.5, 1.5)
BETAS = (1.0, 0.5, 2.0, 0.1)

expect("RELU", quantization=("same", "other"), shift=("left", "right"))
expect("LEAKY_RELU", quantization=("same", "other"), alpha=ALPHAS, shift=("left", "right"))
expect("HARD_SWISH", quantization=("same", "other"))
expect("SOFTMAX", beta=BETAS, rank=(1, 2, 3, 4, 5))
expect("RELU6", "LOGISTIC", "TANH", rank=(1, 2, 3, 4, 5))

ALL_RANKS = (0, 1, 2, 3, 4, 5)


def rescaled(c: Construction, x, mean, deviation):
    """Output quantization for an operator that may change it, and what it covers."""
    same = c.chance(0.35)
    output = x.quantization if same else c.quantization(mean, deviation, sharp=0.15)
    output["scales"] = max(output["scales"], x.scale / 2**16)
    left = not same and x.scale / output["scales"] >= 1.0
    return output, {"quantization": "same" if same else "other",
                    "shift": "left" if left else "right"}


@case("RELU")
def relu(c: Construction, operator: str):
    x = c.pick(ranks=ALL_RANKS)
    output, covers = rescaled(c, x, max(x.real_mean, 0.4 * x.real_deviation),
                              0.6 * x.real_deviation)
    y = c.produce(x.shape, max(x.real_mean, 0.4 * x.real_deviation), x.real_deviation, **output)
    c.emit(operator, [x], [y], covers=covers)


@case("RELU6")
def relu6(c: Construction, operator: str):
    x = c.pick(lambda v: 0.2 < v.real_deviation < 60)
    y = c.like(x, x.shape)
    c.emit(operator, [x], [y], covers={"rank": x.rank})


@case("LEAKY_RELU")
def leaky_relu(c: Construction, operator: str):
    x = c.pick(ranks=ALL_RANKS)
    alpha = c.choose(ALPHAS)
    mean = max(x.real_mean, 0.4 * x.real_deviation)
    output, covers = rescaled(c, x, mean, x.real_deviation)
    y = c.produce(x.shape, mean, x.real_deviation, **output)
    c.emit(operator, [x], [y], {"alpha": alpha}, {**covers, "alpha": alpha})


@case("HARD_SWISH")
def hard_swish(c: Construction, operator: str):
    x = c.pick(lambda v: 0.05 < v.real_deviation < 200)
    output, covers = rescaled(c, x, max(x.real_mean, 0.4 * x.real_deviation), x.real_deviation)
    del covers["shift"]
    output["scales"] = max(output["scales"], x.scale / 100)  # the reference allows up to 128
    y = c.produce(x.shape, max(x.real_mean, 0), x.real_deviation, **output)
    c.emit(operator, [x], [y], covers=covers)


@case("LOGISTIC", "TANH")
def sigmoid(c: Construction, operator: str):
    x = c.pick(lambda v: 0.05 < v.real_deviation < 100 or c.chance(0.05))
    if operator == "LOGISTIC":
        y = c.produce(x.shape, 0.5, 0.3, scales=1 / 256, zero_points=-128)
    else:
        y = c.produce(x.shape, 0.0, 0.6, scales=1 / 128, zero_points=0)
    c.emit(operator, [x], [y], covers={"rank": x.rank})


@case("SOFTMAX", weight=1.5)
def softmax(c: Construction, operator: str):
    beta = c.choose(BETAS)
    x = c.pick(lambda v: 0.05 < v.real_deviation * beta < 30 or c.chance(0.05))
    if x.scale * beta * 2**26 < 2:  # the reference takes no multiplier below one
        raise Dropped
    y = c.produce(x.shape, 1 / x.shape[-1], 0.2, scales=1 / 256, zero_points=-128)
    c.emit(operator, [x], [y], {"beta": beta}, {"beta": beta, "rank": x.rank})
