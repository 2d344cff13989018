#!/usr/bin/env python3
"""The ids of the public dialogue-safety rows as the published code makes them: transformers 4's Python BertTokenizer with
never_split=["[seeker]", "[supporter]"] and the two tags under the ids of [unused1] and [unused2], written again from its rules.

    ATTUNE_FIXTURES=… ATTUNE_DATA=… python3 scripts/reference/dialogue_tokens.py

Prints how many of the tags keep their id and the SHA-256 of all ids, a text a line: the numbers in Tests/TokenizersTests/RenamedEntryTests.swift.
"""
import hashlib, json, os, unicodedata

TAGS = ["[seeker]", "[supporter]"]
CHINESE = [(0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)]


def is_punctuation(c):
    code = ord(c)
    return 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126 or unicodedata.category(c).startswith("P")


def words(text, kept):
    cleaned = ""
    for c in text:
        if ord(c) in (0, 0xFFFD) or (c not in "\t\n\r" and unicodedata.category(c).startswith("C")):
            continue
        cleaned += " " if c in " \t\n\r" or unicodedata.category(c) == "Zs" else c
    spaced = "".join(f" {c} " if any(a <= ord(c) <= b for a, b in CHINESE) else c for c in cleaned)
    for word in unicodedata.normalize("NFC", spaced).split():
        if word in kept:
            yield word
            continue
        run = ""
        for c in word:
            if is_punctuation(c):
                if run:
                    yield run
                yield c
                run = ""
            else:
                run += c
        if run:
            yield run


def pieces(word, vocabulary):
    if len(word) > 100:
        return [vocabulary["[UNK]"]]
    result, start = [], 0
    while start < len(word):
        end = next((e for e in range(len(word), start, -1) if ("##" if start else "") + word[start:e] in vocabulary), None)
        if end is None:
            return [vocabulary["[UNK]"]]
        result.append(vocabulary[("##" if start else "") + word[start:end]])
        start = end
    return result


def main():
    with open(os.environ["ATTUNE_FIXTURES"] + "/c_tokenizers/bert_base_chinese/vocab.txt", encoding="utf-8") as file:
        vocabulary = {token: id for id, token in enumerate(file.read().split("\n")[:-1])}
    for tag, entry in zip(TAGS, ["[unused1]", "[unused2]"]):
        vocabulary[tag] = vocabulary.pop(entry)
    kept = set(TAGS) | {"[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"}
    with open(os.environ["ATTUNE_DATA"] + "/DialogueSafety/data/test.json", encoding="utf-8") as file:
        texts = [row[key] for row in json.load(file) for key in ("context", "response")]
    rows = [[id for word in words(text, kept) for id in ([vocabulary[word]] if word in kept else pieces(word, vocabulary))] for text in texts]
    print("tags kept:", sum(id in (1, 2) for row in rows for id in row))
    print("sha256:", hashlib.sha256("".join(" ".join(map(str, row)) + "\n" for row in rows).encode()).hexdigest())


if __name__ == "__main__":
    main()
