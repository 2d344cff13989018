"""Does transformers load what `attune init` makes, and do both tokenizers give the same ids?

Run: PYTHON scripts/reference/init_loads.py [ATTUNE]   (transformers 5.23; ATTUNE: .build/release/attune)

Makes a tiny checkpoint of each architecture in a temporary folder, loads it with AutoModel…, AutoConfig and AutoTokenizer, runs it
once, and compares ids of made-up texts with those of `attune data inspect`. Prints one line an architecture; fails at the first difference.
"""
import json, os, subprocess, sys, tempfile

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ATTUNE = sys.argv[1] if len(sys.argv) > 1 else f"{ROOT}/.build/release/attune"
TEXTS = ["I feel tired today.", "  two  spaces and a tab\t!", "Café naïve, 42 über-words: 3.5%", "心配しないで 🙂", "She said: \"it's fine\"\nand left.", "x"]


def attune(*arguments):
    return subprocess.run([ATTUNE, *arguments], check=True, capture_output=True, text=True).stdout


for arch in ("llama", "mistral", "bert", "roberta"):
    for precision in ("fp32", "bf16"):
        with tempfile.TemporaryDirectory() as work:
            made = json.loads(attune("init", "--arch", arch, "--precision", precision, "--output", f"{work}/model", "--json"))
            kind = AutoModelForCausalLM if arch in ("llama", "mistral") else AutoModelForSequenceClassification
            model, report = kind.from_pretrained(f"{work}/model", output_loading_info=True)
            assert not report["missing_keys"] and not report["unexpected_keys"], report
            assert sum(parameter.numel() for parameter in model.parameters()) == made["parameters"]
            assert model.dtype == (torch.bfloat16 if precision == "bf16" else torch.float32), model.dtype
            tokenizer = AutoTokenizer.from_pretrained(f"{work}/model")
            with open(f"{work}/rows.jsonl", "w") as file:
                for text in TEXTS:
                    file.write(json.dumps({"text": text}) + "\n")
            for row, text in enumerate(TEXTS, 1):
                # As a language model's row: between the begin and end tokens that config.json names, of which BERT's has none.
                shown = json.loads(attune("data", "inspect", f"{work}/rows.jsonl", "--row", str(row), "--model", f"{work}/model", "--task", "language-model", "--loss", "all", "--json"))
                theirs = tokenizer(text, add_special_tokens=arch != "bert")["input_ids"]
                ours = shown["input_ids"][:len(theirs)]  # LLaMA's tokenizer adds no end token
                assert ours == theirs, (arch, row, ours, theirs)
            logits = model(torch.tensor([tokenizer(TEXTS[0])["input_ids"]])).logits
            assert torch.isfinite(logits).all()
            print(f"{arch} {precision}: {made['parameters']} parameters, {len(tokenizer)} tokens, ids of {len(TEXTS)} texts equal")
