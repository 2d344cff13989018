#!/usr/bin/env python3
"""Does transformers read a classifier that Attune saved, and answer the same?

    python scripts/reference/classifier_roundtrip.py FOLDER EXPECTED.json [--output FIXTURE.json]

FOLDER is a model folder that Attune wrote. EXPECTED.json holds what Attune itself computes with it:

    {"labels": ["no", "yes"],             in the order of the ids
     "input_ids": [[101, 7, 102, 0], …],  rows of one length
     "attention_mask": [[1, 1, 1, 0], …], "token_type_ids": [[0, 0, 0, 0], …],    each may be missing
     "logits": [[0.25, -1.5], …],
     "texts": [{"text": "…", "ids": [101, 7, 102]}, …]}    may be missing: the saved tokenizer's answers

Everything transformers knows of the folder must agree: no missing, unexpected or misshapen weight, label names in order, problem
type, token ids, and every logit within 1e-5. If so, the fixture is written (Tests/Fixtures/roundtrip/FOLDER-NAME.json without
--output): the digest of each file that was read, the inputs, and transformers' own logits. A test saves the same model again and
compares files and logits with it, so that what transformers accepted stays what Attune writes. Exit codes: 0 equal, 1 not.

Made with transformers 5.23.0, torch 2.13.0. Needs Python only here, to make the reference; Attune runs without.
"""

import argparse
import hashlib
import json
import pathlib
import sys

import torch
import transformers
from transformers import AutoModelForSequenceClassification, AutoTokenizer

TOLERANCE = 1e-5
FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "roundtrip"


def load(folder):
    """The model in float32 and eager attention, and what did not fit while loading."""
    model, report = AutoModelForSequenceClassification.from_pretrained(
        folder, output_loading_info=True, attn_implementation="eager", dtype=torch.float32, local_files_only=True
    )
    return model.eval(), {kind: sorted(map(str, names)) for kind, names in report.items() if names}


def logits(model, expected):
    names = ("input_ids", "attention_mask", "token_type_ids")
    with torch.inference_mode():
        return model(**{name: torch.tensor(expected[name]) for name in names if name in expected}).logits


def problems(folder, expected):
    """What differs, one sentence each, and the logits that transformers gives."""
    model, unfit = load(folder)
    for kind, names in unfit.items():
        yield f"{kind}: {', '.join(names)}"

    config = model.config
    labels = [config.id2label.get(i) for i in range(config.num_labels)]
    if labels != expected["labels"]:
        yield f"labels: transformers reads {labels}, Attune wrote {expected['labels']}"
    if config.label2id != {name: i for i, name in enumerate(expected["labels"])}:
        yield f"label2id: transformers reads {config.label2id}"
    if config.problem_type not in ("single_label_classification", "multi_label_classification", "regression"):
        yield f"problem_type: transformers reads {config.problem_type}"

    found, wanted = logits(model, expected), torch.tensor(expected["logits"])
    if found.shape != wanted.shape:
        yield f"logits: transformers gives {tuple(found.shape)}, Attune {tuple(wanted.shape)}"
        return
    difference = (found - wanted).abs().max().item()
    expected["logits"] = found.tolist()
    expected["max_abs_difference"] = difference
    if not difference <= TOLERANCE:  # also when it is not a number
        yield f"logits: the largest difference is {difference:.3g}, expected at most {TOLERANCE:g}"

    if "texts" in expected:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        for row, case in enumerate(expected["texts"]):
            if (ids := tokenizer(case["text"], truncation=False, padding=False)["input_ids"]) != case["ids"]:
                yield f"texts, row {row}: transformers gives {ids}, Attune {case['ids']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("expected", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path)
    arguments = parser.parse_args()

    expected = json.loads(arguments.expected.read_text())
    found = list(problems(arguments.folder, expected))
    if found:
        sys.exit("\n".join(f"{arguments.folder}: {problem}" for problem in found))

    files = sorted(path for path in arguments.folder.iterdir() if path.is_file())
    fixture = {
        "made_with": {"torch": torch.__version__, "transformers": transformers.__version__},
        "sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
        **expected,
    }
    output = arguments.output or FIXTURES / f"{arguments.folder.resolve().name}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    lines = (f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in fixture.items())
    output.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(expected['logits'])} rows, largest difference {expected['max_abs_difference']:.3g}: {output}")


if __name__ == "__main__":
    main()
