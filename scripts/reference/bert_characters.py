"""Writes Tests/Fixtures/tokenizers/bert_characters.json: what the `tokenizers` library's BERT stages do with every code point.

    python scripts/reference/bert_characters.py Tests/Fixtures/tokenizers/bert_characters.json
"""
import json, sys
import tokenizers
from tokenizers import normalizers as N, pre_tokenizers as P

OFF = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
clean, chinese = N.BertNormalizer(**{**OFF, "clean_text": True}), N.BertNormalizer(**{**OFF, "handle_chinese_chars": True})
accents, lower = N.BertNormalizer(**{**OFF, "strip_accents": True}), N.BertNormalizer(**{**OFF, "lowercase": True})
bert, words = P.BertPreTokenizer(), P.Whitespace()
points = lambda text: ".".join("%X" % ord(c) for c in text)
sets = {name: [] for name in ("chinese", "nonspacing", "punctuation", "removed", "space", "word")}
stripped, lowered = [], []
for code in range(0x110000):
    if 0xD800 <= code < 0xE000:
        continue
    c = chr(code)
    cleaned = clean.normalize_str("a" + c + "b")[1:-1]
    bare = accents.normalize_str("a" + c)[1:]
    member = {
        "removed": cleaned == "", "space": cleaned == " ", "chinese": chinese.normalize_str(c) != c, "nonspacing": bare == "",
        "punctuation": len(bert.pre_tokenize_str("a" + c + "b")) == 3, "word": len(words.pre_tokenize_str("a" + c + "b")) == 1,
    }
    for name, inside in member.items():
        if inside:
            sets[name].append(code)
    if bare not in ("", c) and not 0xAC00 <= code <= 0xD7A3:  # hangul syllables decompose by arithmetic
        stripped.append("%X=%s" % (code, points(bare)))
    if lower.normalize_str(c) != c:
        lowered.append("%X=%s" % (code, points(lower.normalize_str(c))))


def ranges(codes):
    """First and last code point of every run, flat."""
    runs = []
    for code in codes:
        if runs and runs[-1] == code - 1:
            runs[-1] = code
        else:
            runs += [code, code]
    return runs


result = {"source": "tokenizers " + tokenizers.__version__, "ranges": {name: ranges(codes) for name, codes in sets.items()},
          "stripped_accents": " ".join(stripped), "lowercase": " ".join(lowered)}
open(sys.argv[1], "w").write(json.dumps(result) + "\n")
