"""STRIDED_SLICE, SLICE, SPLIT, SPLIT_V and ARG_MAX."""
from __future__ import annotations

from construction import Construction, Dropped, Value

from . import case, expect

expect("STRIDED_SLICE", rank=(1, 2, 3, 4), mask=("none", "begin", "end", "shrink"),
       stride=("1", ">1", "negative"), index=("in range", "negative", "beyond the end"))
expect("SLICE", rank=(1, 2, 3, 4, 5), index=("int32", "int64"), size=("listed", "-1"))
expect("SPLIT", "SPLIT_V", rank=(1, 2, 3, 4, 5), axis=("positive", "negative"),
       outputs=(1, 2, 3, 4))
expect("SPLIT_V", size=("listed", "-1"))
expect("ARG_MAX", rank=(1, 2, 3, 4, 5), axis=("positive", "negative"))


def one_axis(c: Construction, size: int):
    """Begin, end, stride, masked begin, masked end, shrunk; and the positions selected."""
    if c.chance(0.2):
        position = c.integer(0, size - 1)
        stored = position - size if c.chance(0.3) else position
        # Negative and masked shrunk axes are corners where readers disagree: begin is plain.
        return stored, stored + 1, 1, False, False, True, [position]
    if c.chance(0.35):
        return 0, size, 1, c.chance(0.5), c.chance(0.5), False, list(range(size))
    stride = c.choose([1, 2, 3, -1, -2], [6, 2, 1, 2, 1])
    first, last = sorted((c.integer(0, size - 1), c.integer(0, size - 1)))
    begin_mask, end_mask = c.chance(0.25), c.chance(0.25)
    if stride > 0:
        first, last = 0 if begin_mask else first, size - 1 if end_mask else last
        selected = list(range(first, last + 1, stride))
        begin, end = first, last + 1
    else:
        first, last = 0 if end_mask else first, size - 1 if begin_mask else last
        selected = list(range(last, first - 1, stride))
        begin, end = last, first - 1
    if begin_mask:
        begin = c.integer(-9, 9)
    elif c.chance(0.25):
        begin -= size
    if end_mask:
        end = c.integer(-9, 9)
    elif end == size and c.chance(0.4):
        end += c.integer(1, 5)
    elif end == -1:
        end = -size - 1 - c.integer(0, 3)  # "before the first": -1 would mean the last
    elif c.chance(0.25) and end - size < 0:
        end -= size
    return begin, end, stride, begin_mask, end_mask, False, selected


@case("STRIDED_SLICE", weight=2)
def strided_slice(c: Construction, operator: str):
    x = c.pick(ranks=(1, 2, 3, 4))
    axes = [one_axis(c, size) for size in x.shape]
    if x.rank > 1 and c.chance(0.7):
        axes[0] = (0, x.shape[0], 1, c.chance(0.5), c.chance(0.5), False, range(x.shape[0]))
    begin, end, strides, begin_mask, end_mask, shrunk, selected = zip(*axes)

    def bits(flags):
        return sum(1 << axis for axis, flag in enumerate(flags) if flag)

    y = c.like(x, [len(s) for s, gone in zip(selected, shrunk) if not gone])
    c.emit(operator, [x, *(c.writer.indices(list(v)) for v in (begin, end, strides))], [y],
           {"beginMask": bits(begin_mask), "endMask": bits(end_mask),
            "shrinkAxisMask": bits(shrunk)})
    covers = {f"rank={x.rank}"}
    covers |= {f"mask={name}" for name, flags in
               (("begin", begin_mask), ("end", end_mask), ("shrink", shrunk)) if any(flags)}
    if not any(begin_mask + end_mask + shrunk):
        covers.add("mask=none")
    for axis, size in enumerate(x.shape):
        covers.add("stride=" + ("negative" if strides[axis] < 0 else
                                ">1" if strides[axis] > 1 else "1"))
        covers.add("index=" + ("negative" if begin[axis] < 0 or end[axis] < 0 else
                               "beyond the end" if end[axis] > size else "in range"))
    for item in covers:
        c.coverage[operator, item] += 1


@case("SLICE")
def slice_(c: Construction, operator: str):
    x = c.pick()
    begin = [c.integer(0, size - 1) if c.chance(0.6) else 0 for size in x.shape]
    sizes = [c.integer(1, size - b) for size, b in zip(x.shape, begin)]
    y_shape = list(sizes)
    open_ended = c.chance(0.4)
    if open_ended:
        axis = c.integer(0, x.rank - 1)
        y_shape[axis], sizes[axis] = x.shape[axis] - begin[axis], -1
    y = c.like(x, y_shape)
    dtype = c.choose(["int32", "int64"], [3, 1])
    operands = [c.writer.tensor([x.rank], dtype, data=v) for v in (begin, sizes)]
    c.emit(operator, [x, *operands], [y],
           covers={"rank": x.rank, "index": dtype, "size": "-1" if open_ended else "listed"})


@case("SPLIT")
def split(c: Construction, operator: str):
    x = c.pick(lambda v: any(size % n == 0 for size in v.shape for n in (2, 3, 4)) or
               c.chance(0.05))
    axis = c.choose([a for a, size in enumerate(x.shape) if size > 1] or [0])
    counts = [n for n in (1, 2, 3, 4) if x.shape[axis] % n == 0]
    count = c.choose(counts, [0.2 if n == 1 else 1 for n in counts])
    emit_split(c, operator, x, axis, [x.shape[axis] // count] * count)


@case("SPLIT_V")
def split_v(c: Construction, operator: str):
    x = c.pick(lambda v: max(v.shape) > 1)
    axis = c.choose([a for a, size in enumerate(x.shape) if size > 1])
    count = c.integer(1 if c.chance(0.2) else 2, min(4, x.shape[axis]))
    cuts = sorted(c.rng.choice(x.shape[axis] - 1, count - 1, replace=False) + 1)
    sizes = [int(b - a) for a, b in zip([0, *cuts], [*cuts, x.shape[axis]])]
    emit_split(c, operator, x, axis, sizes)


def emit_split(c: Construction, operator: str, x: Value, axis: int, sizes: list[int]):
    outputs = [c.like(x, [*x.shape[:axis], size, *x.shape[axis + 1:]]) for size in sizes]
    negative = c.chance(0.4)
    covers = {"rank": x.rank, "outputs": len(sizes),
              "axis": "negative" if negative else "positive"}
    stored = c.writer.indices(axis - x.rank if negative else axis)
    if operator == "SPLIT":
        operands = [stored, x]
    else:
        listed = list(sizes)
        covers["size"] = "-1" if c.chance(0.4) else "listed"
        if covers["size"] == "-1":
            listed[c.integer(0, len(listed) - 1)] = -1
        operands = [x, c.writer.indices(listed), stored]
    c.emit(operator, operands, outputs, {"numSplits": len(sizes)}, covers)


@case("ARG_MAX")
def arg_max(c: Construction, operator: str):
    x = c.pick()
    axis = c.integer(0, x.rank - 1)
    if x.shape[axis] == 1 and c.chance(0.7):
        raise Dropped
    y = c.writer.tensor([*x.shape[:axis], *x.shape[axis + 1:]], "int32")
    negative = c.chance(0.4)
    stored = axis - x.rank if negative else axis
    c.emit(operator, [x, c.writer.indices(stored if c.chance(0.6) else [stored])], [y],
           {"outputType": 2},  # int32 in the schema's TensorType
           {"rank": x.rank, "axis": "negative" if negative else "positive"})
    c.result(y)
