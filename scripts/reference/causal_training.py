"""A trace of full fine-tuning of a small LLaMA by PyTorch, for Tests/TrainingTests/CausalTrajectoryTests.swift.

    python causal_training.py OUT        writes OUT/{config.json,model.safetensors,trace.json,step4.safetensors,final.safetensors}

Twenty steps of torch.optim.AdamW, linear warm-up and decay, gradients clipped to norm 1, two micro-batches a step; the loss of a step is
the sum of the tokens' negative log-likelihoods over both, divided by the number of learned tokens in both. Matrices decay, norms do not.
Random weights, random ids. Made with torch 2.13.0, transformers 5.23.0, one thread.
"""
import json, os, random, sys
import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM, get_linear_schedule_with_warmup

torch.set_num_threads(1)
out = sys.argv[1]
os.makedirs(out, exist_ok=True)
sizes = dict(vocab_size=96, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=48,
             max_position_embeddings=64, rms_norm_eps=1e-5, initializer_range=0.2, tie_word_embeddings=False, bos_token_id=1, eos_token_id=2)
torch.manual_seed(11)
model = LlamaForCausalLM(LlamaConfig(**sizes, attn_implementation="eager")).train()
with torch.no_grad():
    for name, p in model.named_parameters():
        if p.dim() == 1:
            p.copy_(1 + 0.1 * torch.randn_like(p))
weights = lambda: {n: p.detach().clone().contiguous() for n, p in model.named_parameters()}
json.dump(dict(sizes, architectures=["LlamaForCausalLM"], model_type="llama", hidden_act="silu", rope_theta=10000.0), open(f"{out}/config.json", "w"), indent=1)
save_file(weights(), f"{out}/model.safetensors", metadata={"format": "pt"})

hyper = dict(steps=20, parts=2, rows=3, lr=2e-3, warmup_steps=4, betas=[0.9, 0.95], eps=1e-8, weight_decay=0.05, clip=1.0)
r = random.Random(7)
rows = []
for _ in range(hyper["steps"] * hyper["parts"] * hyper["rows"]):
    n = r.randint(3, 20)
    prompt = r.randint(1, n - 1)
    rows.append(dict(ids=[1] + [r.randrange(3, 96) for _ in range(n - 2)] + [2], learned=[0] * prompt + [1] * (n - prompt)))
decay = [p for n, p in model.named_parameters() if p.dim() > 1]
rest = [p for n, p in model.named_parameters() if p.dim() == 1]
opt = torch.optim.AdamW([dict(params=decay, weight_decay=hyper["weight_decay"]), dict(params=rest, weight_decay=0.0)],
                        lr=hyper["lr"], betas=hyper["betas"], eps=hyper["eps"])
schedule = get_linear_schedule_with_warmup(opt, hyper["warmup_steps"], hyper["steps"])
log = []
for step in range(hyper["steps"]):
    size = hyper["parts"] * hyper["rows"]
    window = rows[step * size:(step + 1) * size]
    items = sum(sum(x["learned"]) for x in window)
    total = 0.0
    for part in range(hyper["parts"]):
        micro = window[part * hyper["rows"]:(part + 1) * hyper["rows"]]
        width = max(len(x["ids"]) for x in micro)
        ids = torch.tensor([x["ids"] + [0] * (width - len(x["ids"])) for x in micro])
        mask = torch.tensor([[1] * len(x["ids"]) + [0] * (width - len(x["ids"])) for x in micro])
        labels = torch.tensor([[t if l else -100 for t, l in zip(x["ids"], x["learned"])] + [-100] * (width - len(x["ids"])) for x in micro])
        logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1]
        loss = torch.nn.functional.cross_entropy(logits.reshape(-1, 96), labels[:, 1:].reshape(-1), ignore_index=-100, reduction="sum") / items
        loss.backward()
        total += loss.item()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), hyper["clip"]).item()
    log.append(dict(step=step, loss=total, grad_norm=norm, lr=schedule.get_last_lr()[0], items=items))
    opt.step(); schedule.step(); opt.zero_grad()
    if step == 4:
        save_file(weights(), f"{out}/step4.safetensors")
save_file(weights(), f"{out}/final.safetensors")
json.dump(dict(hyper=hyper, rows=rows, log=log), open(f"{out}/trace.json", "w"))
