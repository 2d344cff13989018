"""Golden values of the text metrics on made-up texts: Tests/Fixtures/metrics/text.json.

Run: PYTHON scripts/reference/text_metrics.py   (sacrebleu 2.6.0, rouge_score 0.1.2, nltk 3.10, numpy 2.4)
"""
import json, os, random

import numpy as np
import sacrebleu
from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer, scoring
from sacrebleu.metrics import BLEU, CHRF, TER

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
rng = random.Random(11)
WORDS = """the a of to and in that it is was for on with as at by we they she he walk walks walked walking happy happily happiness relation relational
conditional rational valency hesitancy digitizer conformable radically differently vilely analogously operator feudalism decisiveness hopefulness
callousness formality sensitivity sensibility triplicate formative formalize electricity electrical goodness revival allowance inference airliner
gyroscopic adjustable defensible irritant replacement adjustment dependent adoption communism activate angularity homologous effective bowdlerize
probate rate cease control roll sky skies dying lying tying news innings howe proceed exceed agreed feed plastered sing motoring conflated troubled
sized hopping tanned falling hissing fizzed failing filing enjoy spy flies dies died spied geology theologies radicalli fully skilfully yyyy""".split()
ODD = ["3.14", "1,000", "U.S.A.", "don't", "it's", "(hi)", "well-known", "7-8", "...", "?!", "&quot;so&quot;", "&amp;", "&lt;b&gt;", "<skipped>", "end-\nline",
       "\n", "na\u00efve", "caf\u00e9", "\u4f60\u597d\uff0c\u4e16\u754c", "\u201cquoted\u201d", "\u20ac5", "50%", "a\u00a0b", "\u0130stanbul", "\u212aelvin", "\u03a3\u0391\u03a3",
       "\U0001f600", "\u3000", "x\u2028y", "$9.99,", "C++", "-5", "e.g.", "\u2014", "\u0663", "Hello,World.", "\u2192", "\u00bd"]


def text(n):
    words = [rng.choice(ODD) if rng.random() < 0.2 else rng.choice(WORDS) for _ in range(n)]
    words = [w.capitalize() if rng.random() < 0.1 else w for w in words]
    out = words[0]
    for w in words[1:]:
        out += rng.choice([" ", " ", " ", " ", ", ", ". ", "\n", "  "]) + w
    return out


def changed(t):
    words = t.split(" ")
    for _ in range(rng.randrange(1, 5)):
        i = rng.randrange(len(words))
        kind = rng.randrange(4)
        if kind == 0:
            words[i] = rng.choice(WORDS)
        elif kind == 1:
            words.insert(i, rng.choice(WORDS))
        elif kind == 2 and len(words) > 3:
            del words[i]
        else:  # move a group
            j = min(len(words), i + rng.randrange(1, 5))
            group = words[i:j]
            del words[i:j]
            k = rng.randrange(len(words) + 1)
            words[k:k] = group
    return " ".join(words) + rng.choice(["", " ", "\n", "-\n"])


first = [text(rng.randrange(1, 40)) for _ in range(36)]
second = [text(rng.randrange(1, 40)) for _ in range(36)]
hypotheses = [changed(r) for r in first]
for i in (3, 11):
    hypotheses[i] = second[i]
first += ["the cat sat on the mat", "", "", "a b c d e f g h " * 8, "x", "one two three " * 30]
second += ["a mat", "x", "", "h g f e d c b a " * 8, "y z", "three"]
hypotheses += ["", "the cat", "", "h g f e d c b a " * 9, "x", "three one two " * 30]
one, two = [first], [first, second]


def bleu(references, **options):
    metric = BLEU(**options)
    s = metric.corpus_score(hypotheses, references)
    sentence = BLEU(**{**options, "effective_order": True})
    rows = [sentence.sentence_score(h, list(r)).score for h, r in zip(hypotheses, zip(*references))]
    return dict(options=options, references=len(references), score=s.score, precisions=s.precisions, bp=s.bp, sys_len=s.sys_len,
                ref_len=s.ref_len, signature=str(metric.get_signature()), sentences=rows)


def other(kind, references, **options):
    metric = kind(**options)
    s = metric.corpus_score(hypotheses, references)
    rows = [metric.sentence_score(h, list(r)).score for h, r in zip(hypotheses, zip(*references))]
    return dict(options=options, references=len(references), score=s.score, signature=str(metric.get_signature()), sentences=rows)


def rouge(stem):
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL", "rougeLsum"], use_stemmer=stem)
    single = [scorer.score(r, h) for r, h in zip(first, hypotheses)]
    multi = [scorer.score_multi([a, b], h) for a, b, h in zip(first, second, hypotheses)]
    middles = {}
    for seed in (0, 42):
        aggregator = scoring.BootstrapAggregator()
        for s in single:
            aggregator.add_scores(s)
        np.random.seed(seed)
        middles[str(seed)] = {k: [v.low.fmeasure, v.mid.fmeasure, v.high.fmeasure] for k, v in aggregator.aggregate().items()}
    rows = lambda scores: [[list(map(float, s[k])) for k in ("rouge1", "rouge2", "rougeL", "rougeLsum")] for s in scores]
    return dict(stemming=stem, single=rows(single), multi=rows(multi), bootstrap=middles)


stemmer = PorterStemmer()
stemmed = sorted(set(w for w in WORDS if len(w) > 3) | {"xing", "bled", "ionize", "motion", "eying", "being", "sses", "ally", "totally", "generalli", "probabli", "archaeologi", "geologi"})
twister = np.random.RandomState(5)
reference = dict(
    versions=dict(sacrebleu=sacrebleu.__version__, numpy=np.__version__),
    hypotheses=hypotheses, first=first, second=second,
    bleu=[bleu(one), bleu(two), bleu(one, tokenize="intl"), bleu(one, tokenize="char"), bleu(one, tokenize="zh"), bleu(one, tokenize="none"),
          bleu(two, lowercase=True, smooth_method="floor"), bleu(one, smooth_method="add-k"), bleu(one, smooth_method="none", max_ngram_order=2),
          bleu(one, smooth_method="floor", smooth_value=0.25, effective_order=True)],
    chrf=[other(CHRF, one), other(CHRF, two, word_order=2), other(CHRF, one, lowercase=True, whitespace=True, beta=1), other(CHRF, one, char_order=3, word_order=1)],
    ter=[other(TER, one), other(TER, two), other(TER, one, normalized=True, case_sensitive=True), other(TER, one, normalized=True, no_punct=True), other(TER, one, no_punct=True)],
    rouge=[rouge(False), rouge(True)],
    stems=[[w, stemmer.stem(w)] for w in stemmed],
    twister=dict(seed=5, bits=[int(x) for x in np.random.RandomState(5).randint(0, 2**32, 700, dtype=np.uint32)][-5:], below=[[n, twister.randint(0, n, 8).tolist()] for n in (1, 2, 35, 1000, 65536)]),
)
with open(f"{ROOT}/Tests/Fixtures/metrics/text.json", "w") as f:
    json.dump(reference, f, separators=(",", ":"))
    f.write("\n")
