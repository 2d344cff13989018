"""Golden values of the linear baseline, from scikit-learn, on made-up text: Tests/Fixtures/baselines/tfidf.json.

Run: PYTHON scripts/reference/tfidf_reference.py   (scikit-learn 1.9.1; writes into the repository)

scikit-learn's default stopping rule leaves the coefficients short of the optimum by about 1e-2, so the regression runs at
tol=1e-10. With ATTUNE_DATA set it also prints and stores, per IMHI set and view, the test accuracy at the default and at the
tight tolerance, and the number of features: Tests/Fixtures/baselines/imhi_accuracy.json (numbers only, no text).
"""
import json, os, random, sys, unicodedata

import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUT = f"{ROOT}/Tests/Fixtures/baselines"
COMMON = "the a to of and she he they it was is that this feels about because with often some day night very".split()
TOPICS = [
    "sad tired empty hopeless sleep alone crying heavy".split(),
    "exam school teacher homework class study grade lecture".split(),
    "money rent debt bills loan job salary bank".split(),
    "friend party talk call laugh visit together walk".split(),
]
ODD = ["Straße", "ΟΔΟΣ", "ὈΔΥΣΣΕΎΣ ΣΑΣ", "naïve", "İstanbul", "snake_case", "x", "42", "3.5", "don't", "well-being", "日本語", "é", "e\u0301a",
       "²³", "½x", "ﬁne", "Ǆungla", "…", "😀😀", "I’m", "\u00a0tab\tnew\nline", "١٢٣", "क्षि", "A\u200bB", "ЁЖ", "ΑΣ.", "ΣΑΣ᾽Α"]


def corpus(rng, count, classes):
    texts, labels = [], []
    for i in range(count):
        label = rng.randrange(classes)
        words = [rng.choice(COMMON) if rng.random() < 0.6 else rng.choice(TOPICS[label if rng.random() < 0.8 else rng.randrange(classes)])
                 for _ in range(rng.randrange(3, 40))]
        if rng.random() < 0.4:
            words.insert(rng.randrange(len(words)), rng.choice(ODD))
        text = " ".join(w.upper() if rng.random() < 0.05 else w.capitalize() if rng.random() < 0.1 else w for w in words)
        texts.append(text + rng.choice(["", ".", "!", "?!", " ..."]))
        labels.append(label)
    return texts, labels


def fit(texts, labels, tol):
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    features = vectorizer.fit_transform(texts)
    return vectorizer, features, LogisticRegression(C=4.0, max_iter=100_000, tol=tol).fit(features, labels)


def case(name, classes, count, seed):
    rng = random.Random(seed)
    texts, labels = corpus(rng, count, classes)
    test, test_labels = corpus(rng, 40, classes)
    test += ["", "zzz qqq", "x y"]
    test_labels += [0, 0, 0]
    if name == "missing_class":  # label 1 never occurs
        labels = [0 if y == 1 else y for y in labels]
    vectorizer, features, model = fit(texts, labels, 1e-10)
    rows = vectorizer.transform(test)
    rows.sort_indices()
    return dict(name=name, texts=texts, labels=labels, label_count=classes, test_texts=test, test_labels=test_labels,
                terms=list(vectorizer.get_feature_names_out()), idf=list(vectorizer.idf_),
                test_rows=[dict(columns=rows[i].indices.tolist(), values=rows[i].data.tolist()) for i in range(rows.shape[0])],
                classes=model.classes_.tolist(), coefficients=model.coef_.tolist(), intercepts=model.intercept_.tolist(),
                predictions=model.predict(rows).tolist(), probabilities=model.predict_proba(rows).tolist())


def word_ranges():
    """Scalars that are word characters for Python's re, as [first, last] ranges, and those whose lower case is not themselves."""
    import re
    word = re.compile(r"\w")
    ranges, lower = [], {}
    for c in range(0x110000):
        if 0xD800 <= c < 0xE000:
            continue
        if word.match(chr(c)):
            if ranges and ranges[-1][1] == c - 1:
                ranges[-1][1] = c
            else:
                ranges.append([c, c])
        if chr(c).lower() != chr(c):
            lower["%X" % c] = " ".join("%X" % ord(x) for x in chr(c).lower())
    return dict(unicode=unicodedata.unidata_version, ranges=ranges, lower=lower)


def write(name, value):
    with open(f"{OUT}/{name}", "w") as f:
        json.dump(value, f, separators=(",", ":"))
        f.write("\n")


os.makedirs(OUT, exist_ok=True)
cases = [case("binary", 2, 120, 1), case("four_classes", 4, 160, 2), case("missing_class", 4, 90, 3)]
write("tfidf.json", dict(sklearn=sklearn.__version__, cases=cases))
token = TfidfVectorizer().build_analyzer()
write("python_words.json", dict(word_ranges(), split=[dict(text=t, words=token(t)) for t in ODD + [" ".join(ODD), "ΣΣ Σ aΣ Σa AΣ'B aΣ\u0301 aΣ\u0301b"]]))
if os.environ.get("ATTUNE_DATA"):
    source = open(f"{ROOT}/scripts/bench/linear").read().rsplit("\nmain()", 1)[0]
    bench = {"__file__": f"{ROOT}/scripts/bench/linear", "__name__": "bench"}
    exec(compile(source, "linear", "exec"), bench)
    bench["csv"].field_size_limit(1 << 30)
    table = []
    for name in bench["SETS"]:
        for view in ("full", "reasoning"):
            train, test = (bench["part"](os.environ["ATTUNE_DATA"], name, view, which) for which in ("train", "test"))
            row = dict(dataset=name, view=view, train=len(train["texts"]), test=len(test["texts"]))
            for key, tol in (("accuracy_default", 1e-4), ("accuracy", 1e-8)):
                vectorizer, _, model = fit(train["texts"], train["labels"], tol)
                predicted = model.predict(vectorizer.transform(test["texts"]))
                row[key] = sum(int(p) == y for p, y in zip(predicted, test["labels"])) / len(predicted)
            row["features"] = len(vectorizer.vocabulary_)
            print(json.dumps(row), file=sys.stderr)
            table.append(row)
    write("imhi_accuracy.json", dict(sklearn=sklearn.__version__, rows=table))
