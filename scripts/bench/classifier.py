#!/usr/bin/env python3
"""Attune's label classifier beside what users would run instead: training throughput and peak memory.

  PEERS=DIR PEERS_PYTHON=PYTHON ATTUNE_DATA=DIR scripts/bench/classifier.py [ROUNDS] [--append]

Runs every contender in turn (A B C A B C ...) and writes medians with all samples to results/classifier.json; --append adds the
rounds to those that stand there, so that a long measurement can be made in pieces. Environment: PEERS (folder of
label_classifier_hf.py), PEERS_PYTHON (its Python), ATTUNE_DATA (folder that holds MentalLLaMA). Build first: swift build -c release.

The rows: DR's training responses in full, batch 16, 256 tokens at most, 12 optimizer steps (192 rows) a sample, without tokenizing.
Before its clock starts, Attune has taken three steps forward and back to predict what the run will cost; so have the peers here (WARM),
and neither side's figure has the slow first call of anything in it. "mended" peers: measuring.mkl_library.
"""
import json, os, pathlib, statistics, sys, tempfile
from measuring import ATTUNE, HERE, ROOT, machine, run

ROUNDS = int(next((a for a in sys.argv[1:] if a.isdigit()), 3))
PEERS, PYTHON, DATA = os.environ["PEERS"], os.environ["PEERS_PYTHON"], os.environ["ATTUNE_DATA"] + "/MentalLLaMA"
RESULTS = HERE / "results/classifier.json"

WARM = """
import gc, runpy, sys
sys.path.insert(0, sys.argv[1])
import common, torch
from transformers import AutoModelForSequenceClassification
model = AutoModelForSequenceClassification.from_pretrained(common.MINILM, num_labels=2).train()
for length in (256, 112, 112):
    ids = torch.full((16, length), 1000)
    with torch.autocast("cpu", torch.bfloat16, enabled="bf16" in sys.argv):
        loss = model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=torch.zeros(16, dtype=torch.long)).loss
    loss.backward()
    model.zero_grad(set_to_none=True)
del model, loss
gc.collect()
sys.argv = [sys.argv[1] + "/label_classifier_hf.py"] + sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def peer(implementation, padding, dtype, mended=False):
    out, memory = run([PYTHON, "-c", WARM, PEERS, "--dataset", "DR", "--impl", implementation, "--pad", padding, "--dtype", dtype,
                       "--epochs", "1", "--limit", "192", "--limit_test", "16"], mended)
    line = json.loads([l for l in out.splitlines() if l.startswith('{"peer"')][-1])
    return {"samples_s": line["train_samples_s"], "tokens_s": line["train_tok_s"], "peak_mb": memory}


def ours(precision):
    with tempfile.TemporaryDirectory() as folder:
        _, memory = run([ATTUNE, "train", "classifier", "--dataset", "DR", "--data", DATA, "--base", f"{ROOT}/checkpoints/all-MiniLM-L6-v2",
                         "--output", f"{folder}/run", "--precision", precision, "--quiet", "data.input=full", "training.max_steps=12"], cwd=ROOT)
        rows = [json.loads(l) for l in open(f"{folder}/run/DR/seed-42/metrics.jsonl")]
        steps = [r for r in rows if "loss" in r]
        seconds = steps[-1]["seconds"]
        return {"samples_s": sum(r["rows"] for r in steps) / seconds, "tokens_s": sum(r["tokens"] for r in steps) / seconds, "peak_mb": memory}


TRAINER, TUNED, ATTUNE_BF16, ATTUNE_FP32 = "transformers Trainer, fp32, dynamic padding", "tuned transformers loop, bf16, buckets", "attune, bf16", "attune, fp32"
CONTENDERS = {
    TRAINER: lambda: peer("trainer", "dynamic", "fp32"),
    TRAINER + ", mended": lambda: peer("trainer", "dynamic", "fp32", mended=True),
    TUNED: lambda: peer("tuned", "bucket", "bf16"),
    TUNED + ", mended": lambda: peer("tuned", "bucket", "bf16", mended=True),
    ATTUNE_BF16: lambda: ours("bf16"),
    ATTUNE_FP32: lambda: ours("fp32"),
}
samples = json.loads(RESULTS.read_text())["samples"] if "--append" in sys.argv else {name: [] for name in CONTENDERS}
for _ in range(ROUNDS):
    for name, measure in CONTENDERS.items():
        samples[name].append(measure())
        print(name, {k: round(v, 1) for k, v in samples[name][-1].items()}, f"load {os.getloadavg()[0]:.2f}", flush=True)

median = {name: {k: statistics.median(s[k] for s in all) for k in all[0]} for name, all in samples.items()}
attune, attune_fp32 = median[ATTUNE_BF16], median[ATTUNE_FP32]
ratios = {"training in fp32 against Trainer": attune_fp32["samples_s"] / median[TRAINER]["samples_s"],
          "training in fp32 against Trainer, mended": attune_fp32["samples_s"] / median[TRAINER + ", mended"]["samples_s"]}
for name, words in ((TRAINER, "Trainer"), (TUNED, "the tuned loop")):
    for end in ("", ", mended"):
        ratios[f"training against {words}{end}"] = attune["samples_s"] / median[name + end]["samples_s"]
        ratios[f"memory against {words}{end}"] = attune["peak_mb"] / median[name + end]["peak_mb"]
print(json.dumps(ratios, indent=1))
RESULTS.write_text(json.dumps({"machine": machine(), "rounds": len(samples[TRAINER]), "ratios": ratios, "medians": median, "samples": samples}, indent=1) + "\n")
