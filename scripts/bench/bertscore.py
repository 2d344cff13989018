#!/usr/bin/env python3
"""BERTScore of 400 pairs: Attune beside the bert_score package, the same folder, layer and texts.

  PEERS_PYTHON=PYTHON ATTUNE_DATA=DIR scripts/bench/bertscore.py [MODEL_FOLDER] [ROUNDS]

MODEL_FOLDER: checkpoints/all-MiniLM-L6-v2, layer 6. The pairs: consecutive test responses of DR. Contenders take turns, a process and two passes each, of which the
faster counts; loading counts for nobody, tokenizing for both. The bars: fp32 2 times the package's fp32 and within 1e-5 of its numbers, bf16 6 times and
within 1e-3. "mended" peer: measuring.mkl_library. Writes results/bertscore.json.
"""
import csv, json, os, statistics, sys, tempfile
from measuring import BENCH, HERE, ROOT, machine, run

MODEL, ROUNDS, PASSES, PAIRS, LAYER = (sys.argv[1] if len(sys.argv) > 1 else f"{ROOT}/checkpoints/all-MiniLM-L6-v2"), int(sys.argv[2]) if len(sys.argv) > 2 else 2, 2, 400, 6
PEER = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import torch
from bert_score import BERTScorer
folder, layer, path, precision, passes = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5])
texts = open(path, "rb").read().decode().split("\\0")
refs, cands = texts[0::2], texts[1::2]
scorer = BERTScorer(model_type=folder, num_layers=layer, device="cpu")
seconds = []
for _ in range(passes):
    start = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
        P, R, F = scorer.score(cands, refs)
    seconds.append(time.perf_counter() - start)
print(json.dumps({"pairs": len(refs), "seconds": seconds, "P": P.tolist(), "R": R.tolist(), "F": F.tolist()}))
"""
csv.field_size_limit(1 << 30)
with open(os.environ["ATTUNE_DATA"] + "/MentalLLaMA/test_data/test_instruction/DR.csv", newline="", encoding="utf-8") as file:
    rows = [row["gpt-3.5-turbo"] for row in csv.DictReader(file)]

with tempfile.NamedTemporaryFile() as file:
    file.write("\0".join(text for i in range(PAIRS) for text in (rows[i], rows[i + 1])).encode())
    file.flush()
    peer = [os.environ["PEERS_PYTHON"], "-c", PEER, MODEL, LAYER, file.name]
    ours = [BENCH, "bertscore", MODEL, LAYER, file.name]
    contenders = {"bert_score, fp32": (peer + ["fp32"], False), "attune, fp32": (ours + ["fp32"], False), "bert_score, fp32, mended": (peer + ["fp32"], True),
                  "attune, bf16": (ours + ["bf16"], False), "bert_score, bf16": (peer + ["bf16"], False)}
    samples, figures = {name: [] for name in contenders}, {}
    for _ in range(ROUNDS):
        for name, (command, mended) in contenders.items():
            out, memory = run(command + [PASSES], mended)
            result = json.loads(out.splitlines()[-1])
            figures[name] = result
            samples[name].append({"pairs_s": PAIRS / min(result["seconds"]), "first_pairs_s": PAIRS / result["seconds"][0], "peak_mb": memory})
            print(name, {k: round(v, 2) for k, v in samples[name][-1].items()}, flush=True)

median = {name: {k: statistics.median(s[k] for s in all) for k in all[0]} for name, all in samples.items()}
reference = figures["bert_score, fp32"]
largest = {name: max(abs(a - b) for key in "PRF" for a, b in zip(figures[name][key], reference[key])) for name in contenders}
ratios = {f"{ours} against {peer}": median[ours]["pairs_s"] / median[peer]["pairs_s"]
          for ours, peers in (("attune, fp32", ("bert_score, fp32", "bert_score, fp32, mended")), ("attune, bf16", ("bert_score, fp32", "bert_score, fp32, mended", "bert_score, bf16")))
          for peer in peers}
passed = (ratios["attune, fp32 against bert_score, fp32"] >= 2 and ratios["attune, bf16 against bert_score, fp32"] >= 6
          and largest["attune, fp32"] <= 1e-5 and largest["attune, bf16"] <= 1e-3)
(HERE / "results/bertscore.json").write_text(json.dumps({
    "unit": "pairs a second, tokenizing included", "machine": machine(), "pairs": PAIRS, "bars": {"fp32": 2, "bf16": 6, "fp32_difference": 1e-5, "bf16_difference": 1e-3},
    "passed": passed, "ratios": ratios, "largest_difference": largest, "medians": median, "samples": samples}, indent=1) + "\n")
print(json.dumps({"ratios": ratios, "largest_difference": largest}, indent=1), "passed" if passed else "FAILED")
