#!/usr/bin/env python3
"""The batches of an epoch, by a second implementation of the rule in Sources/Training/BatchSampler.swift.

    python scripts/reference/batch_order.py             writes Tests/Fixtures/training/batch_order.json

SplitMix64 is checked against the numbers published for seed 1234567 (https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64).
Only Python's standard library is needed.
"""

import json
import pathlib

TARGET = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "training" / "batch_order.json"
MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
STRETCH = 50  # batches that are sorted by length together


def splitmix64(state):
    while True:
        state = (state + GOLDEN) & MASK
        z = state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
        yield z ^ (z >> 31)


def shuffle(items, random):
    """Fisher and Yates from the end, an index being the high half of number x bound."""
    for i in range(len(items) - 1, 0, -1):
        j = next(random) * (i + 1) >> 64
        items[i], items[j] = items[j], items[i]


def batches(lengths, size, seed, epoch):
    random = splitmix64((seed + GOLDEN * (epoch + 1)) & MASK)
    order = list(range(len(lengths)))
    shuffle(order, random)
    stretch = size * STRETCH
    for start in range(0, len(order), stretch):
        order[start : start + stretch] = sorted(order[start : start + stretch], key=lambda row: (lengths[row], row))
    result = [order[start : start + size] for start in range(0, len(order), size)]
    shuffle(result, random)
    return result


def main():
    random = splitmix64(1234567)
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
    assert [next(random) for _ in published] == published

    cases = []
    for rows, size, seed, epoch in [(11, 4, 42, 0), (11, 4, 42, 1), (11, 4, 43, 0), (7, 16, 0, 3), (130, 1, MASK, 2), (1, 1, 5, 0)]:
        lengths = [(row * 37 + 11) % 23 + 1 for row in range(rows)]
        cases.append({"lengths": lengths, "size": size, "seed": str(seed), "epoch": epoch, "batches": batches(lengths, size, seed, epoch)})
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
