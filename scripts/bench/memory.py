#!/usr/bin/env python3
"""Predicted memory of LoRA training beside what it took, on small LLaMA shapes.

    ATTUNE=PROGRAM scripts/bench/memory.py [SHAPE ...]      shapes: see below; needs a Python with numpy and safetensors (PEERS_PYTHON or this one)

For each shape, length, precision and setting: what `attune train lora --dry-run` predicts, and the peak of a run of three steps, both of
whole processes. Random weights; rows of made-up words. Writes results/memory.json and exits with 1 when a prediction is off by more than 15 %.
"""
import json, os, pathlib, random, subprocess, sys, tempfile
import numpy
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).resolve().parent
ATTUNE = os.environ.get("ATTUNE", f"{HERE.parent.parent}/.build/release/attune")
TOKENIZER = os.environ["TOKENIZER"]  # a folder whose tokenizer has at most 32,000 tokens
SHAPES = {  # hidden, layers, heads, key heads, intermediate, tied
    "15M": (288, 6, 6, 6, 768, True),
    "110M": (768, 12, 12, 12, 2048, True),
    "250M, grouped": (1024, 16, 16, 4, 2816, False),
}
# precision, tokens at once, checkpointing
SETTINGS = [("bf16", 1024, False), ("bf16", 4096, False), ("bf16", 4096, True), ("fp32", 2048, False)]


def write(folder, shape):
    h, layers, heads, keys, inner, tied = SHAPES[shape]
    config = dict(architectures=["LlamaForCausalLM"], model_type="llama", vocab_size=32000, hidden_size=h, num_hidden_layers=layers, num_attention_heads=heads,
                  num_key_value_heads=keys, intermediate_size=inner, max_position_embeddings=2048, rms_norm_eps=1e-5, rope_theta=10000.0, hidden_act="silu",
                  tie_word_embeddings=tied, bos_token_id=1, eos_token_id=2)
    pathlib.Path(folder, "config.json").write_text(json.dumps(config))
    rng = numpy.random.default_rng(0)
    matrix = lambda *s: (rng.standard_normal(s, dtype=numpy.float32) * 0.02)
    k = h * keys // heads
    tensors = {"model.embed_tokens.weight": matrix(32000, h), "model.norm.weight": numpy.ones(h, numpy.float32)}
    if not tied:
        tensors["lm_head.weight"] = matrix(32000, h)
    for i in range(layers):
        p = f"model.layers.{i}."
        for name, shape_ in (("self_attn.q_proj", (h, h)), ("self_attn.k_proj", (k, h)), ("self_attn.v_proj", (k, h)), ("self_attn.o_proj", (h, h)),
                             ("mlp.gate_proj", (inner, h)), ("mlp.up_proj", (inner, h)), ("mlp.down_proj", (h, inner))):
            tensors[p + name + ".weight"] = matrix(*shape_)
        for name in ("input_layernorm", "post_attention_layernorm"):
            tensors[p + name + ".weight"] = numpy.ones(h, numpy.float32)
    save_file(tensors, f"{folder}/model.safetensors", metadata={"format": "pt"})
    for f in ("tokenizer.json", "tokenizer_config.json", "tokenizer.model", "vocab.txt"):
        if os.path.exists(f"{TOKENIZER}/{f}"):
            os.symlink(os.path.abspath(f"{TOKENIZER}/{f}"), f"{folder}/{f}")


def attune(*words):
    with tempfile.NamedTemporaryFile() as usage:
        wrapped = [sys.executable, "-c", "import resource,subprocess,sys\nr=subprocess.run(sys.argv[2:]).returncode\n"
                   "open(sys.argv[1],'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss*1024))\nsys.exit(r)", usage.name]
        done = subprocess.run(wrapped + [ATTUNE, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"{words}: {done.stderr[-2000:]}")
        return json.loads(done.stdout), float(pathlib.Path(usage.name).read_text())


results = []
rng = random.Random(0)
words = "people work help stress feeling years friends start never always thought day night home family".split()
for shape in sys.argv[1:] or SHAPES:
    with tempfile.TemporaryDirectory() as folder:
        write(folder, shape)
        text = lambda n: " ".join(rng.choice(words) for _ in range(n))
        with open(f"{folder}/rows.jsonl", "w") as f:
            for _ in range(192):
                f.write(json.dumps({"prompt": text(100), "completion": text(100)}) + "\n")
        for precision, tokens, checkpoints in SETTINGS:
            words_ = ["train", "lora", "--base", folder, "--data", f"{folder}/rows.jsonl", "--output", f"{folder}/run", "--overwrite", "--json", "--precision", precision,
                      "lora.r=8", "data.validation_fraction=0", "data.max_length=1024", "training.batch_size=64", "training.max_steps=3", "training.epochs=9",
                      f"training.micro_batch_tokens={tokens}", f"training.gradient_checkpointing={str(checkpoints).lower()}"]
            predicted = attune(*words_, "--dry-run")[0]
            result, peak = attune(*words_)
            ratio = predicted["predicted_peak_memory_bytes"] / peak
            results.append({"shape": shape, "precision": precision, "tokens_at_once": tokens, "checkpointing": checkpoints, "predicted_mb": predicted["predicted_peak_memory_bytes"] / 1e6,
                            "measured_mb": peak / 1e6, "ratio": ratio, "parts": predicted["predicted_memory"]})
            print(shape, precision, tokens, "checkpointed" if checkpoints else "", f"predicted {results[-1]['predicted_mb']:.0f} MB, took {peak / 1e6:.0f} MB, {ratio:.2f}", flush=True)
(HERE / "results/memory.json").write_text(json.dumps({"results": results}, indent=1) + "\n")
sys.exit(any(abs(r["ratio"] - 1) > 0.15 for r in results))
