#!/usr/bin/env python3
"""Tokenizer throughput on one thread, ours and the Python packages' in turn, on every IMHI instruction text.

  PEERS=DIR [ROUNDS=3] [ATTUNE_BENCH=PROGRAM] PEERS_PYTHON scripts/bench/tokenizer.py MINILM LLAMA2 LLAMA3

PEERS holds common.py, which reads the texts; the Python that runs this has `tokenizers` and `sentencepiece`. The folders hold
all-MiniLM-L6-v2, LLaMA 2's tokenizer (tokenizer.json and tokenizer.model) and Llama 3's (tokenizer.json).
Writes scripts/bench/results/tokenizer.json. Fails when one id of one text differs.
"""
import json, os, statistics, subprocess, sys, tempfile, time

os.environ.update(RAYON_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false", OMP_NUM_THREADS="1")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BENCH = os.environ.get("ATTUNE_BENCH", f"{ROOT}/.build/release/attune-bench")
ROUNDS = int(os.environ.get("ROUNDS", 3))
PASSES = 3
sys.path.insert(0, os.environ["PEERS"])
import common as C
import sentencepiece
import tokenizers


def library(folder):
    tokenizer = tokenizers.Tokenizer.from_file(f"{folder}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return lambda texts: [row.ids for row in tokenizer.encode_batch(texts)]


def pieces(folder):
    processor = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/tokenizer.model")
    return lambda texts: [[1] + ids for ids in processor.encode(texts, num_threads=1)]


def digest(encode, texts):
    """Polynomial hash of every id of every text, and their number."""
    value = count = 0
    for start in range(0, len(texts), 1000):
        for ids in encode(texts[start:start + 1000]):
            for i in ids:
                value = (value * 31 + i) & 0xFFFFFFFFFFFFFFFF
            count += len(ids)
    return {"tokens": count, "ids_hash": str(value)}


def speed(encode, texts, megabytes):
    """Best of a few passes, megabytes per CPU second; results are dropped as they come."""
    best = float("inf")
    for _ in range(PASSES):
        start = time.process_time()
        for first in range(0, len(texts), 1000):
            encode(texts[first:first + 1000])
        best = min(best, time.process_time() - start)
    return megabytes / best


def measure(what, folder, name, encode, bar, texts, path, megabytes):
    expected = digest(encode, texts)
    peer, ours = [], []
    for _ in range(ROUNDS):
        peer.append(speed(encode, texts, megabytes))
        row = json.loads(subprocess.run([BENCH, "tokenizer", folder, path, str(PASSES)], check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        for key, value in expected.items():
            if row[key] != value:
                sys.exit(f"{what}: {key} differs: {row[key]} here, {value} in the reference")
        ours.append(row)
    middle = lambda key: round(statistics.median(row[key] for row in ours), 2)
    result = {
        "what": what, "tokens": expected["tokens"], "ids_identical": True, "bar_times_peer": bar,
        "peer": {"name": name, "mb_s": round(statistics.median(peer), 2), "samples": [round(x, 2) for x in peer]},
        "attune": {key: middle(key) for key in ("ids_mb_s", "encode_mb_s", "offsets_mb_s", "load_s", "peak_rss_mb")},
        "attune_samples": [{key: round(row[key], 2) for key in ("ids_mb_s", "encode_mb_s", "offsets_mb_s")} for row in ours],
    }
    for kind in ("ids", "encode", "offsets"):
        result["attune"][kind + "_times_peer"] = round(result["attune"][kind + "_mb_s"] / result["peer"]["mb_s"], 1)
    return result


def main(minilm, llama2, llama3):
    texts = [row[key] for d in C.DATASETS for w in ("train", "test") for row in C.split(d, w) for key in ("query", "gpt-3.5-turbo")]
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    with tempfile.TemporaryDirectory() as work:  # the texts are posts: nothing of them stays
        path = f"{work}/texts"
        with open(path, "wb") as file:
            file.write(b"\0".join(text.encode() for text in texts))
        rows = [
            measure("WordPiece, all-MiniLM-L6-v2", minilm, "tokenizers (Rust), encode_batch", library(minilm), 1, texts, path, megabytes),
            measure("SentencePiece BPE, LLaMA 2", llama2, "sentencepiece (C++), encode", pieces(llama2), 1, texts, path, megabytes),
            measure("byte-level BPE, Llama 3", llama3, "tokenizers (Rust), encode_batch", library(llama3), 2, texts, path, megabytes),
        ]
    result = {
        "what": "MB of UTF-8 per CPU second, one thread, best of 3 passes a round, median of rounds, in turn", "texts": len(texts),
        "mb": round(megabytes, 3), "rounds": ROUNDS, "load_average": os.getloadavg()[0], "tokenizers": rows,
    }
    with open(f"{ROOT}/scripts/bench/results/tokenizer.json", "w") as file:
        json.dump(result, file, indent=2)
        file.write("\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main(*sys.argv[1:])
