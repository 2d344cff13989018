#!/usr/bin/env python3
"""What the `tokenizers` library makes of DeBERTa's spm.model with the stages that transformers 4 gives it (DebertaV2Converter).

    ATTUNE_FIXTURES=DIR python scripts/reference/deberta_tokenizer.py

Needs tokenizers 0.23.3. Writes Tests/Fixtures/deberta/tokens.json: of every text of c_tokenizers/inputs.jsonl a polynomial hash of its ids.
"""
import json
import os
import pathlib
import struct

from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

FIXTURES = pathlib.Path(os.environ["ATTUNE_FIXTURES"])
TARGET = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "deberta" / "tokens.json"


def fields(data):
    """The fields of a protobuf message: (number, bytes or integer)."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = varint()
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint()
        else:
            length = varint() if kind == 2 else {1: 8, 5: 4}[kind]
            yield key >> 3, data[at : at + length]
            at += length


def main():
    pieces, table = [], b""
    for number, value in fields((FIXTURES / "a_models/deberta_v3/spm.model").read_bytes()):
        if number == 1:
            piece = dict(fields(value))
            pieces.append((piece[1].decode(), struct.unpack("<f", piece[2])[0] if 2 in piece else 0.0))
        elif number == 3:
            table = dict(fields(value)).get(2, b"")
    names = [text for text, _ in pieces]
    result = {}
    for kind in ("plain", "punctuation"):
        tokenizer = Tokenizer(Unigram(pieces, unk_id=names.index("[UNK]"), byte_fallback=False))
        tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in ("[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]")])
        stages = [normalizers.Strip()] + ([normalizers.Precompiled(table)] if table else []) + [normalizers.Replace(Regex(" {2,}"), " ")]
        tokenizer.normalizer = normalizers.Sequence(stages)
        words = [pre_tokenizers.Punctuation(behavior="isolated")] if kind == "punctuation" else []
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(words + [pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")])
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
            special_tokens=[(name, names.index(name)) for name in ("[CLS]", "[SEP]")])
        result[kind] = []
        for line in open(FIXTURES / "c_tokenizers/inputs.jsonl"):
            value = 0
            for i in tokenizer.encode(json.loads(line)["text"]).ids:
                value = (value * 31 + i) & 0xFFFFFFFF
            result[kind].append(value)
    TARGET.write_text(json.dumps(result, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
