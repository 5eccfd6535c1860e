#!/usr/bin/env python3
"""Writes the .npy files that Tests/InterchangeTests reads, with NumPy itself.

    scripts/make_npy_fixtures.py            needs NumPy; made with 2.4.6

Each file name tells what is inside. `good-*` must be read, and written again byte for byte where
it is version 1.0; `bad-*` must be refused.
"""

import pathlib

import numpy as np
from numpy.lib import format as npy

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Tests/InterchangeTests/Fixtures"


def save(name, array, version=None):
    with open(FOLDER / f"{name}.npy", "wb") as file:
        npy.write_array(file, array, version=version, allow_pickle=False)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    save("good-int8-2x3", np.array([[-128, -1, 0], [1, 2, 127]], np.int8))
    save("good-uint8-4", np.array([0, 1, 128, 255], np.uint8))
    save("good-int32-2x1x2", np.array([[[-(2**31), -1]], [[0, 2**31 - 1]]], np.int32))
    save("good-int64-2", np.array([-(2**63), 2**63 - 1], np.int64))
    save("good-float32-3", np.array([-1.5, 0.1, 3.4e38], np.float32))
    save("good-float64-2", np.array([0.1, -1e300], np.float64))
    save("good-float32-scalar", np.array(2.5, np.float32))
    save("good-float32-0x5", np.zeros((0, 5), np.float32))
    save("good-int8-1x1x1x1x1x1x1x2", np.array([3, 4], np.int8).reshape(1, 1, 1, 1, 1, 1, 1, 2))
    save("good-int8-2x3-v2", np.array([[-128, -1, 0], [1, 2, 127]], np.int8), (2, 0))
    save("good-int8-2x3-v3", np.array([[-128, -1, 0], [1, 2, 127]], np.int8), (3, 0))
    # A header whose text ends just at a multiple of 64 bytes.
    save("good-int8-long-header", np.zeros((1, 1, 1, 1, 1, 1, 1, 1), np.int8))

    save("bad-fortran", np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)))
    save("bad-big-endian", np.array([1, 2], ">f4"))
    save("bad-complex", np.array([1 + 2j], np.complex64))
    save("bad-bool", np.array([True, False]))
    save("bad-structured", np.array([(1, 2.0)], [("a", "<i4"), ("b", "<f4")]))
    save("bad-9-dimensions", np.zeros((1,) * 9, np.int8))


if __name__ == "__main__":
    main()
