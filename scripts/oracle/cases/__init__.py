"""One function an operator: how a random graph gets one more of it, over all of its options.

`CASES` maps the operator to its function, `EXPECTED` to the options the coverage table must
show, so that an option that is never generated is visible.
"""
from __future__ import annotations

CASES: dict = {}
WEIGHTS: dict[str, float] = {}
EXPECTED: dict[str, dict[str, tuple]] = {}


def case(*operators: str, weight=1.0):
    """Registers a function of a `Construction` (and the operator's name) for operators."""
    def register(function):
        for operator in operators:
            CASES[operator] = function
            WEIGHTS[operator] = weight
        return function
    return register


def expect(*operators: str, **options):
    for operator in operators:
        EXPECTED.setdefault(operator, {}).update(options)


from . import activations, arithmetic, convolutions, movement, pooling  # noqa: E402, F401
from . import quantization, selection, state  # noqa: E402, F401
