#!/usr/bin/env python3
"""Text metrics on one thread, ours and sacrebleu's and rouge_score's in turn, over 10,000 pairs of IMHI explanations.

    ATTUNE_DATA=DIR PEERS_PYTHON=PYTHON scripts/bench/text_metrics.py [ROUNDS=3] [METRIC …]

PEERS_PYTHON has sacrebleu and rouge_score. A pair is two explanations of one dataset, no text used twice, so that sacrebleu's caches help nobody.
CPU seconds from strings to score, imports and reading apart, one process a measurement. Fails when a score differs by 1e-9.
Bar: BLEU, chrF and ROUGE at least 5 times as fast. Writes scripts/bench/results/text_metrics.json, of which named metrics replace their own part.
"""
import csv, glob, json, os, statistics, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAIRS, BAR = 10_000, {"bleu": 5, "chrf": 5, "rouge": 5}
KINDS = ["bleu", "chrf", "chrf++", "rouge", "rouge_stemmed", "ter_500"]


def pairs():
    csv.field_size_limit(1 << 30)
    files = sorted(glob.glob(f"{os.environ['ATTUNE_DATA']}/MentalLLaMA/train_data/instruction_data/*/*.csv"))
    result, seen = [], set()
    for path in files:
        with open(path, newline="", encoding="utf-8-sig") as f:
            texts = [row["gpt-3.5-turbo"] for row in csv.DictReader(f)]
        texts = [t for t in texts if t not in seen and not seen.add(t) and "\0" not in t]
        result += list(zip(texts[0::2], texts[1::2]))
    step = len(result) / PAIRS
    return [result[int(i * step)] for i in range(PAIRS)]


def peer(kind, path):
    """One measurement in a process of its own; prints [seconds, scores]."""
    import sacrebleu
    from rouge_score import rouge_scorer
    from sacrebleu.metrics import BLEU, CHRF, TER

    texts = open(path, encoding="utf-8", newline="").read().split("\0")
    references, generations = texts[0::2], texts[1::2]
    start = time.process_time()
    if kind.startswith("rouge"):
        kinds = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
        scorer = rouge_scorer.RougeScorer(kinds, use_stemmer=kind.endswith("stemmed"))
        rows = [scorer.score(r, g) for r, g in zip(references, generations)]
        scores = [sum(row[k].fmeasure for row in rows) / len(rows) for k in kinds]
    elif kind == "ter_500":
        scores = [TER().corpus_score(generations[:500], [references[:500]]).score]
    else:
        metric = {"bleu": BLEU, "chrf": CHRF, "chrf++": lambda: CHRF(word_order=2)}[kind]()
        scores = [metric.corpus_score(generations, [references]).score]
    print(json.dumps([time.process_time() - start, scores]))


def main(rounds, kinds):
    python = os.environ.get("PEERS_PYTHON", sys.executable)
    bench = os.environ.get("ATTUNE_BENCH", f"{ROOT}/.build/release/attune-bench")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as work:  # the texts are posts' explanations: nothing of them stays
        path = f"{work}/texts"
        chosen = pairs()
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write("\0".join(text for pair in chosen for text in pair))
        ours, theirs = {k: [] for k in kinds}, {k: [] for k in kinds}
        for _ in range(rounds):
            for kind in kinds:
                out = subprocess.run([python, __file__, "--peer", kind, path], env=environment, check=True, capture_output=True, text=True).stdout
                theirs[kind].append(json.loads(out.strip().splitlines()[-1]))
                own = json.loads(subprocess.run([bench, "text", path], env=environment, check=True, capture_output=True, text=True).stdout)
                ours[kind].append([own[kind]["seconds"], own[kind]["scores"]])
    target = f"{ROOT}/scripts/bench/results/text_metrics.json"
    known = json.load(open(target))["metrics"] if os.path.exists(target) and kinds != KINDS else {}
    result = {"what": "CPU seconds over the pairs, one thread, medians of rounds; ter_500 over the first 500", "pairs": len(chosen),
              "mean_characters": round(statistics.mean(len(t) for p in chosen for t in p)), "metrics": known}
    for kind in kinds:
        for (_, a), (_, b) in zip(ours[kind], theirs[kind]):
            worst = max(abs(x - y) / max(1, abs(y)) for x, y in zip(a, b))
            if worst > 1e-9:
                sys.exit(f"{kind} differs: {a} here, {b} in the reference")
        a, b = (statistics.median(t for t, _ in side[kind]) for side in (ours, theirs))
        result["metrics"][kind] = {"attune_s": round(a, 4), "peer_s": round(b, 3), "times_peer": round(b / a, 1), "bar": BAR.get(kind), "rounds": rounds,
                                   "scores": ours[kind][0][1], "samples": {"attune": [round(t, 4) for t, _ in ours[kind]], "peer": [round(t, 3) for t, _ in theirs[kind]]}}
    with open(target, "w") as f:
        json.dump(result, f, indent=2)
        f.write("\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peer"]:
        peer(sys.argv[2], sys.argv[3])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 3, sys.argv[2:] or KINDS)
