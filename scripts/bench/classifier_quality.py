#!/usr/bin/env python3
"""Test scores of Attune's label classifiers on the IMHI sets beside the linear baseline and the transformers script.

  attune train classifier --dataset all --data $ATTUNE_DATA/MentalLLaMA --output RUN
  classifier_quality.py RUN [DATASET ...]     DATASETs: those that the peer trains too, with the same rows, seed count and epochs

Writes results/classifier_quality.json, where the peer's scores of sets that are not named stay. Environment as classifier.py. The bars: accuracy at least 95 % on the full text and 94 % on
the text after "Reasoning:", not below the linear baseline, weighted F1 within 0.5 points of the peer.
"""
import json, os, pathlib, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent
run, datasets = pathlib.Path(sys.argv[1]), sys.argv[2:]
epochs = next(l.split()[1] for l in open(run / "config.yaml") if l.strip().startswith("epochs:"))
table = {}
for dataset in json.load(open(run / "results.json"))["report"]["datasets"]:
    forms = {f["name"]: {"accuracy": f["accuracy"]["mean"], "weighted_f1": f["weighted_f1"]["mean"]} for f in dataset["forms"]}
    table[dataset["name"]] = {"rows": dataset["rows"], "forms": forms, "notes": dataset["notes"]}
RESULTS = HERE / "results/classifier_quality.json"
for name, row in (json.loads(RESULTS.read_text())["datasets"] if RESULTS.exists() else {}).items():
    if name in table and "peer" in row: table[name]["peer"] = row["peer"]
for name in datasets:
    out = subprocess.run([os.environ["PEERS_PYTHON"], os.environ["PEERS"] + "/label_classifier_hf.py", "--dataset", name, "--input", "mix", "--impl", "tuned",
                          "--pad", "bucket", "--dtype", "bf16", "--epochs", epochs, "--seed", "42"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    line = json.loads([l for l in out.splitlines() if l.startswith('{"peer"')][-1])
    table[name]["peer"] = {"with verdict": {"accuracy": line["acc_on_full"], "weighted_f1": line["wf1_on_full"]},
                           "verdict removed": {"accuracy": line["acc_on_reasoning"], "weighted_f1": line["wf1_on_reasoning"]}, "train_s": line["train_s"]}
for name, row in table.items():
    for form in ("with verdict", "verdict removed"):
        ours, linear = row["forms"][form], row["forms"][f"TF-IDF + logistic regression, {form}"]
        peer = row.get("peer", {}).get(form)
        print(f"{name:10} {form:16} attune {100 * ours['accuracy']:.1f} (wF1 {100 * ours['weighted_f1']:.1f})  linear {100 * linear['accuracy']:.1f}"
              + (f"  peer {100 * peer['accuracy']:.1f} (wF1 {100 * peer['weighted_f1']:.1f})" if peer else ""))
RESULTS.write_text(json.dumps({"epochs": int(epochs), "datasets": table}, indent=1) + "\n")
