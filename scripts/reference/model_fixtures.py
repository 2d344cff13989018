#!/usr/bin/env python3
"""Copies the golden checkpoints and traces that every clone has into Tests/Fixtures, without what stems from public posts.

    python scripts/reference/model_fixtures.py $ATTUNE_FIXTURES

Of a model's expectations the cases named `text…` are left out: their inputs are posts. The tests run those from ATTUNE_FIXTURES.
Only Python's standard library is needed.
"""

import json
import pathlib
import shutil
import struct
import sys

TARGET = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures"
MODELS = ("bert_seqcls", "bert_pooler", "roberta_seqcls")
TRACE = "b_lora/train_full_weighted_global"


def is_post(case):
    return case.startswith("text")


def read(path):
    """Every member of the header, with its bytes if it is a tensor."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    body = data[8 + length :]
    return {name: (entry, body[slice(*entry["data_offsets"])] if "dtype" in entry else None) for name, entry in header.items()}


def write(path, tensors):
    header, body = {}, b""
    for name, (entry, data) in tensors.items():
        if data is None:
            header[name] = entry
            continue
        header[name] = {**entry, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def main(source):
    for model in MODELS:
        folder = TARGET / "a_models" / model
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("config.json", "model.safetensors"):
            shutil.copyfile(source / "a_models" / model / name, folder / name)
        expected = json.loads((source / "a_models" / model / "expected.json").read_text())
        cases = {
            name: {key: case[key] for key in ("problem_type", "padding_side", "grad_norms")}
            for name, case in expected["cases"].items()
            if not is_post(name)
        }
        (folder / "expected.json").write_text(json.dumps({"class": expected["class"], "cases": cases}, indent=1) + "\n")
        tensors = read(source / "a_models" / model / "expected.safetensors")
        write(folder / "expected.safetensors", {name: value for name, value in tensors.items() if not is_post(name)})

    for name in ("trace.json", "batches.safetensors", "params_after_step1.safetensors", "final/model.safetensors"):
        (TARGET / TRACE / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / TRACE / name, TARGET / TRACE / name)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
