#!/usr/bin/env python3
"""What the bert_score package gives with small BERT, RoBERTa and DeBERTa folders: layers, idf, rescaling, several references.

    ATTUNE_FIXTURES=DIR python scripts/reference/bert_score_reference.py

Needs bert_score 0.3.13, torch 2.13, transformers 5.23. Writes Tests/Fixtures/scoring/bert_score.json.
"""
import json
import os
import pathlib
import warnings

import torch
from bert_score import BERTScorer

warnings.filterwarnings("ignore")
MODELS = pathlib.Path(os.environ["ATTUNE_FIXTURES"]) / "a_models"
TARGET = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "scoring"
# Written for this project.
REFERENCES = [
    "Yes, the poster suffers from stress. Reasoning: the post speaks of a report that is due, of a headache, and of nights without sleep.",
    "No. Reasoning: the week was quiet, and the poster looks forward to a long train ride.",
    "This post shows the stress cause related to work.",
    "Loneliness: nobody came to the birthday dinner; the table stayed empty.",
    "It does not say.",
    "The naïve plan — “sleep more” — did not help: 3 nights, 2 hours each.",
]
CANDIDATES = [
    "Yes, the poster suffers from stress. Reasoning: a report is due on Friday and the poster cannot sleep.",
    "Yes. Reasoning: the poster is afraid of a long train ride, of the people on it and of what comes after it, and says so again and again.",
    "This post shows the stress cause related to financial problems, since the loan takes half of what the poster earns.",
    "no",
    "It does not say.",
    "  The plan to sleep more did not help.  ",
]
CASES = [
    ("bert_seqcls", dict(layer=2)), ("bert_seqcls", dict(layer=1, idf=True)), ("roberta_seqcls", dict(layer=2)), ("roberta_seqcls", dict(layer=2, idf=True)),
    ("deberta_v3", dict(layer=3)), ("deberta_v3", dict(layer=2, idf=True)), ("bert_seqcls", dict(layer=2, rescale=True)), ("bert_seqcls", dict(layer=2, groups=True)),
]
BASELINE = "LAYER,P,R,F\n0,0.3,0.31,0.305\n1,0.4,0.41,0.405\n2,0.5,0.52,0.51\n"


def main():
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "baseline.tsv").write_text(BASELINE)
    cases = []
    for model, options in CASES:
        rescale = options.get("rescale", False)
        scorer = BERTScorer(
            model_type=str(MODELS / model), num_layers=options["layer"], device="cpu", idf=options.get("idf", False),
            nthreads=0, lang="en", rescale_with_baseline=rescale, baseline_path=str(TARGET / "baseline.tsv"))
        scorer._tokenizer.model_max_length = 64
        if options.get("idf"):
            scorer.compute_idf(REFERENCES)
        references = [[REFERENCES[i], REFERENCES[i - 1]] for i in range(len(REFERENCES))] if options.get("groups") else REFERENCES
        with torch.no_grad():
            P, R, F = scorer.score(CANDIDATES, references)
        cases.append(dict(model=model, **options, references=references, P=P.tolist(), R=R.tolist(), F=F.tolist()))
    (TARGET / "bert_score.json").write_text(json.dumps({"candidates": CANDIDATES, "maximum_length": 64, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
