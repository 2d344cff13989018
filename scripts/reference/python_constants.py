#!/usr/bin/env python3
"""What CPython makes of constants that are written in many ways, for the reader of Python files (Sources/Datasets/Import/PythonReader.swift).

    python scripts/reference/python_constants.py

Needs Python 3.11. Writes Tests/Fixtures/python/constants.json: sources with the value of X after they ran. Many of `refused` have a value too and must be
refused all the same, because it takes more than reading a constant to know it.
"""
import json
import pathlib
import random
import warnings

warnings.filterwarnings("ignore")
TARGET = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "python" / "constants.json"

READ = {
    "escapes": r'''X = "a\n\t\r\a\b\f\v\\\'\"\x41\u2019\U0001F600\101\0z"''',
    "an escape that is none": r'''X = "a\d\ \(\{ \8"''',
    "a line that goes on": 'X = "a \\\nb"\n',
    "quotes in quotes": '''X = 'say "it"' " it's"''',
    "triple quotes": 'X = """\\\n a "quoted" \'word\'\n\n  b""" \'\'\'c"""d\'\'\'\n',
    "triple quotes that end in a quote": 'X = """a\\""""\n',
    "an empty text": 'X = "" \'\' """"""\n',
    "a sign of a comment in a text": 'X = "a # b" # "c"\n',
    "a comment between texts": 'X = (\n  "a"  # "b"\n  # ")"\n  "c"\n)\n',
    "texts side by side": 'X = "a" \'b\' f"c" r"\\d" u"e"\n',
    "texts side by side over a continued line": 'X = "a" \\\n  "b"\n',
    "plus": 'A = "a"\nX = A + "b" + (A + "c")\n',
    "raw": 'X = r"\\n\\"\\\\" R\'\\x\' r"""\\\na"""\n',
    "formatted": 'A = 12\nB = "b"\nX = f"{A}{{A}} }}{B}{{{A}}}"\n',
    "formatted and raw": 'A = 12\nX = rf"\\{A}\\n" Fr"{A}"\n',
    "formatted over lines": 'A = "x"\nX = f"""\\\n{A}\n "{A}"\n"""\n',
    "an escape before a brace": 'A = 1\nX = f"\\x7b{A}\\{A}"\n',
    "windows' lines": 'X = """a\r\nb\\\r\nc"""\r\nY = 1\r\n',
    "old lines": 'X = ["a",\r"b"]\rY = 1\r',
    "a byte order mark": '\ufeffX = "a"\n',
    "annotated": 'from typing import *\nX: Dict[str, Any] = {"a": 1}\n',
    "annotated without a space": 'X:str="a"\n',
    "no space": 'X="a"\n',
    "a tab": 'X\t=\t"a"\n',
    "no line end": 'X = "a"',
    "a semicolon": 'A = 1; X = "a"; B = 2\n',
    "lists": 'X = ["a" "b", ("c"), ("d",), (), [], {}, ("e", "f"), {"g": [1, 20], "h": None, "i": True, "j": False,},]\n',
    "a key that is there twice": 'X = {"a": 1, "b": 2, "a": 3}\n',
    "a name like another": 'XY = "no"\nY = "X = 1"\nX = "a"\nX_ = "b"\n',
    "an assignment in a text": '"""\nX = "no"\n"""\nX = "a"\nZ = \'\'\'\nX = "no"\n\'\'\'\n',
    "an assignment in a comment": '# X = "no"\nX = "a"  # X = "no"\n',
    "used, and not changed": 'X = {"a": 1}\nY = X["a"] == 1 and X != 2\ndef f(x=X):\n    for k in X:\n        y = X[k]\n    return [X for x in X]\nrepr(X)\n',
    "a longer file": 'import os\n\nclass C:\n    """X = 1"""\n    a = {"X": 1}\n    def f(self, X=2):\n        return dict(X=3)\n\nX = """a"""\n',
    "brackets in texts": 'A = "(["\nX = ")"\n',
    "umlauts": 'Ä = "ü"\nX = f"{Ä}ß"\n',
}

REFUSED = {
    "a value that goes on": ['X = "a" % 1\n', 'X = "a".upper()\n', 'X = "a" * 2\n', 'X = "abc"[0]\n', 'X = "a" if 0 else "b"\n', 'X = "" or "b"\n', 'X = "a", "b"\n', 'X = 1_024\n',
                             'X = 10 * 2\n', 'X = 1.5\n', 'X = 0x10\n', 'X = "a" b""\n', 'X = -1\n', 'X = 2 - 1\n', 'X = ("a" "b").upper()\n', 'X = {"a": 1} | {"b": 2}\n', 'X = ["a"] * 2\n'],
    "something to run": ['import os\nX = os.sep\n', 'X = str("a")\n', 'X = [c for c in "ab"]\n', 'X = {**{}, "a": 1}\n', 'X = [*"ab"]\n', 'X = {"a"}\n', 'X = b"a"\n', 'X = (lambda: "a")()\n',
                         'X = {1: "a"}\n', 'X = "a" + str(1)\n', 'X = ["a"] + ["b"]\n'],
    "more than a name in braces": ['A = 1\nX = f"{A!r}"\n', 'A = 1\nX = f"{A:>3}"\n', 'A = 1\nX = f"{A + 1}"\n', 'A = 1\nX = f"{A=}"\n', 'A = "a"\nX = f"{A.upper()}"\n', 'A = [1]\nX = f"{A}"\n',
                                   'X = f"{1}"\n', 'A = "a"\nX = f"{A[0]}"\n'],
    "assigned or changed elsewhere": ['X = "a"\nX = "b"\n', 'X = "a"\nX += "b"\n', 'X = {"a": 1}\nX["b"] = 2\n', 'X = {"a": 1}\nX.update(b=2)\n', 'X = ["a"]\nX.append("b")\n', 'X = "a"\nif X:\n    X = "b"\n',
                                      'if 1:\n    X = "a"\nelse:\n    X = "b"\n', 'X = "a"\nX, Y = "b", "c"\n', 'X = "a"\n(X, Y) = "b", "c"\n', 'X = "a"\nfor X in "bc": pass\n', 'X = "a"\nfrom os import sep as X\n',
                                      'X = "a"\nimport os as X\n', 'X = "a"\ndef X(): pass\n', 'X = "a"\nclass X: pass\n', 'X = "a"\ndef f():\n    global X\n    X = "b"\nf()\n', 'X = Y = "a"\n', 'Y = X = "a"\n',
                                      'X = "a"\nif (X := "b"): pass\n', 'X = "a"\nif 1: X = "b"\n', 'X = ["a"]\nX[0] = "b"\n', 'X = ["a"]\nX[:] = ["b"]\n', 'X = ["a"]\nX *= 2\n', 'X = 8\nX >>= 1\n', 'X = "a"\ndel X\nX = "b"\n',
                                      'X = {"a": {}}\nfor k in ["a"]:\n    X[k]["b"] = 1\n', 'X = "a"; X = "b"\n', 'X: str\nif 1:\n    X = "b"\n'],
    "a name that is not known here": ['from string import ascii_letters as A\nX = A\n', 'A = len("ab")\nX = [A]\n', 'A = 1\nA += 1\nX = A\n'],
    "no value": ['X: str  # X = "a"\n', 'Y = "X = 1"\n', '"""\nX = "a"\n"""\n', 'Y = 1\n', 'def f():\n    X = "a"\n    return X\n'],
    "no Python": ['X = "a\n', 'X = """a\n', 'X = ["a"\n', 'X = "a"]\n', 'X = f"}"\n', 'X = f"{A"\nA = 1\n', 'A = 1\nX = f"{A"\n', 'X = "\\x4"\n', 'X = "\\u12"\n', 'X = "a" + 1\n', 'X = ["a" 1]\n', 'X = {"a" 1}\n', 'X = f"{A}"\nA = 1\n',
                  'A = f"{X}"\nX = f"{A}"\n', 'X = X + "a"\n', 'X =\n', 'X = "\\ud83d\\ude00"\n', 'X = "\\N{BULLET}"\n', 'X = "\\U99999999"\n', 'X = ("a"\n  "b"\n', "X = '''a'''b'''\n", '# -*- coding: latin-1 -*-\nX = "a"\n', 'X = ' + '[' * 300 + ']' * 300 + '\n'],
}


def value(source):
    space = {}
    exec(compile(source.encode("utf-8"), "x.py", "exec"), space)
    return space["X"]


def as_read(item):
    if isinstance(item, (list, tuple)):
        return [as_read(one) for one in item]
    return {key: as_read(one) for key, one in item.items()} if isinstance(item, dict) else item


def drawn(random_, number):
    """A value written in a way that was drawn."""
    letters = "ab \n\t\"'\\{}#\r\u2019\U0001F600é(=;:X"
    def text():
        return "".join(random_.choice(letters) for _ in range(random_.randrange(12)))
    def written(words):
        way = random_.randrange(6)
        if way == 0:
            return repr(words)
        if way == 1:
            return json.dumps(words) if words.isascii() or all(ord(c) < 0x10000 for c in words) else repr(words)
        if way == 2:
            quotes = random_.choice(['"""', "'''"])
            return quotes + random_.choice(["", "\\\n"]) + words.replace("\\", "\\\\").replace("\r", "\\r").replace(quotes[0], "\\" + quotes[0]) + quotes
        if way == 3:
            return "f" + repr(words.replace("{", "{{").replace("}", "}}"))
        if way == 4:
            cut = random_.randrange(len(words) + 1)
            return "(" + repr(words[:cut]) + random_.choice([" ", "\n  ", "  # it's \"\n", " + "]) + repr(words[cut:]) + ")"
        if way == 5 and "\\" not in words and "\r" not in words and '"' not in words and "\n" not in words:
            return 'r"' + words + '"'
        return ascii(words)
    def item(depth):
        kind = random_.randrange(8 if depth else 4)
        if kind < 4:
            return written(text())
        if kind == 4:
            return str(random_.randrange(10000))
        inner = [item(depth - 1) for _ in range(random_.randrange(4))]
        if kind == 5:
            return "[" + random_.choice([", ", ",\n    "]).join(inner) + random_.choice(["", ","] if inner else [""]) + "]"
        if kind == 6:
            return "(" + "".join(one + ", " for one in inner) + ")"
        return "{" + ", ".join(written(text() + str(place)) + random_.choice([": ", ":", " : "]) + one for place, one in enumerate(inner)) + "}"
    source = f'"""Number {number}.\nX = 1\n"""\nA = {written(text())}\nX{random_.choice([" = ", "=", ": Any = "])}'.replace(": Any", ": object")
    source += item(3) + random_.choice(["", "  # X = 2"]) + "\nB = [X]\n"
    return source.replace("\n", "\r\n") if random_.randrange(4) == 0 else source


def main():
    read = [{"name": name, "source": source, "value": as_read(value(source))} for name, source in READ.items()]
    random_ = random.Random(7)
    for number in range(150):
        source = drawn(random_, number)
        read.append({"name": f"drawn {number}", "source": source, "value": as_read(value(source))})
    refused = []
    for name, sources in REFUSED.items():
        for source in sources:
            refused.append({"name": name, "source": source})
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps({"read": read, "refused": refused}, indent=1) + "\n")
    print(TARGET, len(read), len(refused))


main()
