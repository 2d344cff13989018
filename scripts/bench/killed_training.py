#!/usr/bin/env python3
"""Kills a LoRA run with SIGKILL at random moments, starts it again each time, and compares what it ends with with an uninterrupted run.

    scripts/bench/killed_training.py BASE DATA [KILLS] [SEED]

BASE is a model folder (attune init --arch llama --output BASE), DATA rows to train on. The run is short and saves every few steps. Ends
with 0 when weights, optimizer state, best model and every figure but clock times are bit for bit the same.
"""
import hashlib, json, os, pathlib, random, signal, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ATTUNE = os.environ.get("ATTUNE", f"{ROOT}/.build/release/attune")
base, data = sys.argv[1], sys.argv[2]
kills, seed = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in ((3, 20), (4, 1)))
rng = random.Random(seed)
STEPS = 60


def start(folder):
    return subprocess.Popen([ATTUNE, "train", "lora", "--base", base, "--data", data, "--output", folder, "--quiet", "--device", "cpu", "--threads", "1", "lora.r=4",
                             "lora.dropout=0.1", "data.max_length=256", "data.on_truncate=keep", "training.batch_size=8", "training.micro_batch_tokens=512", "training.epochs=50",
                             f"training.max_steps={STEPS}", "training.save_every=3", "training.eval_every=10", "optimizer.learning_rate=0.001"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def state(folder):
    files = [f"checkpoints/step-{STEPS}/adapter_model.safetensors", f"checkpoints/step-{STEPS}/training_state/optimizer.safetensors",
             f"checkpoints/step-{STEPS}/training_state/state.json", "best/adapter_model.safetensors"]
    digests = {f: hashlib.sha256(pathlib.Path(folder, f).read_bytes()).hexdigest() for f in files}
    course = [{k: v for k, v in json.loads(l).items() if k not in ("seconds", "tokens_per_second", "eval_runtime")} for l in open(f"{folder}/metrics.jsonl")]
    return digests, course


with tempfile.TemporaryDirectory() as work:
    began = time.monotonic()
    if code := (whole := start(f"{work}/whole")).wait():
        sys.exit(f"the uninterrupted run ended with {code}: {whole.stderr.read().decode()[-2000:]}")
    length = time.monotonic() - began
    done = 0
    while done < kills:
        run = start(f"{work}/broken")
        # From the first moments of the process to well into its steps; a run that is already through is not killed again.
        deadline = time.monotonic() + rng.uniform(0, 1.5 * length / 4)
        while time.monotonic() < deadline and run.poll() is None:
            time.sleep(0.001)
        if run.poll() is None:
            run.send_signal(signal.SIGKILL)
            run.wait()
            done += 1
            metrics = pathlib.Path(f"{work}/broken/metrics.jsonl")
            print(f"kill {done}: after {sum(1 for _ in open(metrics)) if metrics.exists() else 0} lines", flush=True)
        elif run.returncode:
            sys.exit(f"a resumed run ended with {run.returncode}: {run.stderr.read().decode()[-2000:]}")
        else:
            print("the run came to its end; starting another one", flush=True)
            if state(f"{work}/whole") != state(f"{work}/broken"):
                sys.exit("DIFFERENT from the uninterrupted run")
            subprocess.run(["rm", "-r", f"{work}/broken"], check=True)
    last = start(f"{work}/broken")
    if code := last.wait():
        sys.exit(f"the last run ended with {code}: {last.stderr.read().decode()[-2000:]}")
    if state(f"{work}/whole") != state(f"{work}/broken"):
        sys.exit("DIFFERENT from the uninterrupted run")
    print(f"{kills} kills: weights, optimizer, best model and figures are those of the uninterrupted run, bit for bit")
