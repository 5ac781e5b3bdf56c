#!/usr/bin/env python3
"""Records golden values of numpy.random.RandomState for the tests.

For each seed, every list in the golden file comes from a fresh generator,
so that a wrong draw in one does not hide in the next. Needs numpy.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.random import RandomState

SEEDS = (0, 1, 123, 2**32 - 1)

# 1248 words are two regenerations of the 624 words of state.
LATE_WORD = 1247

# Around powers of two masked rejection changes its mask. Two ranges above
# 32 bits, and the largest whose width a float64 holds exactly.
RANGES = (
    (0, 1),
    (5, 6),
    (0, 2),
    (-3, 4),
    (0, 7),
    (0, 8),
    (0, 9),
    (-128, 128),
    (0, 255),
    (0, 256),
    (0, 257),
    (0, 10),
    (0, 2**31 - 1),
    (0, 2**31),
    (0, 2**31 + 1),
    (0, 2**32 - 1),
    (0, 2**32),
    (0, 2**32 + 1),
    (-(2**40), 3 * 2**40),
    (0, 2**53 - 1),
)


def words(seed, count):
    """Raw words: randint over all of 32 bits passes them on unchanged."""
    random = RandomState(seed)
    return random.randint(0, 2**32, size=count, dtype=np.uint32).tolist()


def interleaved(seed):
    """Normal draws of odd counts, with other draws between the pairs."""
    random = RandomState(seed)
    return [
        {"normal": random.normal(0.0, 1.0, size=1).tolist()},
        {"randomSample": random.random_sample()},
        {"normal": random.normal(10.0, 0.5, size=2).tolist()},
        {"randint": int(random.randint(0, 1000))},
        {"normal": random.normal(-1.0, 3.0, size=3).tolist()},
        {"permutation": random.permutation(5).tolist()},
        {"normal": random.normal(0.0, 0.1, size=2).tolist()},
    ]


def shuffled(seed, count):
    values = np.arange(count)
    RandomState(seed).shuffle(values)
    return values.tolist()


def shuffled_twice(seed, count):
    """The second pass over a data set starts where the first one ended."""
    random = RandomState(seed)
    values = np.arange(count)
    random.shuffle(values)
    random.shuffle(values)
    return values.tolist()


def ranges(seed):
    """Six draws of each range, and the word that comes after them."""
    recorded = []
    for low, high in RANGES:
        random = RandomState(seed)
        draws = random.randint(low, high, size=6).tolist()
        following = int(random.randint(0, 2**32, dtype=np.uint32))
        recorded.append(
            {"low": low, "high": high, "draws": draws, "nextWord": following}
        )
    return recorded


def states(seed):
    """What get_state tells after some draws, and what set_state goes on with."""
    recorded = []
    for normals, words_drawn in ((0, 0), (3, 5), (4, 700)):
        random = RandomState(seed)
        random.normal(0.0, 1.0, size=normals)
        random.randint(0, 2**32, size=words_drawn, dtype=np.uint32)
        _, key, position, has_gaussian, gaussian = random.get_state()
        recorded.append(
            {
                "normals": normals,
                "words": words_drawn,
                "key": key.tolist(),
                "position": int(position),
                "cachedGaussian": gaussian if has_gaussian else None,
                "nextNormals": random.normal(0.0, 1.0, size=3).tolist(),
                "nextWord": int(random.randint(0, 2**32, dtype=np.uint32)),
            }
        )
    return recorded


def record(seed):
    return {
        "seed": seed,
        "words": words(seed, 8),
        "lateWord": {
            "index": LATE_WORD,
            "word": words(seed, LATE_WORD + 1)[LATE_WORD],
        },
        "randomSample": RandomState(seed).random_sample(6).tolist(),
        "uniform": {
            "low": -0.3,
            "high": 1.7,
            "values": RandomState(seed).uniform(-0.3, 1.7, size=101).tolist(),
        },
        "normal": {
            "mean": 0.0,
            "standardDeviation": 0.1,
            "values": RandomState(seed).normal(0.0, 0.1, size=101).tolist(),
        },
        "interleaved": interleaved(seed),
        "shuffle": {
            str(count): shuffled(seed, count)
            for count in (0, 1, 2, 3, 16, 17, 257)
        },
        "shuffleTwice": shuffled_twice(seed, 33),
        "permutation": RandomState(seed).permutation(65).tolist(),
        "permutationOfArray": RandomState(seed)
        .permutation([40, -7, 7, 7, 0, 2**31 - 1])
        .tolist(),
        "randint": ranges(seed),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="test/golden/random-state.json")
    options = parser.parse_args()
    golden = {
        "program": "scripts/record-random.py",
        "numpy": np.__version__,
        "seeds": [record(seed) for seed in SEEDS],
        "states": {"seed": 123, "states": states(123)},
    }
    Path(options.out).write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
