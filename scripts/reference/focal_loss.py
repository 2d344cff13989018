#!/usr/bin/env python3
"""The focal loss (Lin et al. 2017) of random logits and its gradient, by PyTorch's autograd in float64 from the paper's formula.

    python scripts/reference/focal_loss.py          writes Tests/Fixtures/torch/focal_loss.safetensors

Made with torch 2.13.0, safetensors 0.8.0.
"""

import pathlib

import torch
from safetensors.torch import save_file

TARGET = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "torch" / "focal_loss.safetensors"
GAMMAS = [0.5, 1.0, 2.0, 5.0]


def main():
    generator = torch.Generator().manual_seed(11)
    logits = torch.randn(9, 5, generator=generator, dtype=torch.float64) * 3
    logits[0] = torch.tensor([8.0, 0, 0, 0, 0])  # sure and right
    logits[1] = torch.tensor([40.0, 0, 0, 0, 0])  # sure and wrong
    targets = torch.tensor([0, 3, 1, 2, 3, 4, 0, 4, 1])
    weights = torch.tensor([2.0, 0.5, 1.0, 0.25, 3.0], dtype=torch.float64)
    logits = logits.float().double()
    tensors = {"logits": logits.float(), "targets": targets, "weights": weights.float()}
    for gamma in GAMMAS:
        for name, weight in [("plain", torch.ones(5, dtype=torch.float64)), ("weighted", weights)]:
            x = logits.clone().requires_grad_()
            log_p = torch.log_softmax(x, -1).gather(1, targets[:, None])[:, 0]
            loss = (weight[targets] * (-torch.expm1(log_p)) ** gamma * -log_p).sum()
            loss.backward()
            tensors[f"{gamma}/{name}/loss"] = loss.detach().reshape(1)
            tensors[f"{gamma}/{name}/grad"] = x.grad
    save_file(tensors, TARGET)


if __name__ == "__main__":
    main()
