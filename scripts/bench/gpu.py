#!/usr/bin/env python3
"""LoRA on one GPU: CPU/CUDA parity, tokens a second and peak memory of a random LLaMA shape, beside PEFT on the same card.

  PEERS_PYTHON=PYTHON ATTUNE_DATA=DIR scripts/bench/gpu.py [--size 7B] [--steps 12] [--length 2048]

Needs a CUDA card, a build against a CUDA libtorch (ATTUNE_LIBTORCH=… scripts/setup; swift build -c release), PEERS_PYTHON with torch for the same
card, transformers and peft, and DIR/MentalLLaMA. Contenders take turns: Attune and PEFT, each with and without gradient checkpointing, bf16, packed rows
of LENGTH tokens, rank 8 on all linear layers. Goals: at least 1.5x PEFT's tokens a second, 50 % of the card's measured bf16 product rate (4 operations a
matrix weight and token: forward, and backward to the input). Parity: losses of 8 steps of a small shape on both devices, 1e-4 in fp32 and 1e-2 in bf16.
Writes results/gpu.json with every sample. Decoding is not here: `attune generate` runs on the CPU.
"""
import argparse, json, os, pathlib, statistics, subprocess, tempfile, threading, time
from measuring import ATTUNE, HERE, machine

options = argparse.ArgumentParser()
options.add_argument("--size", default="7B")
options.add_argument("--steps", type=int, default=12)
options.add_argument("--length", type=int, default=2048)
options.add_argument("--rounds", type=int, default=3)
a = options.parse_args()
PYTHON, DATA = os.environ["PEERS_PYTHON"], os.environ["ATTUNE_DATA"] + "/MentalLLaMA"
WARM = 2  # steps that no figure counts

PEFT = """
import json, sys, time, torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
folder, steps, warm, length, checkpoints = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "True"
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).cuda()
if checkpoints:
    model.gradient_checkpointing_enable(); model.enable_input_require_grads()
model = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, task_type="CAUSAL_LM", target_modules="all-linear")).train()
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4, fused=True)
ids = torch.randint(3, model.config.vocab_size, (steps, 1, length), device="cuda")
for step in range(steps):
    if step == warm: torch.cuda.synchronize(); start = time.perf_counter()
    with torch.autocast("cuda", torch.bfloat16): loss = model(input_ids=ids[step], labels=ids[step], use_cache=False).loss
    loss.backward(); torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0); optimizer.step(); optimizer.zero_grad()
torch.cuda.synchronize()
print(json.dumps({"tokens_s": (steps - warm) * length / (time.perf_counter() - start), "peak_mb": torch.cuda.max_memory_allocated() / 2**20}))
"""
RATE = """
import time, torch
a = torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16)
for step in range(30):
    if step == 10: torch.cuda.synchronize(); start = time.perf_counter()
    a @ a
torch.cuda.synchronize(); print(2 * 8192**3 * 20 / (time.perf_counter() - start))
"""


def out(command):
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=True).stdout


class PeakMemory(threading.Thread):
    """The card's memory in use, in MB, asked for five times a second while a command runs."""
    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self.running = 0, True

    def run(self):
        while self.running:
            used = out(["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]).split()[0]
            self.peak = max(self.peak, int(used))
            time.sleep(0.2)


def train(base, folder, device, precision, steps, *settings):
    """Steps of `attune train lora`; its records, one a step."""
    out([ATTUNE, "train", "lora", "--base", base, "--data", DATA, "--output", folder, "--overwrite", "--quiet", "--device", device, "--precision", precision,
         f"training.max_steps={steps}", "lora.r=8", "lora.alpha=16", "optimizer.learning_rate=1e-4", "schedule.shape=constant", "schedule.warmup_steps=0",
         "training.eval_every=1000000", "data.on_truncate=drop", *settings])
    return [record for record in map(json.loads, open(f"{folder}/metrics.jsonl")) if "loss" in record]


def attune(base, work, checkpoints):
    memory = PeakMemory()
    memory.start()
    records = train(base, f"{work}/run", "cuda", "bf16", a.steps, f"training.micro_batch_tokens={a.length}", "training.batch_size=10",
                    f"data.max_length={a.length}", f"training.gradient_checkpointing={str(checkpoints).lower()}")
    memory.running = False
    timed = records[WARM:]
    return {"tokens_s": sum(r["tokens"] for r in timed) / sum(r["seconds"] for r in timed), "peak_mb": memory.peak}


def peft(base, work, checkpoints):
    return json.loads(out([PYTHON, "-c", PEFT, base, a.steps, WARM, a.length, checkpoints]).splitlines()[-1])


with tempfile.TemporaryDirectory() as work:
    result = {"machine": machine(), "gpu": out(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]).strip(), "size": a.size, "samples": {}}
    out([ATTUNE, "init", "--arch", "llama", "--output", f"{work}/tiny"])
    for precision, tolerance in (("fp32", 1e-4), ("bf16", 1e-2)):
        losses = [[r["loss"] for r in train(f"{work}/tiny", f"{work}/{device}", device, precision, 8)] for device in ("cpu", "cuda")]
        worst = max(abs(x - y) / abs(x) for x, y in zip(*losses))
        result[f"parity {precision}"] = {"worst relative difference": worst, "bar": tolerance, "holds": worst <= tolerance}
    base = f"{work}/base"
    out([ATTUNE, "init", "--arch", "llama", "--size", a.size, "--output", base])
    config = json.load(open(f"{base}/config.json"))
    h, layers, mlp = config["hidden_size"], config["num_hidden_layers"], config["intermediate_size"]
    kv = h * config.get("num_key_value_heads", config["num_attention_heads"]) // config["num_attention_heads"]
    matrices = layers * (2 * h * h + 2 * h * kv + 3 * h * mlp) + config["vocab_size"] * h
    rate = float(out([PYTHON, "-c", RATE]))
    for _ in range(a.rounds):
        for name, contender in (("attune", attune), ("peft", peft)):
            for checkpoints in (False, True):
                result["samples"].setdefault(f"{name}, checkpointing {checkpoints}", []).append(contender(base, work, checkpoints))
    medians = {name: statistics.median(s["tokens_s"] for s in samples) for name, samples in result["samples"].items()}
    result["tokens_s"], result["bf16_product_rate"] = medians, rate
    for checkpoints in (False, True):
        ours = medians[f"attune, checkpointing {checkpoints}"]
        result[f"checkpointing {checkpoints}"] = {"against PEFT": ours / medians[f"peft, checkpointing {checkpoints}"], "share of product rate": 4 * matrices * ours / rate}
    (HERE / "results/gpu.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
