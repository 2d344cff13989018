#!/usr/bin/env python3
"""How right `attune label` is on explanations that models wrote: upstream's published generations, against their golds and against
the labels of upstream's released MentalBERT classifiers.

  ATTUNE_DATA=DIR scripts/bench/label_quality.py MODELS

MODELS is a run folder of `attune train classifier --dataset all --data $ATTUNE_DATA/MentalLLaMA`. ATTUNE names the program (default:
.build/release/attune). Writes results/label_quality.json and prints the tables of label_quality.md. Prints and stores no text.
"""
import csv, json, os, pathlib, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ATTUNE = os.environ.get("ATTUNE", f"{ROOT}/.build/release/attune")
EXAMPLES = pathlib.Path(os.environ["ATTUNE_DATA"]) / "MentalLLaMA" / "examples"
MODELS = pathlib.Path(sys.argv[1]).resolve()


def attune(*arguments):
    return json.loads(subprocess.run([ATTUNE, *map(str, arguments), "--json", "--quiet"], stdout=subprocess.PIPE, check=True, text=True).stdout)


def labels(path):
    with open(path, newline="") as file:
        return [row["labels"] for row in csv.DictReader(file)]


def share(answers, others):
    return sum(a == b for a, b in zip(answers, others)) / len(answers)


with tempfile.TemporaryDirectory() as folder:
    generations = EXAMPLES / "response_generation_examples"
    sets = [path.stem for path in sorted(generations.glob("*.csv")) if (MODELS / "models" / path.stem).is_dir()]
    data = pathlib.Path(folder) / "data"
    data.mkdir()
    for name in sets:
        (data / f"{name}.csv").symlink_to(generations / f"{name}.csv")
    whole = {score["dataset"]: score for score in attune("label", "--models", MODELS, "--data", data, "--output", f"{folder}/out", "--calculate")["scores"]}
    result = {"models": MODELS.name, "sets": {}}
    for name in sets:
        forms = attune("eval", "classifier", "--model", MODELS / "models" / name, "--data", data / f"{name}.csv", "--input", "both")["report"]["datasets"][0]["forms"]
        entry = {"rows": whole[name]["rows"], "stated": whole[name]["by_rule"], "accuracy": whole[name]["accuracy"], "weighted_f1": whole[name]["weighted_f1"],
                 "forms": {form["name"]: {"accuracy": form["accuracy"]["mean"], "weighted_f1": form["weighted_f1"]["mean"]} for form in forms}}
        released = EXAMPLES / "label_data_examples" / f"{name}.csv"
        if released.exists():
            entry["agreement_with_released"] = share(labels(f"{folder}/out/{name}.csv"), labels(released))
            score = next(s for s in attune("label", "--data", released.parent, "--calculate")["scores"] if s["dataset"] == name)
            entry["released"] = {"accuracy": score["accuracy"], "weighted_f1": score["weighted_f1"]}
        result["sets"][name] = entry

(HERE / "results" / "label_quality.json").write_text(json.dumps(result, indent=1) + "\n")
percent = lambda x: f"{100 * x:.1f}"
print("| set | texts | verdict stated | labelling: accuracy, weighted F1 | released classifier: accuracy, weighted F1 | agreement with it |")
print("| --- | ---: | ---: | ---: | ---: | ---: |")
for name, entry in result["sets"].items():
    other = entry.get("released")
    print(f"| {name} | {entry['rows']} | {entry['stated']} | {percent(entry['accuracy'])}, {percent(entry['weighted_f1'])} | "
          + (f"{percent(other['accuracy'])}, {percent(other['weighted_f1'])} | {percent(entry['agreement_with_released'])} |" if other else "| |"))
print("\n| set | classifier alone, as generated | classifier alone, verdict removed | labelling, as generated | labelling, verdict removed |")
print("| --- | ---: | ---: | ---: | ---: |")
for name, entry in result["sets"].items():
    forms = [entry["forms"][key] for key in ["with verdict", "verdict removed", "labelling, with verdict", "labelling, verdict removed"]]
    print(f"| {name} | " + " | ".join(f"{percent(f['accuracy'])}, {percent(f['weighted_f1'])}" for f in forms) + " |")
