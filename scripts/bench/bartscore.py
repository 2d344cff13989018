#!/usr/bin/env python3
"""BARTScore: pairs a second of `EncoderDecoderModel.score` beside the reference loop over transformers, on the same random weights.

    PEERS_PYTHON=PYTHON [ROUNDS=2] [SHAPE=large|base|small] scripts/bench/bartscore.py

The reference is neulab's `BARTScorer.score`: batches of 4 in the order of the rows, padded, fp32, `log_softmax` of all logits. Contenders run in turn, each
in a process of its own. Rows have the lengths of IMHI's explanations (a source and a target of 60 to 180 tokens). Writes results/bartscore.json.
Bars: fp32 at least 2x and 1e-5, bf16 at least 5x and 1e-2 of the fp32 reference.
"""
import json, os, pathlib, statistics, subprocess, sys, tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from measuring import BENCH, HERE, machine, run

SHAPES = {"large": dict(d_model=1024, layers=12, heads=16, ffn=4096), "base": dict(d_model=768, layers=6, heads=12, ffn=3072),
          "small": dict(d_model=256, layers=2, heads=4, ffn=1024)}
PAIRS = {"large": 12, "base": 32, "small": 64}

PEER = """
import json, sys, time, torch
from transformers import BartForConditionalGeneration
job = json.load(open(sys.argv[1]))
model = BartForConditionalGeneration.from_pretrained(job["model"], dtype=torch.float32).eval()
loss = torch.nn.NLLLoss(reduction="none", ignore_index=model.config.pad_token_id)
lsm = torch.nn.LogSoftmax(dim=1)
def padded(rows):
    width = max(map(len, rows))
    ids = torch.tensor([r + [1] * (width - len(r)) for r in rows])
    return ids, (ids != 1).long()
seconds = []
for _ in range(job["repeats"]):
    scores, start = [], time.perf_counter()
    for i in range(0, len(job["sources"]), 4):
        with torch.no_grad():
            source, source_mask = padded(job["sources"][i:i + 4])
            target, target_mask = padded(job["targets"][i:i + 4])
            output = model(input_ids=source, attention_mask=source_mask, labels=target)
            logits = output.logits.view(-1, model.config.vocab_size)
            token_loss = loss(lsm(logits), target.view(-1)).view(target.shape[0], -1)
            scores += (-token_loss.sum(dim=1) / target_mask.sum(dim=1)).tolist()
    seconds.append(time.perf_counter() - start)
print(json.dumps(dict(seconds=seconds, scores=scores)))
"""

MAKE = """
import json, random, sys, torch
from transformers import BartConfig, BartForConditionalGeneration
shape, folder = json.loads(sys.argv[1]), sys.argv[2]
torch.manual_seed(0)
config = BartConfig(d_model=shape["d_model"], encoder_layers=shape["layers"], decoder_layers=shape["layers"], encoder_attention_heads=shape["heads"],
    decoder_attention_heads=shape["heads"], encoder_ffn_dim=shape["ffn"], decoder_ffn_dim=shape["ffn"])
BartForConditionalGeneration(config).save_pretrained(folder)
open(folder + "/vocab.txt", "w").write("[PAD]\\n[UNK]\\n[CLS]\\n[SEP]\\n[MASK]\\na\\n")
"""


def main():
    python, shape, rounds = os.environ["PEERS_PYTHON"], os.environ.get("SHAPE", "large"), int(os.environ.get("ROUNDS", "2"))
    import random
    draw = random.Random(5)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-c", MAKE, json.dumps(SHAPES[shape]), folder], check=True, stderr=subprocess.DEVNULL)
        row = lambda: [0] + [draw.randrange(4, 50000) for _ in range(draw.randrange(58, 179))] + [2]
        count = int(os.environ.get("PAIRS", PAIRS[shape]))
        job = dict(model=folder, sources=[row() for _ in range(count)], targets=[row() for _ in range(count)], repeats=1)
        path = folder + "/job.json"
        half = folder + "/half.json"
        json.dump(dict(job, bf16=False, repeats=2), open(path, "w"))
        json.dump(dict(job, bf16=True, repeats=2), open(half, "w"))
        contenders = {"attune_fp32": ([BENCH, "score", path], False), "attune_bf16": ([BENCH, "score", half], False),
                      "reference": ([python, "-c", PEER, path], False), "reference_mended": ([python, "-c", PEER, path], True)}
        samples, scores, memory = {name: [] for name in contenders}, {}, {}
        for _ in range(rounds):
            for name, (command, mended) in contenders.items():
                out, peak = run(command, mended=mended)
                found = json.loads(out.strip().splitlines()[-1])
                samples[name].append(min(found["seconds"]))
                scores[name], memory[name] = found["scores"], round(peak)
        rate = {name: count / statistics.median(values) for name, values in samples.items()}
        difference = {name: max(abs(a - b) for a, b in zip(scores[name], scores["reference"])) for name in contenders}
        result = dict(machine=machine(), shape=shape, pairs=count, pairs_per_second=rate, largest_score_difference=difference, peak_mb=memory, seconds=samples,
                      ratios={name: {peer: rate[name] / rate[peer] for peer in ["reference", "reference_mended"]} for name in ["attune_fp32", "attune_bf16"]})
    target = HERE / "results" / "bartscore.json"
    known = json.loads(target.read_text()) if target.exists() else {}
    known[shape] = result
    target.write_text(json.dumps(known, indent=1) + "\n")
    print(json.dumps({key: result[key] for key in ["pairs_per_second", "ratios", "largest_score_difference", "peak_mb"]}, indent=1))


main()
