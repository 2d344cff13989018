#!/usr/bin/env python3
"""What transformers computes with small DeBERTa v2 classifiers that use what the published v3 models do not: a convolution, projections
of their own for distances, absolute positions, segments, narrow embeddings, no buckets, one kind of position, none; and the buckets of distances.

    python scripts/reference/deberta.py

Needs torch 2.13, transformers 5.23 and safetensors 0.6. Writes Tests/Fixtures/deberta/.
"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import DebertaV2Config, DebertaV2ForSequenceClassification
from transformers.models.deberta_v2.modeling_deberta_v2 import make_log_bucket_position

TARGET = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "deberta"
SIZES = dict(
    vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, max_position_embeddings=32, num_labels=3,
    pad_token_id=0, layer_norm_eps=1e-7, problem_type="single_label_classification",
)
VARIANTS = {
    "convolution": dict(
        relative_attention=True, pos_att_type="c2p|p2c", position_buckets=8, max_relative_positions=-1, norm_rel_ebd="layer_norm", share_att_key=False,
        position_biased_input=False, conv_kernel_size=3, conv_act="gelu",
    ),
    "absolute": dict(
        relative_attention=True, pos_att_type=["c2p"], max_relative_positions=5, share_att_key=True, position_biased_input=True, type_vocab_size=2,
        embedding_size=12,
    ),
    "query": dict(relative_attention=True, pos_att_type=["p2c"], position_buckets=6, share_att_key=False, position_biased_input=False),
    "plain": dict(relative_attention=False, position_biased_input=True),
}
LENGTHS = (13, 6, 1)


def case(config):
    ids = torch.randint(1, config.vocab_size, (len(LENGTHS), max(LENGTHS)))
    mask = torch.zeros_like(ids)
    for row, length in enumerate(LENGTHS):
        mask[row, :length] = 1
    types = (torch.arange(max(LENGTHS)) > 3).long().expand_as(ids) * mask
    return {"input_ids": ids * mask, "attention_mask": mask, "token_type_ids": types.contiguous(), "labels": torch.tensor([2, 0, 1])}


def main():
    for seed, (name, settings) in enumerate(VARIANTS.items()):
        torch.manual_seed(seed)
        config = DebertaV2Config(**SIZES, **settings)
        model = DebertaV2ForSequenceClassification(config).eval()
        with torch.no_grad():
            for key, parameter in model.named_parameters():
                if parameter.dim() > 1:
                    parameter.normal_(0, parameter[0].numel() ** -0.5 if "embeddings" not in key else 1)
                else:
                    parameter.normal_(1 if key.endswith("LayerNorm.weight") else 0, 0.2)
            model.deberta.embeddings.word_embeddings.weight[0] = 0
        inputs = case(config)
        output = model(**inputs, output_hidden_states=True)
        output.loss.backward()
        expected = {f"padded/{key}": value for key, value in inputs.items()}
        expected |= {f"padded/hidden_states.{i}": value.detach().contiguous() for i, value in enumerate(output.hidden_states)}
        expected |= {"padded/logits": output.logits.detach(), "padded/loss": output.loss.detach()}
        norms = {key: [p.grad.double().norm().item(), p.grad.double().sum().item()] for key, p in model.named_parameters()}
        folder = TARGET / name
        model.save_pretrained(folder)
        save_file(expected, folder / "expected.safetensors")
        cases = {"padded": {"problem_type": "single_label_classification", "padding_side": "right", "grad_norms": norms}}
        (folder / "expected.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n")

    buckets = []
    for count, furthest in ((256, 512), (8, 64), (32, 128), (64, 1024)):
        distances = torch.arange(furthest)
        buckets.append({"buckets": count, "furthest": furthest, "of": make_log_bucket_position(distances, count, furthest).long().tolist()})
    (TARGET / "buckets.json").write_text(json.dumps(buckets) + "\n")


if __name__ == "__main__":
    main()
