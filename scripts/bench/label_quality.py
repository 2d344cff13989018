#!/usr/bin/env python3
"""How right `attune label` is on explanations that models wrote: upstream's published generations, against their golds and against
the labels of upstream's released MentalBERT classifiers.

  ATTUNE_DATA=DIR scripts/bench/label_quality.py MODELS...

Each of MODELS is a run folder of `attune train classifier --dataset all --data $ATTUNE_DATA/MentalLLaMA`, with --method full or linear.
ATTUNE names the program (default: .build/release/attune). Writes results/label_quality.json and prints the tables of label_quality.md.
Prints and stores no text.
"""
import csv, json, os, pathlib, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
ATTUNE = os.environ.get("ATTUNE", f"{HERE.parent.parent}/.build/release/attune")
EXAMPLES = pathlib.Path(os.environ["ATTUNE_DATA"]) / "MentalLLaMA" / "examples"
GENERATIONS, RELEASED = EXAMPLES / "response_generation_examples", EXAMPLES / "label_data_examples"
FORMS = ["with verdict", "verdict removed", "labelling, with verdict", "labelling, verdict removed"]


def attune(*arguments):
    return json.loads(subprocess.run([ATTUNE, *map(str, arguments), "--json", "--quiet"], stdout=subprocess.PIPE, check=True, text=True).stdout)


def labels(path):
    with open(path, newline="") as file:
        return [row["labels"] for row in csv.DictReader(file)]


def scores(result):
    return {score["dataset"]: {key: score[key] for key in ["rows", "by_rule", "accuracy", "weighted_f1"]} for score in result["scores"]}


def measure(models):
    """Every published set that has a classifier there: labels as a whole, and each part of the rule on each form of the texts."""
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "data"
        data.mkdir()
        for path in GENERATIONS.glob("*.csv"):
            if (models / "models" / path.stem).is_dir():
                (data / path.name).symlink_to(path)
        sets = scores(attune("label", "--models", models, "--data", data, "--output", f"{folder}/out", "--calculate"))
        for name, entry in sets.items():
            report = attune("eval", "classifier", "--model", models / "models" / name, "--data", data / f"{name}.csv", "--input", "both")["report"]
            entry["forms"] = {form["name"]: {"accuracy": form["accuracy"]["mean"], "weighted_f1": form["weighted_f1"]["mean"]}
                              for form in report["datasets"][0]["forms"]}
            if (RELEASED / f"{name}.csv").exists():
                ours, theirs = labels(f"{folder}/out/{name}.csv"), labels(RELEASED / f"{name}.csv")
                entry["agreement_with_released"] = sum(a == b for a, b in zip(ours, theirs)) / len(ours)
        return sets


def shown(entry):
    return f"{100 * entry['accuracy']:.1f}, {100 * entry['weighted_f1']:.1f}"


released = scores(attune("label", "--data", RELEASED, "--calculate"))
runs = {pathlib.Path(path).name: measure(pathlib.Path(path).resolve()) for path in sys.argv[1:]}
(HERE / "results" / "label_quality.json").write_text(json.dumps({"released": released, "runs": runs}, indent=1) + "\n")
for run, sets in runs.items():
    print(f"\n{run}\n\n| set | texts | verdict stated | labelling | released classifier | agreement with it |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, entry in sets.items():
        other = f"{shown(released[name])} | {100 * entry['agreement_with_released']:.1f}" if name in released else "|"
        print(f"| {name} | {entry['rows']} | {entry['by_rule']} | {shown(entry)} | {other} |")
    print("\n| set | " + " | ".join(FORMS) + " |\n| --- | ---: | ---: | ---: | ---: |")
    for name, entry in sets.items():
        print(f"| {name} | " + " | ".join(shown(entry["forms"][form]) for form in FORMS) + " |")
