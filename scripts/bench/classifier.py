#!/usr/bin/env python3
"""Attune's label classifier beside what users would run instead: training throughput, inference throughput, peak memory.

Runs every contender in turn, several rounds (A B C A B C ...), and writes medians with all samples to
results/classifier.json. Environment: PEERS (folder of label_classifier_hf.py), PEERS_PYTHON (its Python),
ATTUNE_DATA (folder that holds MentalLLaMA). Build first: swift build -c release.

The rows: DR's training responses in full, batch 16, 256 tokens at most, 12 optimizer steps (192 rows) a sample.
"""
import json, os, pathlib, platform, resource, statistics, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
PEERS, PYTHON, DATA = os.environ["PEERS"], os.environ["PEERS_PYTHON"], os.environ["ATTUNE_DATA"] + "/MentalLLaMA"


def timed(command, **kw):
    """Runs a command; returns its standard output and its own peak memory in MB."""
    with tempfile.NamedTemporaryFile() as usage:
        wrapped = [PYTHON, "-c", "import resource,subprocess,sys\nr=subprocess.run(sys.argv[2:]).returncode\n"
                   "open(sys.argv[1],'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss/1024))\nsys.exit(r)", usage.name]
        out = subprocess.run(wrapped + command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, **kw).stdout
        return out, float(pathlib.Path(usage.name).read_text())


def peer(implementation, padding, dtype):
    out, memory = timed([PYTHON, f"{PEERS}/label_classifier_hf.py", "--dataset", "DR", "--impl", implementation, "--pad", padding, "--dtype", dtype,
                         "--epochs", "1", "--limit", "192", "--limit_test", "405"])
    line = json.loads([l for l in out.splitlines() if l.startswith('{"peer"')][-1])
    return {"samples_s": line["train_samples_s"], "tokens_s": line["train_tok_s"], "predict_samples_s": line["eval_samples_s"], "peak_mb": memory}


def ours(precision):
    with tempfile.TemporaryDirectory() as folder:
        _, memory = timed([f"{ROOT}/.build/release/attune", "train", "classifier", "--dataset", "DR", "--data", DATA, "--base", f"{ROOT}/checkpoints/all-MiniLM-L6-v2",
                           "--output", f"{folder}/run", "--precision", precision, "--quiet", "data.input=full", "training.max_steps=12"], cwd=ROOT)
        rows = [json.loads(l) for l in open(f"{folder}/run/DR/seed-42/metrics.jsonl")]
        steps, evaluation = [r for r in rows if "loss" in r], next(r for r in rows if "eval_loss" in r)
        seconds = steps[-1]["seconds"]
        validation = 430  # rows of DR's val.csv, scored without gradients after the last step
        return {"samples_s": sum(r["rows"] for r in steps) / seconds, "tokens_s": sum(r["tokens"] for r in steps) / seconds,
                "predict_samples_s": validation / evaluation["eval_runtime"], "peak_mb": memory}


CONTENDERS = {
    "transformers Trainer, fp32, dynamic padding": lambda: peer("trainer", "dynamic", "fp32"),
    "tuned transformers loop, bf16, buckets": lambda: peer("tuned", "bucket", "bf16"),
    "attune, bf16": lambda: ours("bf16"),
    "attune, fp32": lambda: ours("fp32"),
}
samples = {name: [] for name in CONTENDERS}
for _ in range(ROUNDS):
    for name, run in CONTENDERS.items():
        samples[name].append(run())
        print(name, {k: round(v, 1) for k, v in samples[name][-1].items()}, f"load {os.getloadavg()[0]:.2f}", flush=True)

median = {name: {k: statistics.median(s[k] for s in all) for k in all[0]} for name, all in samples.items()}
trainer, tuned, attune = (median[n] for n in list(CONTENDERS)[:3])
ratios = {
    "training against Trainer": attune["samples_s"] / trainer["samples_s"], "training against the tuned loop": attune["samples_s"] / tuned["samples_s"],
    "training in fp32 against Trainer": median["attune, fp32"]["samples_s"] / trainer["samples_s"],
    "inference against bf16 transformers": attune["predict_samples_s"] / tuned["predict_samples_s"],
    "memory against Trainer": attune["peak_mb"] / trainer["peak_mb"], "memory against the tuned loop": attune["peak_mb"] / tuned["peak_mb"],
}
print(json.dumps(ratios, indent=1))
cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
flags = next(l for l in open("/proc/cpuinfo") if l.startswith("flags"))
(HERE / "results").mkdir(exist_ok=True)
(HERE / "results/classifier.json").write_text(json.dumps({
    "machine": {"cpu": cpu, "cores": os.cpu_count(), "amx_bf16": "amx_bf16" in flags, "load_at_end": os.getloadavg()[0]},
    "ratios": ratios, "medians": median, "samples": samples}, indent=1) + "\n")
