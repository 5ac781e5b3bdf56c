#!/usr/bin/env python3
"""Records small files of arrays for the tests, as NumPy itself writes them.

Needs numpy. The archives hold the time of their making, so that their bytes
differ between two runs; what is in them does not.
"""

import argparse
from pathlib import Path

import numpy as np


def images(count, height, width):
    """Pixel p of image r is (height * width * r + p) mod 256."""
    return (np.arange(count * height * width) % 256).reshape(count, height, width)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("test/golden/npz"))
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)

    pooled = images(9, 2, 3).astype(np.uint8)
    labels = (np.arange(9) % 4).astype(np.uint8)
    np.savez_compressed(
        out / "keras.npz", x_test=pooled[6:], x_train=pooled[:6], y_train=labels[:6], y_test=labels[6:]
    )
    rows = images(4, 3, 3).reshape(4, 9)
    fractions = (rows / 255).astype(np.float32)
    counted = np.arange(4)
    np.savez(out / "fractions.npz", images=fractions, labels=counted)
    np.savez(out / "doubles.npz", images=rows / 255, labels=counted.astype(np.float64))
    np.savez(out / "big-endian.npz", x=images(4, 2, 3).astype(">u2")[..., None], y=counted.astype(">i4"))
    np.savez(out / "booleans.npz", images=images(4, 2, 2) % 2 == 1, labels=counted.astype(np.int8))
    np.savez(out / "named.npz", pictures=images(4, 2, 3).astype(np.int64), kinds=counted.astype(np.uint16))
    np.savez(out / "fortran.npz", images=np.asfortranarray(pooled[:4]), labels=counted)
    np.savez(out / "text.npz", images=pooled[:4], labels=np.array(["a", "b", "c", "d"]))
    np.savez(out / "unscaled.npz", images=rows.astype(np.float32), labels=counted)
    np.savez(out / "too-bright.npz", images=rows.astype(np.int16) + 250, labels=counted)
    np.savez(out / "negative-label.npz", images=pooled[:4], labels=counted - 1)
    np.savez(out / "colour.npz", images=np.zeros((4, 2, 3, 3), np.uint8), labels=counted)
    np.savez(out / "few-labels.npz", images=pooled[:4], labels=counted[:3])
    np.savez(out / "oblong.npz", images=images(4, 2, 3).reshape(4, 6).astype(np.uint8), labels=counted)


main()
