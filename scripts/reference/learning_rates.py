#!/usr/bin/env python3
"""The learning rate of every step, as transformers' schedulers give it.

    python scripts/reference/learning_rates.py          writes Tests/Fixtures/training/learning_rates.json

Made with transformers 5.23.0, torch 2.13.0.
"""

import json
import pathlib

import torch
from transformers import get_scheduler

TARGET = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "training" / "learning_rates.json"
NAMES = {"linear": "linear", "cosine": "cosine", "constant": "constant_with_warmup"}
SETTINGS = [(5e-5, 3, 20), (1e-3, 0, 7), (2e-5, 10, 10), (3e-4, 1, 1), (1e-5, 2, 3)]


def rates(name, peak, warmup, steps):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
    scheduler = get_scheduler(name, optimizer, num_warmup_steps=warmup, num_training_steps=steps)
    for _ in range(steps):
        yield scheduler.get_last_lr()[0]
        optimizer.step()
        scheduler.step()


def main():
    cases = [
        {"shape": shape, "peak": peak, "warmup": warmup, "steps": steps, "rates": list(rates(name, peak, warmup, steps))}
        for shape, name in NAMES.items()
        for peak, warmup, steps in SETTINGS
    ]
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
