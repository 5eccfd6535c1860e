"""VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE and CALL_ONCE, as streaming models use them."""
from __future__ import annotations

import numpy as np

from construction import Construction, Value

from . import CASES, case, expect

PATTERNS = ("ring", "accumulator", "delay", "write first", "read twice")

expect("READ_VARIABLE", pattern=PATTERNS, start=("zero point", "constant"))
expect("VAR_HANDLE")
expect("ASSIGN_VARIABLE")
expect("CALL_ONCE")


class Variable:
    """A resource variable of the graph: its handle, and its content's shape and quantization."""

    def __init__(self, c: Construction, content: Value, shape, initialized: bool):
        self.c, self.content, self.shape = c, content, tuple(shape)
        self.name = {"sharedName": f"state_{c.variables}", "container": ""}
        c.variables += 1
        if initialized:
            self.initialize()
        self.open_handle()

    def open_handle(self):
        """Makes a handle; a second one for the same name is the same variable."""
        self.handle = self.c.writer.tensor((), "resource")
        self.c.emit("VAR_HANDLE", [], [self.handle], self.name)

    def initialize(self):
        """Gives the variable a first content in the subgraph that CALL_ONCE runs."""
        c = self.c
        if c.initialization is None:
            c.initialization = c.model.subgraph("initialization")
            c.coverage["CALL_ONCE", ""] += 1
        handle = c.initialization.tensor((), "resource")
        data = c.rng.integers(-128, 128, self.shape)
        start = c.initialization.tensor(self.shape, "int8", data=np.asarray(data, np.int8),
                                        **self.content.quantization)
        c.initialization.operator("VAR_HANDLE", [], [handle], **self.name)
        c.initialization.operator("ASSIGN_VARIABLE", [handle, start], [])

    def read(self, covers=None) -> Value:
        value = self.c.like(self.content, self.shape)
        self.c.emit("READ_VARIABLE", [self.handle], [value], covers=covers)
        return value

    def assign(self, value: Value):
        self.c.emit("ASSIGN_VARIABLE", [self.handle, value], [])


@case("READ_VARIABLE", weight=2)
def streaming(c: Construction, _: str):
    pattern = c.choose(PATTERNS, [4, 2, 1, 1, 1])
    initialized = c.chance(0.5)
    covers = {"pattern": pattern, "start": "constant" if initialized else "zero point"}
    if pattern == "ring":
        ring(c, initialized, covers)
        return
    x = c.pick()
    if pattern == "accumulator":
        # The sum has its own scale, so the variable takes the sum's quantization.
        spread = 4 * x.real_deviation
        total = c.produce(x.shape, x.real_mean, spread, **c.quantization(x.real_mean, spread))
        variable = Variable(c, total, x.shape, initialized)
        before = variable.read(covers)
        c.emit("ADD", [x, before], [total], {"fusedActivationFunction": "NONE"})
        variable.assign(total)
        return
    variable = Variable(c, x, x.shape, initialized)
    if pattern == "write first":
        variable.assign(x)
        variable.read(covers)
    else:
        variable.read(covers)
        variable.assign(x)
        if pattern == "read twice":
            if c.chance(0.5):
                variable.open_handle()
            variable.read()


def ring(c: Construction, initialized: bool, covers: dict):
    """The last frames along axis 1 are kept: concatenate, keep the tail, convolve the whole."""
    x = c.pick(lambda v: v.shape[0] == 1, ranks=(3, 4))
    kept = c.integer(1, 8)
    variable = Variable(c, x, [1, kept, *x.shape[2:]], initialized)
    past = variable.read(covers)
    joined = c.like(x, [1, kept + x.shape[1], *x.shape[2:]])
    c.emit("CONCATENATION", [past, x], [joined], {"axis": 1})
    tail = c.like(x, variable.shape)
    begin = [0] * x.rank
    begin[1] = x.shape[1] if c.chance(0.5) else -kept
    masks = (1 << x.rank) - 1
    c.emit("STRIDED_SLICE", [joined, c.writer.indices(begin),
                             c.writer.indices(list(joined.shape)),
                             c.writer.indices([1] * x.rank)], [tail],
           {"beginMask": masks & ~2, "endMask": masks})
    variable.assign(tail)
    c.values.remove(tail)
    if x.rank == 4 and c.chance(0.7):
        follower = c.choose(["CONV_2D", "DEPTHWISE_CONV_2D"])
        # The joined frames are what the next operator should see.
        c.values.remove(joined)
        c.values.append(joined)
        c.attempt(lambda: CASES[follower](c, follower))
