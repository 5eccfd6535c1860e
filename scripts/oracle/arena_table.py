"""Arena bytes of models: TensorFlow Lite Micro, the lower bound, and Swiftlet.

  python arena_table.py MODEL.tflite... [--swiftlet PATH]

Prints a Markdown table. TFLM's head holds activations (and scratch), its tail holds records and
resource variables (64-bit pointers). The bound is the largest sum of activations alive at one
operator (RESHAPE-like operators share storage, nothing in place, no variables). Swiftlet's figure
is `arena_bytes` of `swiftlet inspect --json`; "over the bound" subtracts bound and variables.
Exit 1 when a model needs more than TFLM's arena.
"""
from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from programs import ProgramFailure, Programs
from tflite_reader import Model
from tflm import Oracle, OracleRefusal


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    Programs.add_arguments(parser)
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL.tflite")
    parser.add_argument("--reference-only", action="store_true",
                        help="leave Swiftlet's column out")
    arguments = parser.parse_args()
    programs = Programs.from_arguments(arguments)
    print("| model | TFLM head | TFLM tail | TFLM arena | bound | variables | Swiftlet arena "
          "| over the bound |\n|---|--:|--:|--:|--:|--:|--:|--:|")
    worse = False
    with Oracle() as oracle, tempfile.TemporaryDirectory(prefix="arena-") as scratch:
        for path in arguments.models:
            model = Model(path)
            if not model.is_int8:
                print(f"{path.name}: not int8, left out", file=sys.stderr)
                continue
            bound, variables = model.activation_bound(), model.variable_bytes()
            try:
                use = oracle.arena(model.data)
                reference = f"{use.head:,} | {use.tail:,} | {use.total:,}"
            except OracleRefusal as refusal:
                print(f"{path.name}: {refusal}", file=sys.stderr)
                use, reference = None, "refused | | "
            ours, over = "", ""
            if not arguments.reference_only:
                converted = Path(scratch) / "model.swl"
                try:
                    programs.convert(path, converted)
                    arena = int(programs.inspect(converted)["arena_bytes"])
                except ProgramFailure as failure:
                    sys.exit(f"error: {path}: {failure}")
                ours, over = f"{arena:,}", f"{arena - bound - variables:,}"
                worse |= use is not None and arena > use.total
            print(f"| {path.stem} | {reference} | {bound:,} | {variables:,} | {ours} | {over} |")
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
