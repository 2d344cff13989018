#!/usr/bin/env python3
"""Tiny BART and T5 models, what transformers computes with them, an adapter of each as PEFT saves it, and traces of training.

    PYTHONHASHSEED=0 python scripts/reference/seq2seq_reference.py       writes Tests/Fixtures/seq2seq/

Made with torch 2.13.0, transformers 5.23.0, peft 0.21.2 (float32, one thread, eager attention, no dropout). For each model a folder as
transformers saves it, with `expected.safetensors` and `expected.json` in the layout of `a_models`: case `padded` with `input_ids`,
`attention_mask`, `labels`, hidden states, `logits`, `token_logprobs`, `loss`, `grad.NAME` of some; of the classifiers logits and loss.
`expected.json` has norm and sum of all gradients. `bart_lora/` and `t5_v11_lora/` are an adapter on all linear layers with random values, with `logits` of the same case.
`train.json` and `train.safetensors` hold 24 steps of AdamW on random pairs, of the whole model and of an adapter: losses, learning
rates, gradient norms, first and last parameters. `buckets.json` is `_relative_position_bucket` at distances -300 to 300.
"""

import json
import math
import pathlib
import shutil
import warnings

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import (
    BartConfig, BartForConditionalGeneration, BartForSequenceClassification, T5Config, T5ForConditionalGeneration, T5ForSequenceClassification)
from transformers.models.t5.modeling_t5 import T5Attention

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
TARGET = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "seq2seq"
VOCABULARY = 48
WHOLE_GRADIENTS = ["shared", "lm_head", "relative_attention_bias", "encoder_attn.k_proj", "EncDecAttention.k", "decoder.layernorm_embedding"]
BART = dict(
    vocab_size=VOCABULARY, d_model=16, encoder_layers=2, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=4, encoder_ffn_dim=20,
    decoder_ffn_dim=24, max_position_embeddings=40, dropout=0.0, attention_dropout=0.0, activation_dropout=0.0, scale_embedding=True, num_labels=3)
T5 = dict(
    vocab_size=VOCABULARY, d_model=16, d_kv=6, d_ff=24, num_layers=2, num_decoder_layers=1, num_heads=2, relative_attention_num_buckets=8,
    relative_attention_max_distance=12, dropout_rate=0.0, decoder_start_token_id=0, num_labels=3)


def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in list(model.named_parameters()) + [(n, b) for n, b in model.named_buffers() if n == "final_logits_bias"]:
            noise = torch.randn(parameter.shape, generator=generator)
            norm = "norm" in name and name.endswith("weight")
            fan = parameter.shape[-1] if parameter.dim() > 1 and "bias" not in name else 25
            parameter.copy_(1 + 0.1 * noise if norm else noise / math.sqrt(fan))
    return model.eval()


def models():
    yield "bart", randomise(BartForConditionalGeneration(BartConfig(**BART, attn_implementation="eager")), 1)
    yield "t5_v10", randomise(T5ForConditionalGeneration(T5Config(**T5, attn_implementation="eager")), 2)
    v11 = T5Config(**T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False, attn_implementation="eager")
    gated = T5ForConditionalGeneration(v11)
    gated.lm_head.weight = torch.nn.Parameter(torch.empty_like(gated.shared.weight))  # transformers 5 ties what was published apart
    yield "t5_v11", randomise(gated, 3)
    yield "bart_seqcls", randomise(BartForSequenceClassification(BartConfig(**BART, attn_implementation="eager")), 4)
    yield "t5_seqcls", randomise(T5ForSequenceClassification(T5Config(**T5, attn_implementation="eager")), 5)


def rows(generator, lengths, pad, end, fill):
    table = torch.full((len(lengths), max(lengths)), fill)
    for row, length in enumerate(lengths):
        table[row, :length] = torch.randint(4, VOCABULARY, (length,), generator=generator)
        table[row, length - 1] = end
    return table


def case(model, classifier):
    config, generator = model.config, torch.Generator().manual_seed(11)
    lengths = [9, 20, 5]
    source = rows(generator, lengths, config.pad_token_id, config.eos_token_id, config.pad_token_id)
    inputs = dict(input_ids=source, attention_mask=(torch.arange(20)[None] < torch.tensor(lengths)[:, None]).long())
    labels = torch.tensor([2, 0, 1]) if classifier else rows(generator, [6, 3, 14], -100, config.eos_token_id, -100)
    model.zero_grad()
    out = model(**inputs, labels=labels, output_hidden_states=not classifier)
    out.loss.backward()
    tensors = dict(inputs, labels=labels, loss=out.loss, logits=out.logits)
    if not classifier:
        start = torch.full((3, 1), config.decoder_start_token_id)
        tensors["decoder_input_ids"] = torch.cat([start, labels[:, :-1].masked_fill(labels[:, :-1] == -100, config.pad_token_id)], 1)
        real = labels.clamp(min=0)
        log_probabilities = out.logits.log_softmax(-1).gather(2, real[..., None])[..., 0]
        tensors["token_logprobs"] = log_probabilities * (labels != -100)
        for side in ["encoder", "decoder"]:
            for index, state in enumerate(getattr(out, f"{side}_hidden_states")):
                tensors[f"{side}_hidden_states.{index}"] = state
    if not classifier:
        tensors |= {f"grad.{name}": p.grad for name, p in model.named_parameters() if any(part in name for part in WHOLE_GRADIENTS)}
    return {f"padded/{name}": value.detach().contiguous() for name, value in tensors.items()}


def save(model, folder):
    model.save_pretrained(folder)
    if getattr(model.config, "scale_decoder_outputs", True) is False:
        # transformers 5 ties whatever it saves: the published layout has a head of its own.
        weights = load_file(folder / "model.safetensors")
        weights["lm_head.weight"] = model.lm_head.weight.detach().clone()
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        config = json.loads((folder / "config.json").read_text())
        config["tie_word_embeddings"] = False
        config.pop("scale_decoder_outputs", None)
        (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    for extra in ["generation_config.json"]:
        (folder / extra).unlink(missing_ok=True)


def adapter(name, model, folder):
    torch.manual_seed(7)
    peft = get_peft_model(model, LoraConfig(task_type="SEQ_2_SEQ_LM", r=3, lora_alpha=5, target_modules="all-linear"))
    generator = torch.Generator().manual_seed(8)
    with torch.no_grad():
        for parameter_name, parameter in peft.named_parameters():
            if "lora_" in parameter_name:
                parameter.copy_(0.1 * torch.randn(parameter.shape, generator=generator))
    peft.peft_config["default"].base_model_name_or_path = f"../{name}"
    peft.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    return peft


def train(model, named, batches):
    """AdamW, linear warm-up of 4 steps and linear decay, clipping at 1, loss a mean over the step's target tokens. Biases and norms do not decay."""
    steps, parameters = len(batches), [p for _, p in named]
    decays = lambda name: "bias" not in name and "norm" not in name
    groups = [dict(params=[p for n, p in named if decays(n)], weight_decay=0.01), dict(params=[p for n, p in named if not decays(n)], weight_decay=0.0)]
    optimizer = torch.optim.AdamW([group for group in groups if group["params"]], lr=0, betas=(0.9, 0.999), eps=1e-8)
    log = []
    for step, batch in enumerate(batches):
        rate = 5e-3 * (step / 4 if step < 4 else (steps - step) / (steps - 4))
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        targets = sum((micro["labels"] != -100).sum() for micro in batch)
        total = 0.0
        for micro in batch:
            count = (micro["labels"] != -100).sum()
            loss = model(**micro).loss * count / targets
            loss.backward()
            total += loss.item()
        norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0).item()
        optimizer.step()
        log.append(dict(loss=total, learning_rate=rate, grad_norm=norm))
    return log


def batches(config, seed):
    generator = torch.Generator().manual_seed(seed)
    result = []
    for _ in range(24):
        micros = []
        for _ in range(2):
            lengths = torch.randint(2, 16, (2,), generator=generator).tolist()
            targets = torch.randint(1, 10, (2,), generator=generator).tolist()
            source = rows(generator, lengths, config.pad_token_id, config.eos_token_id, config.pad_token_id)
            labels = rows(generator, targets, -100, config.eos_token_id, -100)
            mask = (torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None]).long()
            micros.append(dict(input_ids=source, attention_mask=mask, labels=labels))
        result.append(micros)
    return result


def main():
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    trace, tensors = {}, {}
    for name, model in models():
        folder, classifier = TARGET / name, name.endswith("seqcls")
        save(model, folder)
        expected = case(model, classifier)
        save_file(expected, folder / "expected.safetensors")
        norms = {n: [p.grad.norm().item(), p.grad.double().sum().item()] for n, p in model.named_parameters() if p.grad is not None}
        problem = "single_label_classification" if classifier else None
        (folder / "expected.json").write_text(json.dumps({"cases": {"padded": {"problem_type": problem, "grad_norms": norms}}}) + "\n")
        if classifier or name == "t5_v10":
            continue
        data = batches(model.config, 21)
        for step, micros in enumerate(data):
            for index, micro in enumerate(micros):
                tensors |= {f"batches/{'bart' if name == 'bart' else 't5'}/{step}/{index}/{key}": value.int() for key, value in micro.items() if key != "attention_mask"}
        initial = {n: p.detach().clone() for n, p in model.named_parameters()}
        model.train()
        trace[name] = train(model, list(model.named_parameters()), data)
        tensors |= {f"{name}/final/{n}": p.detach().clone() for n, p in model.named_parameters()}
        with torch.no_grad():
            for n, p in model.named_parameters():
                p.copy_(initial[n])
        model.eval()
        peft = adapter(name, model, TARGET / f"{name}_lora")
        inputs = {key: expected[f"padded/{key}"] for key in ["input_ids", "attention_mask", "labels"]}
        with torch.no_grad():
            logits = peft(**inputs).logits
        save_file({"padded/logits": logits.contiguous()}, TARGET / f"{name}_lora" / "expected.safetensors")
        peft.train()
        factors = [(n, p) for n, p in peft.named_parameters() if p.requires_grad]
        trace[f"{name}_lora"] = train(peft, factors, data)
        tensors |= {f"{name}_lora/final/{n.replace('.default', '')}": p.detach().clone() for n, p in factors}
    (TARGET / "train.json").write_text(json.dumps(trace, indent=1) + "\n")
    save_file(tensors, TARGET / "train.safetensors")
    distances = torch.arange(-300, 301)
    buckets = []
    for bidirectional, count, longest in [(True, 32, 128), (False, 32, 128), (True, 8, 20), (False, 8, 12), (True, 64, 400), (False, 10, 37)]:
        found = T5Attention._relative_position_bucket(distances, bidirectional, count, longest).tolist()
        buckets.append(dict(bidirectional=bidirectional, buckets=count, maximum_distance=longest, values=found))
    (TARGET / "buckets.json").write_text(json.dumps(buckets) + "\n")


main()
