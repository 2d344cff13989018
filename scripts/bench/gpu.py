#!/usr/bin/env python3
"""One GPU: CPU/CUDA parity, LoRA training and generation of a random LLaMA shape, beside PEFT and transformers on the same card.

  PEERS_PYTHON=PYTHON ATTUNE_DATA=DIR scripts/bench/gpu.py [--size 7B] [--steps 12] [--length 2048] [--batches 1,8,64] [--rounds 3]
  … scripts/bench/gpu.py --device cpu          tries the script without a card: a tiny shape, Attune's kernels off, nothing written

Needs a CUDA card, a build against a CUDA libtorch (ATTUNE_LIBTORCH=… scripts/setup; swift build -c release), PEERS_PYTHON with torch for the same
card, transformers and peft, and DIR/MentalLLaMA. Contenders take turns. Goals:

- parity: losses of 8 steps of a small shape, and logits of a prompt, on both devices: 1e-4 in fp32, 1e-2 in bf16, relative to the largest;
- LoRA in bf16, rank 8 on all linear layers, packed rows of LENGTH tokens, with and without gradient checkpointing: 1.5x PEFT's tokens a second, and
  50 % of the card's measured bf16 product rate (4 operations a matrix weight and token: forward, and backward to the input);
- greedy decoding, prompts of 200 tokens, 128 new ones: 3x transformers' tokens a second at each batch size.

Writes results/gpu.json with every sample.
"""
import argparse, json, os, random, statistics, subprocess, tempfile, threading, time
from measuring import ATTUNE, BENCH, HERE, machine

options = argparse.ArgumentParser()
options.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
options.add_argument("--size", help="default 7B, on the CPU tiny")
options.add_argument("--steps", type=int, help="default 12, on the CPU 4")
options.add_argument("--length", type=int, help="default 2048, on the CPU 256")
options.add_argument("--batches", help="default 1,8,64, on the CPU 1,3")
options.add_argument("--rounds", type=int, help="default 3, on the CPU 1")
a = options.parse_args()
ON_GPU = a.device == "cuda"
for name, value in ({"size": "7B", "steps": 12, "length": 2048, "batches": "1,8,64", "rounds": 3} if ON_GPU else
                    {"size": "tiny", "steps": 4, "length": 256, "batches": "1,3", "rounds": 1}).items():
    if getattr(a, name) is None:
        setattr(a, name, value)
if not ON_GPU:
    os.environ["ATTUNE_KERNELS"] = "off"  # what runs on a card, composed of ordinary operations
PYTHON, DATA = os.environ["PEERS_PYTHON"], os.environ["ATTUNE_DATA"] + "/MentalLLaMA"
WARM = 2  # steps that no figure counts
PROMPT, NEW = (200, 128) if ON_GPU else (20, 8)

COMMON = """
import json, sys, time, torch
from transformers import AutoModelForCausalLM
device = sys.argv[1]
wait = torch.cuda.synchronize if device == "cuda" else lambda: None
def peak():
    if device == "cuda": return torch.cuda.max_memory_allocated() / 2**20
    import resource; return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
"""
PEFT = COMMON + """
from peft import LoraConfig, get_peft_model
folder, steps, warm, length, checkpoints = sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), sys.argv[6] == "True"
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).to(device)
if checkpoints:
    model.gradient_checkpointing_enable(); model.enable_input_require_grads()
model = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, task_type="CAUSAL_LM", target_modules="all-linear")).train()
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4, fused=True)
ids = torch.randint(3, model.config.vocab_size, (steps, 1, length), device=device)
for step in range(steps):
    if step == warm: wait(); start = time.perf_counter()
    with torch.autocast(device, torch.bfloat16): loss = model(input_ids=ids[step], labels=ids[step], use_cache=False).loss
    loss.backward(); torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0); optimizer.step(); optimizer.zero_grad()
wait()
print(json.dumps({"tokens_s": (steps - warm) * length / (time.perf_counter() - start), "peak_mb": peak()}))
"""
GENERATE = COMMON + """
task = json.load(open(sys.argv[2]))
model = AutoModelForCausalLM.from_pretrained(task["model"], dtype=torch.bfloat16).to(device).eval()
x = torch.tensor(task["prompts"], device=device)
def timed(n):
    wait(); start = time.perf_counter()
    y = model.generate(x, attention_mask=torch.ones_like(x), do_sample=False, pad_token_id=0, max_new_tokens=n, min_new_tokens=n)
    wait(); return time.perf_counter() - start, y
with torch.inference_mode():
    timed(2)
    first, all_ = min(timed(1)[0] for _ in range(2)), min(timed(task["new"])[0] for _ in range(2))
    ids = timed(task["new"])[1][:, x.shape[1]:].tolist()
print(json.dumps({"first_s": first, "all_s": all_, "ids": ids, "peak_mb": peak()}))
"""
RATE = """
import sys, time, torch
device = sys.argv[1]
wait = torch.cuda.synchronize if device == "cuda" else lambda: None
n = 8192 if device == "cuda" else 512
a = torch.randn(n, n, device=device, dtype=torch.bfloat16)
for step in range(30):
    if step == 10: wait(); start = time.perf_counter()
    a @ a
wait(); print(2 * n**3 * 20 / (time.perf_counter() - start))
"""


def out(command):
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=True).stdout


def last(text):
    return json.loads([line for line in text.splitlines() if line.startswith("{")][-1])


class PeakMemory(threading.Thread):
    """The card's memory in use, in MB, asked for five times a second while a command runs."""
    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self.running = 0, ON_GPU

    def run(self):
        while self.running:
            used = out(["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]).split()[0]
            self.peak = max(self.peak, int(used))
            time.sleep(0.2)


def train(base, folder, device, precision, steps, *settings):
    """Steps of `attune train lora`: its records, one a step, and its results."""
    out([ATTUNE, "train", "lora", "--base", base, "--data", DATA, "--output", folder, "--overwrite", "--quiet", "--device", device, "--precision", precision,
         f"training.max_steps={steps}", "lora.r=8", "lora.alpha=16", "optimizer.learning_rate=1e-4", "schedule.shape=constant", "schedule.warmup_steps=0",
         "training.eval_every=1000000", "data.on_truncate=drop", "data.validation_fraction=0", *settings])
    return [record for record in map(json.loads, open(f"{folder}/metrics.jsonl")) if "loss" in record], json.load(open(f"{folder}/results.json"))


def attune(base, work, checkpoints):
    memory = PeakMemory()
    memory.start()
    records, results = train(base, f"{work}/run", a.device, "bf16", a.steps, f"training.micro_batch_tokens={a.length}", "training.batch_size=10",
                             f"data.max_length={a.length}", f"training.gradient_checkpointing={str(checkpoints).lower()}")
    memory.running = False
    timed = records[WARM:]
    seconds = sum(r["tokens"] / r["tokens_per_second"] for r in timed)
    return {"tokens_s": sum(r["tokens"] for r in timed) / seconds, "peak_mb": memory.peak or results["peak_memory_bytes"] / 2**20,
            "predicted_mb": results["predicted_peak_memory_bytes"] / 2**20}


def peft(base, work, checkpoints):
    return last(out([PYTHON, "-c", PEFT, a.device, base, a.steps, WARM, a.length, checkpoints]))


def generation(folder, prompts, new, device, precision, work, **more):
    """`attune-bench generation`: seconds until all first tokens and until all last ones, and the ids."""
    path = f"{work}/task.json"
    json.dump({"model": str(folder), "prompts": prompts, "new": new, "repeats": 2, "device": device, "precision": precision, **more}, open(path, "w"))
    return last(out([BENCH, "generation", path]))


def prompts(batch, vocabulary):
    numbers = random.Random(3)
    return [[1] + [numbers.randrange(3, vocabulary) for _ in range(PROMPT - 1)] for _ in range(batch)]


def decode(base, batch, vocabulary, work):
    asked = prompts(batch, vocabulary)
    ours = generation(base, asked, NEW, a.device, "bf16", work)
    theirs = last(out([PYTHON, "-c", GENERATE, a.device, f"{work}/task.json"]))
    def figures(r, first, all_):
        return {"prompt_tokens_s": batch * PROMPT / first, "decode_tokens_s": batch * (NEW - 1) / max(all_ - first, 1e-9), "peak_mb": r["peak_mb"]}
    equal = [next((i for i, (x, y) in enumerate(zip(p, q)) if x != y), len(p)) for p, q in zip(ours["ids"], theirs["ids"])]
    return {"attune": figures(ours, min(ours["first_s"]), min(ours["all_s"])), "transformers": figures(theirs, theirs["first_s"], theirs["all_s"]), "equal_tokens": equal}


def parity(work):
    """The same weights and rows on both devices; on the CPU alone, against its kernels."""
    tiny = f"{work}/tiny"
    out([ATTUNE, "init", "--arch", "llama", "--output", tiny])
    vocabulary = json.load(open(f"{tiny}/config.json"))["vocab_size"]
    found = {}
    for precision, tolerance in (("fp32", 1e-4), ("bf16", 1e-2)):
        def one(device, kernels):
            os.environ["ATTUNE_KERNELS"] = kernels
            losses = [r["loss"] for r in train(tiny, f"{work}/parity", device, precision, 8)[0]]
            return losses, generation(tiny, prompts(2, vocabulary), 1, device, precision, work, logits=True)["logits"]
        (losses, logits), (others, other_logits) = one("cpu", "on"), one(a.device, "on" if ON_GPU else "off")
        course = max(abs(x - y) / abs(x) for x, y in zip(losses, others))
        largest = max(abs(x) for x in logits)
        prompt = max(abs(x - y) for x, y in zip(logits, other_logits)) / largest
        found[precision] = {"losses, worst relative difference": course, "logits, worst difference over the largest": prompt, "bar": tolerance, "holds": max(course, prompt) <= tolerance}
    os.environ["ATTUNE_KERNELS"] = "on" if ON_GPU else "off"
    return found


with tempfile.TemporaryDirectory() as work:
    result = {"machine": machine(), "size": a.size, "steps": a.steps, "length": a.length, "parity": parity(work), "training": {}, "decoding": {}}
    result["gpu"] = out(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]).strip() if ON_GPU else None
    print(json.dumps(result["parity"]), flush=True)
    base = f"{work}/base"
    out([ATTUNE, "init", "--arch", "llama", "--size", a.size, "--output", base, "--precision", "bf16"])
    config = json.load(open(f"{base}/config.json"))
    h, layers, mlp = config["hidden_size"], config["num_hidden_layers"], config["intermediate_size"]
    kv = h * config.get("num_key_value_heads", config["num_attention_heads"]) // config["num_attention_heads"]
    matrices = layers * (2 * h * h + 2 * h * kv + 3 * h * mlp) + config["vocab_size"] * h
    result["bf16_product_rate"] = rate = float(out([PYTHON, "-c", RATE, a.device]))
    for _ in range(a.rounds):
        for name, contender in (("attune", attune), ("peft", peft)):
            for checkpoints in (False, True):
                result["training"].setdefault(f"{name}, checkpointing {checkpoints}", []).append(contender(base, work, checkpoints))
        for batch in map(int, a.batches.split(",")):
            result["decoding"].setdefault(f"batch {batch}", []).append(decode(base, batch, config["vocab_size"], work))

    def median(samples, *keys):
        def value(sample):
            for key in keys:
                sample = sample[key]
            return sample
        return statistics.median(map(value, samples))

    result["ratios"] = {}
    for checkpoints in (False, True):
        ours, theirs = (result["training"][f"{name}, checkpointing {checkpoints}"] for name in ("attune", "peft"))
        speed = median(ours, "tokens_s")
        result["ratios"][f"training, checkpointing {checkpoints}"] = {
            "tokens/s": speed, "against PEFT (1.5)": speed / median(theirs, "tokens_s"), "share of product rate (0.5)": 4 * matrices * speed / rate,
            "memory against PEFT": median(ours, "peak_mb") / median(theirs, "peak_mb"), "memory against prediction": median(ours, "peak_mb") / median(ours, "predicted_mb")}
    for name, samples in result["decoding"].items():
        result["ratios"][f"decoding, {name}"] = {
            "tokens/s": median(samples, "attune", "decode_tokens_s"),
            "against transformers (3)": median(samples, "attune", "decode_tokens_s") / median(samples, "transformers", "decode_tokens_s"),
            "prompts against transformers": median(samples, "attune", "prompt_tokens_s") / median(samples, "transformers", "prompt_tokens_s")}
    if ON_GPU:
        (HERE / "results/gpu.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result["ratios"], indent=1))
