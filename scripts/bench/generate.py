#!/usr/bin/env python3
"""Attune's generation beside transformers and llama.cpp: prompt and decode tokens a second on random LLaMA shapes, bf16.

Runs every contender in turn (A B C A B C ...) and writes medians with all samples to results/generate.json. Environment: PEERS (folder of
generate_hf.py, llama_common.py, gguf_make.py, llama_cpp_bench.py), PEERS_PYTHON (its Python), PEERS_WORK (a folder for checkpoints, 6 GB for
the 1.1B shape). QUIET names a command to run each measurement under. Build first: swift build -c release.

usage: generate.py [--sizes 15M,110M,1.1B] [--batches 1,8] [--rounds 3]

Prompts of 200 tokens, 128 new ones (1.1B: 32), greedy. transformers and Attune run the same weights and their ids are compared; llama.cpp has random
weights of the same shape. The memory bound is the bytes of the matrices that a token passes through over the copy bandwidth measured in the same run.
"""
import argparse, json, os, pathlib, shlex, statistics, subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS, PYTHON, WORK = os.environ["PEERS"], os.environ["PEERS_PYTHON"], pathlib.Path(os.environ["PEERS_WORK"])
QUIET = shlex.split(os.environ.get("QUIET", ""))
arguments = argparse.ArgumentParser()
arguments.add_argument("--sizes", default="15M,110M,1.1B")
arguments.add_argument("--batches", default="1,8")
arguments.add_argument("--rounds", type=int, default=3)
arguments.add_argument("--skip-llama-cpp", action="store_true")
a = arguments.parse_args()
PROMPT = 200


def python(code, *words, quiet=False):
    out = subprocess.run((QUIET if quiet else []) + [PYTHON, "-c", code, *words], cwd=PEERS, stdout=subprocess.PIPE, text=True, check=True).stdout
    return out


def new(size):
    return 32 if size == "1.1B" else 128


def prepare(size):
    """The checkpoint that transformers' script builds, written down, and the prompts that it takes."""
    folder = WORK / f"generate-{size}"
    if not (folder / "model.safetensors").exists():
        python("import sys, llama_common as L\nL.build(sys.argv[1], 'bf16').save_pretrained(sys.argv[2])", size, str(folder))
    for batch in map(int, a.batches.split(",")):
        file = WORK / f"generate-{size}-{batch}.json"
        ids = json.loads(python(
            "import json, sys, llama_common as L\np, b = int(sys.argv[1]), int(sys.argv[2])\n"
            "print(json.dumps([(x + y + [1] * p)[:p] for x, y in L.sequences(b, 2048, seed=3)]))", str(PROMPT), str(batch)))
        file.write_text(json.dumps({"model": str(folder), "prompts": ids, "new": new(size), "repeats": 2}))
    if not a.skip_llama_cpp and not (WORK / f"llama-{size}-BF16.gguf").exists():
        subprocess.run([PYTHON, f"{PEERS}/gguf_make.py", "--size", size, "--types", "BF16"], check=True, stdout=subprocess.DEVNULL)


def last_line(out):
    return json.loads([l for l in out.splitlines() if l.startswith("{")][-1])


def ours(size, batch):
    r = last_line(subprocess.run(QUIET + [f"{ROOT}/.build/release/attune-bench", "generation", str(WORK / f"generate-{size}-{batch}.json")],
                                 stdout=subprocess.PIPE, text=True, check=True, env=dict(os.environ, OMP_WAIT_POLICY="passive")).stdout)
    first, all_ = min(r["first_s"]), min(r["all_s"])
    return {"prompt_tok_s": batch * PROMPT / first, "decode_tok_s": batch * (new(size) - 1) / (all_ - first), "peak_mb": r["peak_mb"]}, r["ids"]


def transformers(size, batch):
    r = last_line(subprocess.run(QUIET + [PYTHON, f"{PEERS}/generate_hf.py", "--size", size, "--dtype", "bf16", "--batch", str(batch), "--prompt", str(PROMPT),
                                          "--new", str(new(size)), "--reps", "2"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout)
    return {"prompt_tok_s": r["prefill_tok_s"], "decode_tok_s": r["decode_tok_s"], "peak_mb": r["peak_rss_mb"]}


def llama_cpp(size, batch):
    r = last_line(subprocess.run(QUIET + [PYTHON, f"{PEERS}/llama_cpp_bench.py", "--size", size, "--type", "BF16", "--batch", str(batch), "--prompt", str(PROMPT),
                                          "--new", str(new(size)), "--reps", "2"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout)
    return {"prompt_tok_s": r["prefill_tok_s"], "decode_tok_s": r["decode_tok_s"], "peak_mb": r["peak_rss_mb"]}


def bandwidth():
    """GB/s of a copy (read and written bytes) and of a sum, two threads."""
    return json.loads(python(
        "import json, time, torch\ntorch.set_num_threads(2)\nx = torch.randn(64 << 20); y = torch.empty_like(x)\nr = {}\n"
        "for n, f, b in (('copy', lambda: y.copy_(x), 8), ('read', lambda: x.sum(), 4)):\n"
        "    t = []\n    for _ in range(8):\n        s = time.perf_counter(); f(); t.append(time.perf_counter() - s)\n"
        "    r[n] = b * x.numel() / sorted(t)[2] / 1e9\nprint(json.dumps(r))", quiet=True))


def agreement(size, batch, ids):
    """How many tokens of each answer equal transformers' in bf16, from the first on: rounding differs, so long answers part ways."""
    peer = json.loads(python(
        "import json, sys, torch, llama_common as L\nm = L.build(sys.argv[1], 'bf16').eval()\nx = torch.tensor(json.loads(sys.argv[2]))\nn = int(sys.argv[3])\n"
        "with torch.inference_mode(): y = m.generate(x, attention_mask=torch.ones_like(x), do_sample=False, pad_token_id=0, max_new_tokens=n, min_new_tokens=n)\n"
        "print(json.dumps(y[:, x.shape[1]:].tolist()))", size, json.dumps(json.loads((WORK / f"generate-{size}-{batch}.json").read_text())["prompts"]), str(new(size))))
    return [next((i for i, (p, q) in enumerate(zip(b, o)) if p != q), len(o)) for b, o in zip(peer, ids)]


WORK.mkdir(parents=True, exist_ok=True)
path = HERE / "results/generate.json"
results = json.loads(path.read_text()) if path.exists() else {}
for size in a.sizes.split(","):
    prepare(size)
    matrices = float(python("import sys, llama_common as L\nprint(L.n_params(sys.argv[1])[1])", size))
    for batch in map(int, a.batches.split(",")):
        samples, copies, ids = {"transformers": [], "attune": []}, [], None
        if not a.skip_llama_cpp: samples["llama.cpp"] = []
        for _ in range(a.rounds):
            copies.append(bandwidth())
            samples["transformers"].append(transformers(size, batch))
            sample, ids = ours(size, batch)
            samples["attune"].append(sample)
            if not a.skip_llama_cpp: samples["llama.cpp"].append(llama_cpp(size, batch))
            print(size, batch, {n: {k: round(v, 1) for k, v in s[-1].items()} for n, s in samples.items()}, copies[-1], flush=True)
        median = {n: {k: statistics.median(x[k] for x in s) for k in s[0]} for n, s in samples.items()}
        copy = statistics.median(c["copy"] for c in copies)
        bound = batch * copy * 1e9 / (2 * matrices)
        mine = median["attune"]
        ratios = {"decode against transformers": mine["decode_tok_s"] / median["transformers"]["decode_tok_s"],
                  "prompt against transformers": mine["prompt_tok_s"] / median["transformers"]["prompt_tok_s"],
                  "decode against the memory bound": mine["decode_tok_s"] / bound}
        if "llama.cpp" in median:
            ratios["decode against llama.cpp"] = mine["decode_tok_s"] / median["llama.cpp"]["decode_tok_s"]
            ratios["prompt against llama.cpp"] = mine["prompt_tok_s"] / median["llama.cpp"]["prompt_tok_s"]
        results[f"{size}, batch {batch}"] = {
            "ratios": ratios, "medians": median, "bandwidth_GB_s": {k: statistics.median(c[k] for c in copies) for k in copies[0]},
            "memory_bound_tok_s": bound, "equal_tokens": agreement(size, batch, ids), "new_tokens": new(size), "samples": samples}
        print(json.dumps(ratios, indent=1), flush=True)
        cpu = next(l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name"))
        results["machine"] = {"cpu": cpu, "cores": os.cpu_count(), "avx512_bf16": "avx512_bf16" in open("/proc/cpuinfo").read()}
        path.write_text(json.dumps(results, indent=1) + "\n")
