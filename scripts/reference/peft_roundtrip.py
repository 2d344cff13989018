#!/usr/bin/env python3
"""Do PEFT and Attune read each other's adapters, and compute the same with them?

    PEERS_PYTHON=PYTHON ATTUNE_FIXTURES=DIR PYTHON scripts/reference/peft_roundtrip.py [--program .build/release/attune-bench]

For each kind of adapter, two ways round:
    PEFT -> Attune -> PEFT   PEFT makes and saves one, Attune reads it and saves it again, PEFT reads that;
    Attune -> PEFT -> Attune Attune makes and saves one, PEFT reads it by the lines of the README in it and saves it again, Attune reads that.
Logits of every step must agree within 1e-5 of the largest, tensors that were only copied bit by bit; PEFT must load every key, accept
the configuration without a warning, and find a classifier's label names. The figures go to scripts/reference/peft_roundtrip.json.
Exit codes: 0 equal, 1 not. Made with torch 2.13.0, transformers 5.23.0, peft 0.21.2.
"""

import argparse
import io
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

TOLERANCE = 1e-5
LABELS = ["calm", "low", "worried", "high"]
CAUSAL = {
    "lora": dict(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"], lora_dropout=0.05),
    "rslora, all-linear": dict(r=4, target_modules="all-linear", use_rslora=True),
    "dora": dict(r=4, lora_alpha=12, target_modules=["q_proj", "k_proj", "o_proj", "up_proj"], use_dora=True),
    "patterns": dict(r=8, target_modules=["q_proj", "v_proj", "down_proj"], rank_pattern={"down_proj": 5, "layers.1.self_attn.q_proj": 2},
                     alpha_pattern={"layers.1.self_attn.q_proj": 32}),
    "regular expression": dict(r=2, target_modules=r"model\.layers\.\d+\.mlp\.(gate|up)_proj", lora_bias=False),
    "modules_to_save": dict(r=4, target_modules=["q_proj"], modules_to_save=["lm_head", "embed_tokens"]),
    "some layers": dict(r=4, target_modules=["q_proj", "o_proj"], layers_to_transform=[1], layers_pattern=["layers"]),
    "embeddings": dict(r=4, target_modules=["embed_tokens", "v_proj"]),
    "output head": dict(r=4, target_modules=["lm_head", "v_proj"], init_lora_weights="gaussian"),
}
CLASSIFIER = {
    "lora": dict(r=8, lora_alpha=16, lora_dropout=0.1),
    "rslora, all-linear": dict(r=4, target_modules="all-linear", use_rslora=True),
    "dora": dict(r=4, target_modules="all-linear", use_dora=True),
    "patterns": dict(r=8, rank_pattern={"1.attention.self.query|1.self_attn.q_proj": 3}),
    "biases": dict(r=2, bias="lora_only"),
}
MODELS = {
    "llama_mha": (AutoModelForCausalLM, "CAUSAL_LM", CAUSAL),
    # Its embeddings are tied: PEFT trains a copy of the end, or ends, that it is asked for.
    "llama_gqa": (AutoModelForCausalLM, "CAUSAL_LM", {k: CAUSAL[k] for k in ("lora", "rslora, all-linear", "dora", "modules_to_save", "embeddings", "output head")}
                  | {"tied, input saved": dict(r=4, target_modules=["q_proj"], modules_to_save=["embed_tokens"]),
                     "tied, output saved": dict(r=4, target_modules=["q_proj"], modules_to_save=["lm_head"])}),
    "bert_seqcls": (AutoModelForSequenceClassification, "SEQ_CLS", CLASSIFIER | {"all biases": dict(r=2, target_modules="all-linear", bias="all")}),
    "roberta_seqcls": (AutoModelForSequenceClassification, "SEQ_CLS", CLASSIFIER),
    "llama_seqcls": (AutoModelForSequenceClassification, "SEQ_CLS", {k: CLASSIFIER[k] for k in ("lora", "rslora, all-linear", "dora", "patterns")}),
}


def attune(program, **options):
    command = [program, "adapter"] + [word for name, value in options.items() if value is not None for word in (f"--{name}", str(value))]
    found = subprocess.run(command, capture_output=True, text=True)
    if found.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {found.stderr[:400]}")
    return json.loads(found.stdout)


def peft_logits(model, rows):
    with torch.inference_mode():
        return [v for row in rows for v in model(input_ids=torch.tensor([row])).logits.float().flatten().tolist()]


def difference(a, b):
    assert len(a) == len(b), f"{len(a)} logits against {len(b)}"
    return max(abs(x - y) for x, y in zip(a, b)) / max(1.0, max(abs(x) for x in a))


def load(base, folder, said):
    """The adapted model; what PEFT says of it goes to `said`."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = PeftModel.from_pretrained(base, folder)
    said += [str(w.message) for w in caught if not issubclass(w.category, (DeprecationWarning, FutureWarning))]
    own = {k for k in peft.get_peft_model_state_dict(model)}
    stored = set(load_file(f"{folder}/adapter_model.safetensors"))
    copies = {k for k in own ^ stored if ".modules_to_save." in k or ".original_module." in k or k.endswith("embed_tokens.base_layer.weight")}
    said += [f"key {k} is on one side only" for k in sorted((own ^ stored) - copies)]
    return model.eval()


def from_readme(folder, said):
    """The lines of the README, run as they stand but for the folder's name."""
    code = (pathlib.Path(folder) / "README.md").read_text().split("```python\n")[1].split("```")[0].replace("ADAPTER", str(folder))
    names = {}
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("always")
        exec(code, names)
    said += [str(w.message) for w in caught if not issubclass(w.category, (DeprecationWarning, FutureWarning))]
    return names["model"].eval()


def one(program, name, kind, task, options, folder, base, rows):
    said = []
    config = LoraConfig(task_type=task, **options)
    ids = folder / "ids.json"
    ids.write_text(json.dumps(rows))

    # PEFT -> Attune -> PEFT
    torch.manual_seed(3)
    model = get_peft_model(kind.from_pretrained(base, attn_implementation="eager"), config).eval()
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data += torch.randn_like(parameter) * 0.1
    expected = peft_logits(model, rows)
    model.save_pretrained(folder / "peft")
    found = attune(program, model=base, adapter=folder / "peft", ids=ids, save=folder / "peft-attune")
    again = load(kind.from_pretrained(base, attn_implementation="eager"), folder / "peft-attune", said)
    first = {"attune": difference(expected, found["logits"]), "peft again": difference(expected, peft_logits(again, rows))}
    before, after = load_file(folder / "peft" / "adapter_model.safetensors"), load_file(folder / "peft-attune" / "adapter_model.safetensors")
    changed = [k for k in after if not torch.equal(after[k], before[k])]
    lost = [k for k in before.keys() - after.keys() if ".modules_to_save." not in k and ".original_module." not in k]
    said += [f"{k} changed on its way through Attune" for k in changed] + [f"{k} was lost in Attune" for k in lost]
    ours, theirs = (json.loads((folder / f / "adapter_config.json").read_text()) for f in ("peft-attune", "peft"))
    for settings in (ours, theirs):
        settings["target_modules"] = sorted(settings["target_modules"]) if isinstance(settings["target_modules"], list) else settings["target_modules"]
        settings.pop("base_model_name_or_path")
    if ours != theirs:
        said.append(f"configuration: {[k for k in theirs if ours.get(k) != theirs[k]]} differ")

    # Attune -> PEFT -> Attune
    written = {"peft_type": "LORA", "task_type": task} | options
    (folder / "new.json").write_text(json.dumps(written))
    classes = ",".join(LABELS) if task == "SEQ_CLS" else None
    made = attune(program, model=base, new=folder / "new.json", ids=ids, save=folder / "attune", labels=classes)
    model = from_readme(folder / "attune", said)
    if task == "SEQ_CLS" and [model.config.id2label[i] for i in range(len(LABELS))] != LABELS:
        said.append(f"labels: {model.config.id2label}")
    model.save_pretrained(folder / "attune-peft")
    loaded = attune(program, model=base, adapter=folder / "attune-peft", ids=ids)
    second = {"peft": difference(made["logits"], peft_logits(model, rows)), "attune again": difference(made["logits"], loaded["logits"])}
    worst = max([*first.values(), *second.values()])
    return {
        "model": name, "task": task, "peft -> attune -> peft": first, "attune -> peft -> attune": second, "problems": said,
        "equal": worst <= TOLERANCE and not said}


def base(models, name, folder):
    """The model with a tokenizer that every version reads: ids are given, so it plays no part."""
    target = pathlib.Path(folder) / "base"
    target.mkdir()
    for file in ("config.json", "model.safetensors"):
        shutil.copy(models / name / file, target)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(models / "bert_seqcls" / file, target)
    return target


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=".build/release/attune-bench")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    models = pathlib.Path(os.environ["ATTUNE_FIXTURES"]) / "a_models"
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    results = []
    for name, (kind, task, cases) in MODELS.items():
        vocabulary = json.loads((models / name / "config.json").read_text())["vocab_size"]
        generator = torch.Generator().manual_seed(5)
        rows = [torch.randint(5, vocabulary, (length,), generator=generator).tolist() for length in (7, 19, 12)]
        for case, options in cases.items():
            if arguments.only not in f"{name} {case}":
                continue
            with tempfile.TemporaryDirectory() as folder:
                try:
                    result = one(arguments.program, name, kind, task, options, pathlib.Path(folder), base(models, name, folder), rows)
                except Exception as problem:  # the next kinds are tried all the same
                    result = {"model": name, "task": task, "problems": [f"{type(problem).__name__}: {problem}"], "equal": False}
            results.append({"case": case} | result)
            print("equal " if result["equal"] else "DIFFER", name, case, *result["problems"][:4], sep="  ", flush=True)
    target = pathlib.Path(__file__).with_suffix(".json")
    versions = {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__}
    if not arguments.only:
        target.write_text(json.dumps({"tolerance, relative to the largest logit": TOLERANCE, "versions": versions, "cases": results}, indent=1) + "\n")
    sys.exit(0 if all(r["equal"] for r in results) else 1)


main()
