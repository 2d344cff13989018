"""Golden values that the shared metric fixtures lack, from scipy and scikit-learn: Tests/Fixtures/metrics/reference.json.

Run: PYTHON scripts/reference/metrics_reference.py   (scikit-learn 1.9.1, scipy 1.17.1)
"""
import json, os, warnings

import numpy as np
import scipy
import sklearn
from scipy import optimize, special, stats
from sklearn.metrics import classification_report, confusion_matrix, precision_recall_fscore_support

warnings.simplefilter("ignore")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
rng = np.random.default_rng(7)


def seeds(values, confidence):
    values = np.array(values)
    n, mean, s = len(values), values.mean(), values.std(ddof=1)
    low, high = stats.t.interval(confidence, n - 1, loc=mean, scale=s / np.sqrt(n))
    return dict(values=values.tolist(), confidence=confidence, mean=mean, std=s, lower=low, upper=high)


def temperature(n, classes, scale, seed):
    r = np.random.default_rng(seed)
    logits = r.normal(size=(n, classes)) * scale
    y = np.array([r.choice(classes, p=special.softmax(row / (0.6 * scale))) for row in logits])

    def slope(beta):
        p = special.softmax(beta * logits, axis=1)
        return np.mean((p * logits).sum(1) - logits[np.arange(n), y])

    beta = optimize.brentq(slope, 1e-2, 1e2, xtol=1e-15, rtol=1e-15)
    nll = lambda b: -np.mean(special.log_softmax(b * logits, axis=1)[np.arange(n), y])
    return dict(logits=logits.tolist(), y=y.tolist(), temperature=1 / beta, before=nll(1), after=nll(beta))


def excluded(y, p):
    out = dict(y_true=y, y_pred=p)
    for average in ("micro", "macro", "weighted"):
        a, b, f, _ = precision_recall_fscore_support(y, p, average=average, zero_division=np.nan)
        out[average] = [None if np.isnan(x) else float(x) for x in (a, b, f)]
    return out


y, p = [0, 0, 1, 1, 2, 2, 3], [0, 1, 1, 1, 2, 0, 0]
reference = dict(
    versions=dict(sklearn=sklearn.__version__, scipy=scipy.__version__),
    t_quantiles=[[q, df, float(stats.t.ppf(q, df))] for q in (0.6, 0.9, 0.975, 0.995, 0.9995) for df in (1, 2, 3, 4, 9, 29.5, 200, 1e6)],
    t_tails=[[t, df, float(stats.t.sf(t, df))] for t in (-2.5, 0, 0.3, 1.0, 4.0, 12.0) for df in (1, 2, 4, 30, 1000)],
    normal_quantiles=[[q, float(stats.norm.ppf(q))] for q in (0.001, 0.025, 0.5, 0.7, 0.975, 0.9999)],
    binomial=[[k, n, float(stats.binom.cdf(k, n, 0.5))] for k, n in ((0, 1), (3, 8), (59, 180), (10, 4000), (1990, 4000))],
    seeds=[seeds([0.951, 0.962, 0.948, 0.957, 0.96], 0.95), seeds([0.5, 0.7], 0.95), seeds(rng.normal(size=12).tolist(), 0.99)],
    temperature=[temperature(60, 2, 3.0, 1), temperature(120, 9, 0.4, 2), temperature(80, 3, 40.0, 3)],
    excluded=[excluded([0, 1, 2, 0], [0, 1, 1, 3]), excluded([1, 1], [2, 2]), excluded([0, 0, 1], [0, 0, 0])],
    report=dict(y_true=y, y_pred=p, all=classification_report(y, p, target_names=["no", "yes", "a much longer name", "d"]),
                subset=classification_report(y, p, labels=[2, 1], digits=3)),
)
with open(f"{ROOT}/Tests/Fixtures/metrics/reference.json", "w") as f:
    json.dump(reference, f, separators=(",", ":"))
    f.write("\n")
