#!/usr/bin/env python3
"""Adapters of every kind that PEFT saves, on tiny random models: what it adapts, saves, computes and merges.

    PYTHONHASHSEED=0 python scripts/reference/lora_reference.py          writes Tests/Fixtures/lora/

Made with torch 2.13.0, transformers 5.23.0, peft 0.21.2. A case is one `LoraConfig`. Its folder has the adapter as PEFT saves it, with
random values in every tensor, and `expected.safetensors`: `input_ids`, `logits`, `merged/NAME` for each tensor that
`merge_and_unload()` changed, and `safely_merged/NAME` where `merge_and_unload(safe_merge=True)` gives something else.
`cases.json` has for each case the base model, and the rank and scale of every adapted layer.
"""

import copy
import json
import pathlib
import shutil
import warnings

import torch
from peft import LoraConfig, get_peft_model
from peft.tuners.lora import LoraLayer
from safetensors.torch import save_file
from transformers import (
    BertConfig, BertForSequenceClassification, LlamaConfig, LlamaForCausalLM, RobertaConfig, RobertaForSequenceClassification)

TARGET = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "lora"

SIZES = dict(vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24, max_position_embeddings=32)
ENCODER = dict(SIZES, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, num_labels=3)


LLAMA = dict(SIZES, num_key_value_heads=2, pad_token_id=0, bos_token_id=1, eos_token_id=2)


def bases():
    yield "llama", LlamaForCausalLM(LlamaConfig(**LLAMA, attention_bias=True, tie_word_embeddings=False))
    yield "llama_bf16", LlamaForCausalLM(LlamaConfig(**LLAMA, tie_word_embeddings=False)).to(torch.bfloat16)
    yield "bert", BertForSequenceClassification(BertConfig(**ENCODER))
    yield "roberta", RobertaForSequenceClassification(RobertaConfig(**ENCODER, pad_token_id=1, type_vocab_size=1))


CASES = {
    "usual": ("llama", dict(task_type="CAUSAL_LM")),
    "all_linear": ("llama", dict(task_type="CAUSAL_LM", r=3, lora_alpha=7, target_modules="all-linear")),
    "embeddings": ("llama", dict(task_type="CAUSAL_LM", r=4, target_modules=["embed_tokens", "q_proj"])),
    "embeddings_dora": ("llama", dict(task_type="CAUSAL_LM", r=2, target_modules=["embed_tokens", "v_proj", "down_proj"], use_dora=True)),
    "biases": ("llama", dict(task_type="CAUSAL_LM", r=2, target_modules=["q_proj", "o_proj"], bias="lora_only", lora_bias=True)),
    "whole_modules": (
        "llama",
        dict(task_type="CAUSAL_LM", r=2, target_modules="all-linear", modules_to_save=["lm_head", "embed_tokens", "norm"], use_rslora=True)),
    "pattern": ("llama", dict(task_type="CAUSAL_LM", r=2, target_modules=r"model\.layers\.\d+\.(self_attn|mlp)\.(k|up)_proj")),
    "some_layers": (
        "llama",
        dict(task_type="CAUSAL_LM", r=2, target_modules=["q_proj", "down_proj", "model.layers.0.mlp.up_proj"], layers_to_transform=[1])),
    "named_layers": (
        "llama", dict(task_type="CAUSAL_LM", r=2, target_modules=["q_proj"], layers_to_transform=0, layers_pattern=["layers"])),
    "ranks": (
        "llama",
        dict(task_type="CAUSAL_LM", r=2, target_modules=["q_proj", "k_proj", "up_proj"], rank_pattern={"layers.1.self_attn.[qk]_proj": 5, "up_proj": 1},
             alpha_pattern={"q_proj": 3.5}, exclude_modules=["layers.0.self_attn.k_proj"], use_rslora=True)),
    "excluded_by_pattern": ("llama", dict(task_type="CAUSAL_LM", r=2, target_modules=["q_proj", "v_proj"], exclude_modules=r".*\.0\..*")),
    "bf16": ("llama_bf16", dict(task_type="CAUSAL_LM", r=4, target_modules="all-linear", modules_to_save=["embed_tokens"])),
    "bf16_dora": ("llama_bf16", dict(task_type="CAUSAL_LM", r=4, target_modules=["embed_tokens", "q_proj", "gate_proj"], use_dora=True)),
    "bert_all": ("bert", dict(task_type="SEQ_CLS", r=2, target_modules="all-linear", bias="all")),
    "bert_usual": ("bert", dict(task_type="SEQ_CLS")),
    "bert_whole": ("bert", dict(task_type="SEQ_CLS", r=2, target_modules=["value", "dense"], modules_to_save=["pooler"], use_dora=True)),
    "roberta_all": ("roberta", dict(task_type="SEQ_CLS", r=2, target_modules="all-linear")),
    "roberta_words": ("roberta", dict(task_type="SEQ_CLS", r=2, target_modules=["word_embeddings", "key"], bias="lora_only")),
    "head": ("llama", dict(task_type="CAUSAL_LM", r=2, target_modules=["lm_head", "o_proj"])),
    "head_dora": ("llama", dict(task_type="CAUSAL_LM", r=2, target_modules=["lm_head"], use_dora=True)),
}


# PEFT trains a copy of either end of tied embeddings, or one of each, and unties them when it merges.
TIED = {
    "tied_input": ("llama_tied", dict(task_type="CAUSAL_LM", r=2, target_modules=["q_proj"], modules_to_save=["embed_tokens"])),
    "tied_output": ("llama_tied", dict(task_type="CAUSAL_LM", r=2, target_modules=["q_proj"], modules_to_save=["lm_head"])),
    "tied_both": ("llama_tied", dict(task_type="CAUSAL_LM", r=2, target_modules=["q_proj"], modules_to_save=["embed_tokens", "lm_head"])),
    "tied_updates": ("llama_tied", dict(task_type="CAUSAL_LM", r=2, target_modules=["embed_tokens", "lm_head"])),
}


def tied():
    yield "llama_tied", LlamaForCausalLM(LlamaConfig(**LLAMA, tie_word_embeddings=True))


def randomise(parameters, deviation):
    for parameter in parameters:
        parameter.data = (torch.randn(parameter.shape) * deviation + (1.0 if parameter.ndim == 1 else 0.0)).to(parameter.dtype)


def main():
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    described = {}
    for seed, models, cases in ((7, bases(), CASES), (8, tied(), TIED)):
        torch.manual_seed(seed)
        described |= write(models, cases)
    (TARGET / "cases.json").write_text(json.dumps(described, indent=1) + "\n")


def write(models, cases):
    classes = {}
    for name, model in models:
        randomise(model.parameters(), 0.3)
        model.save_pretrained(TARGET / name)
        classes[name] = type(model)
        (TARGET / name / "generation_config.json").unlink(missing_ok=True)
    described = {}
    for name, (base, options) in cases.items():
        dtype = torch.bfloat16 if base.endswith("bf16") else torch.float32
        plain = classes[base].from_pretrained(TARGET / base, dtype=dtype, attn_implementation="eager").eval()
        before = {k: v.clone() for k, v in plain.state_dict().items()}
        model = get_peft_model(plain, LoraConfig(**options)).eval()
        randomise([p for p in model.parameters() if p.requires_grad], 0.3)
        layers = {
            key.removeprefix("base_model.model."): {"rank": m.r["default"], "scale": m.scaling["default"]}
            for key, m in model.named_modules() if isinstance(m, LoraLayer)}
        model.peft_config["default"].base_model_name_or_path = f"../{base}"
        model.save_pretrained(TARGET / name)
        (TARGET / name / "README.md").unlink()
        ids = torch.randint(3, 40, (2, 9))
        expected = {"input_ids": ids}
        if dtype == torch.float32:
            expected["logits"] = model(input_ids=ids).logits.detach()
        if set(options["target_modules"] if "target_modules" in options else []) >= {"embed_tokens", "lm_head"}:
            # PEFT adds both updates to the one tied tensor: what it merges is not what it computed.
            save_file(expected, TARGET / name / "expected.safetensors")
            described[name] = {"base": base, "layers": layers}
            continue
        safe = copy.deepcopy(model).merge_and_unload(safe_merge=True).state_dict()
        merged = model.merge_and_unload().state_dict()
        assert set(merged) == set(before)
        expected |= {f"merged/{k}": v.clone() for k, v in merged.items() if not torch.equal(v, before[k])}
        expected |= {f"safely_merged/{k}": v.clone() for k, v in safe.items() if not torch.equal(v, merged[k])}
        save_file(expected, TARGET / name / "expected.safetensors")
        described[name] = {"base": base, "layers": layers}
    return described


warnings.simplefilter("ignore")
main()
