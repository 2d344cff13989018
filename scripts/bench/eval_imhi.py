#!/usr/bin/env python3
"""The whole of `attune eval imhi` on stored answers to IMHI's eight test sets, 8,169 rows: labels, rules, text metrics, report.

    ATTUNE_DATA=DIR MODELS=DIR scripts/bench/eval_imhi.py

MODELS holds trained classifiers (attune train classifier --dataset all --output MODELS). Sets without training rows (CAMS, loneliness, t-sid) are labelled
by stand-ins: the encoder of another set with a head of their own, random; they cost what trained ones do, and their scores mean nothing.
An answer is the gold's reasoning without its verdict, so that the classifier reads every row. Seconds of wall clock and CPU and peak memory of the one
process, then of a second start, which finds everything done, and of a comparison of two runs.
Bar: under 3 minutes on 2 cores, under 1.5 GB. Writes scripts/bench/results/eval_imhi.json.
"""
import csv, glob, json, os, re, shutil, struct, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
YES = ["no", "yes"]
LABELS = {"DR": YES, "dreaddit": YES, "Irf": YES, "MultiWD": YES, "loneliness": YES,
          "SAD": ["school", "financial problem", "family issues", "social relationships", "work", "health issues", "emotional turmoil",
                  "everyday decision making", "other causes"],
          "CAMS": ["none", "bias or abuse", "jobs and career", "medication", "relationship", "alienation"],
          "t-sid": ["no mental disorders", "suicide or self-harm", "depression", "ptsd"]}
BAR = {"seconds": 180, "megabytes": 1500}


def answers(folder):
    """DATASET.csv of goldens and their reasonings; returns the rows by set."""
    csv.field_size_limit(1 << 30)
    rows = {}
    for path in sorted(glob.glob(f"{os.environ['ATTUNE_DATA']}/MentalLLaMA/test_data/test_instruction/*.csv")):
        name = os.path.basename(path)
        with open(path, newline="", encoding="utf-8-sig") as f:
            golds = [row["gpt-3.5-turbo"] for row in csv.DictReader(f)]
        with open(f"{folder}/{name}", "w", newline="", encoding="utf-8") as f:
            writer = csv.writer(f, lineterminator="\n")
            writer.writerow(["goldens", "generated_text"])
            writer.writerows([gold, re.sub(r"^.*?Reasoning:\s*", "", gold, count=1, flags=re.S)] for gold in golds)
        rows[name[:-4]] = len(golds)
    return rows


def stand_in(source, target, labels):
    """A copy of the classifier in `source` with a random head for `labels`."""
    os.makedirs(target)
    with open(f"{source}/model.safetensors", "rb") as f:
        size = struct.unpack("<Q", f.read(8))[0]
        header, data = json.loads(f.read(size)), f.read()
    tensors = {k: (v["dtype"], v["shape"], data[v["data_offsets"][0]:v["data_offsets"][1]]) for k, v in header.items() if k != "__metadata__"}
    for name in ("classifier.weight", "classifier.bias"):
        kind, shape, _ = tensors[name]
        count = len(labels) * (shape[1] if len(shape) > 1 else 1)
        values = [((i * 7919) % 2003) / 2003 - 0.5 for i in range(count)]
        if kind == "BF16":
            raw = b"".join(struct.pack("<f", v)[2:] for v in values)
        else:
            kind, raw = "F32", struct.pack(f"<{count}f", *values)
        tensors[name] = (kind, [len(labels)] + shape[1:], raw)
    entries, offset = {}, 0
    for name, (kind, shape, raw) in tensors.items():
        entries[name] = {"dtype": kind, "shape": shape, "data_offsets": [offset, offset + len(raw)]}
        offset += len(raw)
    text = json.dumps(entries).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{target}/model.safetensors", "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(raw for _, _, raw in tensors.values()))
    config = json.load(open(f"{source}/config.json"))
    config["id2label"] = {str(i): name for i, name in enumerate(labels)}
    config["label2id"] = {name: i for i, name in enumerate(labels)}
    config.pop("num_labels", None)
    json.dump(config, open(f"{target}/config.json", "w"))
    for name in os.listdir(source):
        if name.startswith("tokenizer") or name in ("vocab.txt", "special_tokens_map.json"):
            shutil.copy(f"{source}/{name}", f"{target}/{name}")


def measured(command):
    """Wall and CPU seconds and peak megabytes of the process and what it started."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)}\n{errors}")
    return {"seconds": round(time.monotonic() - start, 1), "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1), "megabytes": round(usage.ru_maxrss / 1024)}, output


def main():
    attune = os.environ.get("ATTUNE", f"{ROOT}/.build/release/attune")
    models = os.environ["MODELS"]
    models = f"{models}/models" if os.path.isdir(f"{models}/models") else models
    with tempfile.TemporaryDirectory() as work:  # the answers are made of posts' explanations: nothing of them stays
        os.makedirs(f"{work}/answers")
        rows = answers(f"{work}/answers")
        os.makedirs(f"{work}/models")
        trained = [name for name in rows if os.path.isdir(f"{models}/{name}")]
        for name in rows:
            if name in trained:
                os.symlink(os.path.abspath(f"{models}/{name}"), f"{work}/models/{name}")
            else:
                stand_in(f"{models}/{trained[0]}", f"{work}/models/{name}", LABELS[name])
        command = [attune, "eval", "imhi", "--answers", f"{work}/answers", "--models", f"{work}/models", "--quiet", "--json"]
        first, output = measured(command + ["--output", f"{work}/a"])
        again, _ = measured(command + ["--output", f"{work}/a"])
        subprocess.run(command[:5] + ["--quiet", "--output", f"{work}/b"], check=True, stdout=subprocess.DEVNULL)
        compared, _ = measured(command + ["--output", f"{work}/a", "--compare", f"{work}/b"])
    sets = json.loads(output)["sets"]
    byClassifier = sum(s["labelled"]["covered"] - s["rules"]["covered"] for s in sets if s["labelled"])
    result = {"what": "attune eval imhi --answers: wall and CPU seconds, peak memory", "rows": sum(rows.values()), "sets": rows, "trained": trained,
              "read_by_classifier_only": byClassifier, "threads": os.cpu_count(), "run": first, "run_again": again, "run_compared": compared, "bar": BAR,
              "met": first["seconds"] < BAR["seconds"] and first["megabytes"] < BAR["megabytes"]}
    with open(f"{ROOT}/scripts/bench/results/eval_imhi.json", "w") as f:
        json.dump(result, f, indent=2)
        f.write("\n")
    print(json.dumps(result, indent=2))
    if not result["met"]:
        sys.exit("the bar is missed")


if __name__ == "__main__":
    main()
