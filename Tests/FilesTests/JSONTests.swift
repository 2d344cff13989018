import Files
import Metrics
import TestSupport
import Testing

@Suite struct JSONParsing {
  @Test func valuesOfEveryKindInOrder() throws {
    let json = try JSON.parse(#" {"b": [1, -0, 2.5, 1e3, true, false, null], "a": {"é": "x\n\"\\\/é😀\u0000"}} "#, source: "t.json")
    #expect(json.object?.keys == ["b", "a"])
    #expect(json["b"] == [1, 0, 2.5, 1000.0, true, false, nil])
    #expect(json["a"]?["é"]?.string == "x\n\"\\/é😀\0")
    #expect(json["b"]?["é"] == nil)
  }

  @Test(arguments: [
    ("9223372036854775807", JSON.integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(9223372036854775808)), ("-9223372036854775809", .number(-9223372036854775808)),
    ("1000000000000000019884624838656", .number(1e30)), ("1.0", .number(1)), ("-0.0", .number(-0.0)), ("0", .integer(0)),
    ("5e-324", .number(.leastNonzeroMagnitude)), ("0.1", .number(0.1)), ("1E+2", .number(100)),
  ])
  func integersAreApartFromNumbers(_ text: String, _ expected: JSON) throws {
    #expect(try JSON.parse(text, source: "n.json") == expected)
  }

  @Test(arguments: [
    ("", "line 1, column 1", "the file ends where a value was expected"),
    ("{\"a\": 1,\n \"a\": 2}", "line 2, column 2", "found the key \"a\" a second time in one object"),
    ("[1, 2,]", "line 1, column 7", "found ']', expected a value"),
    ("{\"a\": 1,}", "line 1, column 9", "found '}', expected a key in double quotes"),
    ("[NaN]", "line 1, column 2", "found 'N', expected a value"),
    ("[-Infinity]", "line 1, column 3", "found 'I', expected a digit"),
    ("[01]", "line 1, column 2", "found a number with a leading zero"),
    ("[1.]", "line 1, column 4", "found ']', expected a digit"),
    ("1e999", "line 1, column 1", "found a number too large for 64-bit floating point"),
    ("\u{FEFF}{}", "line 1, column 1", "found a byte-order mark, expected a JSON value"),
    ("{} {}", "line 1, column 4", "found '{', expected the end of the file"),
    ("{\"a\" 1}", "line 1, column 6", "found '1', expected ':' after the key"),
    ("[1 2]", "line 1, column 4", "found '2', expected ',' or ']'"),
    ("{\"a\": \"é", "line 1, column 9", "the file ends inside a string"),
    ("[\"a\tb\"]", "line 1, column 4", "found a bare control character in a string, expected an escape"),
    (#"["\x"]"#, "line 1, column 3", "found an unknown escape in a string"),
    (#"["\ud800"]"#, "line 1, column 3", "found half of a surrogate pair"),
    (#"["\udc00\ud800"]"#, "line 1, column 3", "found half of a surrogate pair"),
    (#"["\ud800A"]"#, "line 1, column 3", "found half of a surrogate pair"),
    (#"["\u12g4"]"#, "line 1, column 7", "found 'g', expected four hexadecimal digits"),
    ("tru", "line 1, column 1", "found 't', expected 'true'"),
    ("// x\n1", "line 1, column 1", "found '/', expected a value"),
    ("'a'", "line 1, column 1", "found ''', expected a value"),
  ])
  func refusesWhatIsNotJSON(_ text: String, _ place: String, _ problem: String) {
    let error = #expect(throws: InputError.self) { try JSON.parse(text, source: "bad.json") }
    #expect(error?.path == "bad.json")
    #expect(error?.location == place)
    #expect(error?.problem == problem)
  }

  @Test(arguments: [[0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0x61, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22]] as [[UInt8]])
  func refusesTextThatIsNotUTF8(_ bytes: [UInt8]) {
    let error = #expect(throws: InputError.self) { try bytes.withUnsafeBytes { try JSON.parse($0, source: "bad.json") } }
    #expect(error?.problem == "found bytes that are not UTF-8")
  }

  @Test func nestingIsBounded() throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(try JSON.parse(nested(256), source: "deep.json").array?.count == 1)
    let error = #expect(throws: InputError.self) { try JSON.parse(nested(257), source: "deep.json") }
    #expect(error?.problem == "found nesting deeper than 256")
    #expect(throws: InputError.self) { try JSON.parse(String(repeating: "[", count: 1_000_000), source: "deep.json") }
  }

  @Test func linesOfARecordFileAreCountedFromTheRecord() {
    let error = #expect(throws: InputError.self) { try JSON.parse("{", source: "rows.jsonl", firstLine: 31) }
    #expect(error?.location == "line 31, column 2")
  }

  /// `é` as one code point and as two: equal to Swift, different tokens to a vocabulary.
  @Test func canonicallyEquivalentTextIsDifferent() throws {
    let json = try JSON.parse("{\"\u{E9}\": 1, \"e\u{301}\": 2}", source: "v.json")
    #expect(json["\u{E9}"] == 1)
    #expect(json["e\u{301}"] == 2)
    #expect(JSON.string("\u{E9}") != JSON.string("e\u{301}"))
  }

  @Test func everyCorruptionParsesOrIsAnInputError() throws {
    let original = Array(#"{"model": {"type": "WordPiece", "vocab": {"[PAD]": 0, "é": 1, "\ud83d\ude00": 2}}, "x": [1.5e-3, -7, true, null]}"#.utf8)
    for seed in 0..<5_000 as Range<UInt64> {
      let bytes = Corruption.mutate(original, seed: seed)
      do {
        let json = try bytes.withUnsafeBytes { try JSON.parse($0, source: "fuzz.json") }
        #expect(try JSON.parse(json.encoded(), source: "again.json") == json, "seed \(seed)")
      } catch let error as InputError {
        #expect(error.path == "fuzz.json" && error.location != nil, "seed \(seed)")
      }
    }
  }
}

@Suite struct JSONObjects {
  @Test(arguments: [0, 1, 8, 9, 10, 1000])
  func keepsOrderAndFindsEveryKey(_ count: Int) {
    var object = JSONObject()
    for index in 0..<count { object["k\(index)"] = .integer(index) }
    #expect(object.keys == (0..<count).map { "k\($0)" })
    for index in 0..<count { #expect(object["k\(index)"] == .integer(index)) }
    #expect(object["missing"] == nil)
    for index in stride(from: 0, to: count, by: 2) { object["k\(index)"] = nil }
    for index in 0..<count { #expect(object["k\(index)"] == (index % 2 == 0 ? nil : .integer(index))) }
    object["k1"] = "new"
    #expect(object["k1"] == "new")
    #expect(Array(object.map(\.key)) == object.keys)
  }

  @Test func equalityIgnoresOrder() {
    #expect(["a": 1, "b": 2] as JSON == ["b": 2, "a": 1])
    #expect(["a": 1] as JSON != ["a": 1.0])
    #expect(["a": 1] as JSON != ["a": 1, "b": nil])
  }
}

@Suite struct JSONEncoding {
  static let value: JSON = ["b": [1, 2.0, "é\u{1F600}\"\\\n\u{1}\u{7F}/"], "a": [:], "c": [], "d": ["e": nil, "f": true]]

  /// Expected texts are `json.dumps(value, ...)` of CPython 3.12.
  @Test func writesWhatPythonWrites() {
    #expect(Self.value.encoded() == "{\"b\": [1, 2.0, \"é😀\\\"\\\\\\n\\u0001\u{7F}/\"], \"a\": {}, \"c\": [], \"d\": {\"e\": null, \"f\": true}}")
    #expect(
      Self.value.encoded(indent: 2, sortedKeys: true, asciiOnly: true) == #"""
        {
          "a": {},
          "b": [
            1,
            2.0,
            "\u00e9\ud83d\ude00\"\\\n\u0001\u007f/"
          ],
          "c": [],
          "d": {
            "e": null,
            "f": true
          }
        }
        """#)
  }

  /// The right side is `repr(float)` of CPython.
  @Test(arguments: [
    (0.1, "0.1"), (1e-05, "1e-05"), (0.0001, "0.0001"), (2e-05, "2e-05"), (1e15, "1000000000000000.0"), (1e16, "1e+16"),
    (12345678901234568, "1.2345678901234568e+16"), (-1e16, "-1e+16"), (9007199254740992, "9007199254740992.0"), (1e22, "1e+22"),
    (1.7976931348623157e308, "1.7976931348623157e+308"), (.leastNonzeroMagnitude, "5e-324"), (-0.0, "-0.0"), (100, "100.0"), (1 / 3, "0.3333333333333333"),
    (.nan, "null"), (.infinity, "null"),
  ])
  func numbersAreTheShortestThatReadBack(_ value: Double, _ expected: String) {
    #expect(JSON.number(value).encoded() == expected)
  }

  @Test func randomNumbersReadBackExactly() throws {
    var random = SplitMix64(seed: 7)
    for _ in 0..<10_000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      #expect(try JSON.parse(JSON.number(value).encoded(), source: "n").double?.bitPattern == value.bitPattern)
    }
  }

  @Test(arguments: [nil, 0, 4]) func whatIsWrittenReadsBack(_ indent: Int?) throws {
    #expect(try JSON.parse(Self.value.encoded(indent: indent), source: "t") == Self.value)
  }
}
