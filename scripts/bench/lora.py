#!/usr/bin/env python3
"""LoRA training beside what users would run instead: tokens a second without padding, peak memory, and the course of the loss.

    scripts/bench/lora.py SIZE [ROUNDS]        SIZE is 15M or 110M

Contenders take turns (A B C A B C …): transformers' Trainer with PEFT in fp32 and dynamic padding, the hand-tuned PEFT loops in bf16 (buckets,
packed), and Attune in bf16 and fp32. All train the same random LLaMA shape, saved once, on the same IMHI rows in the same order, 8 rows a
step, rank 8, alpha 16, all linear layers. Environment: PEERS (folder of lora_peft.py), PEERS_PYTHON (its Python), ATTUNE_DATA (folder that
holds MentalLLaMA), optionally ONLY=name,name, STEPS, and MKL_FIX (a library for LD_PRELOAD that lets MKL use its fast path on AMD:
then the fp32 peer also runs with it). Build first: swift build -c release.

Medians and every sample go to results/lora-SIZE.json.
"""
import json, os, pathlib, platform, statistics, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SIZE, ROUNDS = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
PEERS, PYTHON = os.environ["PEERS"], os.environ["PEERS_PYTHON"]
STEPS, WARM, BATCH, LENGTH = int(os.environ.get("STEPS", 8)), 1, 8, 512
WORK = pathlib.Path(os.environ.get("BENCH_WORK", tempfile.gettempdir())) / f"attune-bench-lora-{SIZE}"

# Runs lora_peft.py as it is and adds every loss and step to what it prints.
RUN = """
import json, runpy, sys
sys.path.insert(0, PEERS); sys.argv = ["lora_peft.py"] + ARGS
g = runpy.run_path(PEERS + "/lora_peft.py")
print("COURSE " + json.dumps({"losses": [float(x) for x in g["losses"]], "times": [t for t, _ in g["times"]], "tokens": g["real"]}))
"""
# The model and the rows, as text that Attune reads and tokenizes to the same ids.
PREPARE = """
import json, random, sys
sys.path.insert(0, PEERS)
import common as C, llama_common as L
m = L.build(SIZE); m.save_pretrained(WORK)
from transformers import PreTrainedTokenizerFast
import shutil, os
for f in ("tokenizer.json", "tokenizer_config.json", "tokenizer.model"):
    p = os.path.join(os.path.dirname(C.LLAMA_SP), f)
    if os.path.exists(p): shutil.copy(p, WORK)
rows = [r for d in C.DATASETS for r in C.split(d, "train")]
with open(WORK + "/rows.jsonl", "w") as f:
    for r in random.Random(0).sample(rows, N):
        f.write(json.dumps({"prompt": r["query"], "completion": r["gpt-3.5-turbo"]}) + "\\n")
"""


def python(code, env=None, **names):
    return timed([PYTHON, "-c", "\n".join(f"{k} = {v!r}" for k, v in names.items()) + code], env=env)


def timed(command, env=None):
    """Runs a command; its standard output and its own peak memory in MB."""
    with tempfile.NamedTemporaryFile() as usage:
        wrapped = [PYTHON, "-c", "import resource,subprocess,sys\nr=subprocess.run(sys.argv[2:]).returncode\n"
                   "open(sys.argv[1],'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss/1024))\nsys.exit(r)", usage.name]
        done = subprocess.run(wrapped + command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
        if done.returncode:
            sys.exit(f"{command[:3]}: exit {done.returncode}\n{done.stderr[-3000:]}")
        return done.stdout, float(pathlib.Path(usage.name).read_text())


def peer(impl, pad, dtype, env=None):
    args = ["--size", SIZE, "--impl", impl, "--pad", pad, "--dtype", dtype, "--batch", str(BATCH), "--steps", str(STEPS), "--warm", str(WARM), "--max_len", str(LENGTH)]
    out, memory = python(RUN, env=env, PEERS=PEERS, ARGS=args)
    course = json.loads([l for l in out.splitlines() if l.startswith("COURSE ")][-1][7:])
    seconds, tokens = course["times"][WARM:], course["tokens"][WARM:]
    return {"tokens_s": sum(tokens) / sum(seconds), "tokens_s_median": statistics.median(n / t for n, t in zip(tokens, seconds)), "peak_mb": memory,
            "losses": course["losses"], "tokens": sum(course["tokens"])}


def ours(precision, more=()):
    with tempfile.TemporaryDirectory() as folder:
        _, memory = timed([f"{ROOT}/.build/release/attune", "train", "lora", "--base", str(WORK), "--data", f"{WORK}/rows.jsonl", "--output", f"{folder}/run",
                           "--precision", precision, "--quiet", "lora.r=8", "lora.alpha=16", "data.max_length=512", "data.separator=\" \"",
                           "data.truncation_side=right", "data.on_truncate=keep", "data.validation_fraction=0", "training.shuffle=false", f"training.batch_size={BATCH}",
                           "training.epochs=1", "training.save_every=1000000", "optimizer.learning_rate=1e-4", "optimizer.weight_decay=0", "schedule.shape=linear",
                           "schedule.warmup_ratio=0", *more])
        rows = [json.loads(l) for l in open(f"{folder}/run/metrics.jsonl")]
        steps = [r for r in rows if "loss" in r]
        stamps = [r["seconds"] for r in steps]
        seconds = [b - a for a, b in zip(stamps, stamps[1:])]
        tokens = [r["tokens"] for r in steps]
        return {"tokens_s": sum(tokens[WARM:]) / sum(seconds), "tokens_s_median": statistics.median(n / t for n, t in zip(tokens[WARM:], seconds)), "peak_mb": memory,
                "losses": [r["loss"] for r in steps], "tokens": sum(tokens)}


CONTENDERS = {
    "Trainer + PEFT, fp32, dynamic padding": lambda: peer("trainer", "dynamic", "fp32"),
    "tuned PEFT loop, bf16, buckets": lambda: peer("loop", "bucket", "bf16"),
    "tuned PEFT loop, bf16, packed": lambda: peer("loop", "pack", "bf16"),
    "Attune, bf16": lambda: ours("bf16"),
    "Attune, fp32": lambda: ours("fp32"),
}
if fix := os.environ.get("MKL_FIX"):
    CONTENDERS["Trainer + PEFT, fp32, MKL's fast path"] = lambda: peer("trainer", "dynamic", "fp32", {"LD_PRELOAD": fix})
only = [w for w in os.environ.get("ONLY", "").split(",") if w]
chosen = {n: run for n, run in CONTENDERS.items() if not only or any(w in n for w in only)}

WORK.mkdir(parents=True, exist_ok=True)
if not (WORK / "rows.jsonl").exists() or sum(1 for _ in open(WORK / "rows.jsonl")) != (STEPS + WARM) * BATCH:
    python(PREPARE, PEERS=PEERS, SIZE=SIZE, WORK=str(WORK), N=(STEPS + WARM) * BATCH)
path = HERE / f"results/lora-{SIZE}.json"
samples = json.loads(path.read_text())["samples"] if path.exists() and os.environ.get("APPEND") else {}
for _ in range(ROUNDS):
    for name, run in chosen.items():
        samples.setdefault(name, []).append(run())
        print(name, {k: round(v, 1) for k, v in samples[name][-1].items() if k != "losses"}, f"load {os.getloadavg()[0]:.2f}", flush=True)

median = {name: {k: statistics.median(s[k] for s in all) for k in ("tokens_s", "tokens_s_median", "peak_mb")} for name, all in samples.items()}
ratios = {}
for name in samples:
    if not name.startswith("Attune"):
        for own in ("Attune, bf16", "Attune, fp32"):
            if own in median:
                ratios[f"{own} against {name}: tokens/s"] = median[own]["tokens_s"] / median[name]["tokens_s"]
                ratios[f"{own} against {name}: memory"] = median[own]["peak_mb"] / median[name]["peak_mb"]
reference = next((samples[n][0]["losses"] for n in samples if n.startswith("Trainer")), None)
if reference:
    for own in ("Attune, bf16", "Attune, fp32"):
        if own in samples:
            ratios[f"{own}: largest difference of a loss from Trainer's, fp32"] = max(abs(a - b) / b for a, b in zip(samples[own][0]["losses"], reference))
print(json.dumps(ratios, indent=1))
cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps({"machine": {"cpu": cpu, "cores": os.cpu_count(), "load_at_end": os.getloadavg()[0]}, "shape": SIZE, "steps": STEPS, "rows_a_step": BATCH,
                            "ratios": ratios, "medians": median, "samples": samples}, indent=1) + "\n")
