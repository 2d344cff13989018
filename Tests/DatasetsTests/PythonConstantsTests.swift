import Files
import TestSupport
import Testing

@testable import Datasets

/// Constants read from Python files, against what CPython makes of them (scripts/reference/python_constants.py).
@Suite struct PythonConstantsTests {
  private func cases(_ kind: String) throws -> [(name: String, source: String, value: JSON?)] {
    let all = try #require(try JSON.read(Fixtures.path("python/constants.json"))[kind]?.array)
    return all.map { ($0["name"]?.string ?? "", $0["source"]?.string ?? "", $0["value"]) }
  }

  private func value(_ source: String, _ folder: String) throws -> JSON {
    try AtomicWrite.file("\(folder)/x.py", source)
    return try PythonConstants("\(folder)/x.py").value("X")
  }

  @Test func constantsAreWhatPythonMakesOfThem() throws {
    let cases = try cases("read")
    #expect(cases.count > 180)
    try withTemporaryFolder { folder in
      for item in cases {
        do {
          let (found, expected) = (try value(item.source, folder), try #require(item.value))
          // Members in their order, texts scalar by scalar: é is not e with an accent.
          #expect(found.encoded() == expected.encoded(), "\(item.name)")
        } catch { Issue.record("\(item.name): \(error)") }
      }
    }
  }

  @Test func whatWouldHaveToBeRunIsRefusedAndItsLineNamed() throws {
    let cases = try cases("refused")
    #expect(cases.count > 80)
    try withTemporaryFolder { folder in
      for item in cases {
        do {
          let found = try value(item.source, folder)
          Issue.record("\(item.name): \(item.source.debugDescription) was read as \(found.encoded())")
        } catch let error as InputError {
          #expect(error.path == "\(folder)/x.py" && error.advice == "Name an unchanged checkout")
        }
      }
      try AtomicWrite.file("\(folder)/x.py", Array("X = \"".utf8) + [0xE4] + Array("\"\n".utf8))
      #expect { try PythonConstants("\(folder)/x.py") } throws: { "\($0)".contains("x.py: line 1: byte 5 is not UTF-8") }
    }
    try withTemporaryFolder { folder in
      for (source, words) in [
        ("A = 1\n\nX = \"a\" % A\n", "line 3, X: expected the end of the line after a constant"), ("X = \"a\"\nX += \"b\"\n", "line 2, X: expected one assignment of the name"),
        ("X = [\n  \"a\",\n  f(\"b\"),\n]\n", "assigns no f"), ("X = [\n  \"a\"\n", "line 1: expected the end of this bracket"), ("X = f\"{A}\"\nA = 1\n", "expected A to be assigned before it is used"),
      ] {
        #expect { try value(source, folder) } throws: { "\($0)".contains(words) }
      }
    }
  }

  /// A name that is imported has the value of the other file, and this file's own where it has one.
  @Test func importedNamesAreThoseOfTheOtherFile() throws {
    try withTemporaryFolder { folder in
      func value(_ source: String) throws -> JSON {
        try AtomicWrite.file("\(folder)/x.py", source)
        return try PythonConstants("\(folder)/x.py", known: ["A": "theirs"]).value("X")
      }
      let sources = ["from utils import (\n  B,\n  A,\n)\nX = A + \"!\"\n", "X = f\"{A}!\"\n", "A = \"mine\"\nX = A\n"]
      let values = try sources.map(value)
      #expect(values == ["theirs!", "theirs!", "mine"])
      for source in ["from utils import B as A\nX = A\n", "from utils import A as B\nX = A\n", "from utils import A\nA = \"mine\"\nX = A\n", "from utils import A\nA += \"!\"\nX = A\n"] {
        #expect(throws: InputError.self, "\(source)") { try value(source) }
      }
    }
  }

  /// The published wording, written into Python files in three ways, comes back as it is.
  @Test(.enabled(if: Fixtures.hasData, "set ATTUNE_DATA"), arguments: Style.allCases) func thePublishedWordingComesBack(_ style: Style) throws {
    let published = try JSON.read("\(Fixtures.data ?? "")/llms-as-therapists/stimuli.json")
    func at(_ path: String...) throws -> JSON { try path.reduce(published) { try #require($0[$1]) } }
    try withTemporaryFolder { folder in
      func write(_ file: String, _ constants: [(String, String)]) throws {
        let text = "import os\n\n" + constants.map { "\($0) = \($1)\n\n" }.joined() + "if __name__ == \"__main__\":\n    print(\(constants[0].0))\n"
        try AtomicWrite.createParent(of: "\(folder)/\(file)")
        try AtomicWrite.file("\(folder)/\(file)", style == .windows ? text.replacing("\n", with: "\r\n") : text)
      }
      func python(_ path: String...) throws -> String { style.python(try path.reduce(published) { try #require($0[$1]) }) }
      try write("utils.py", [("STEEL_MAN_PROMPT", python("system_prompts", "steel_man")), ("OTHER_PAPER_PROMPTS", python("system_prompts", "other_papers"))])
      try write("stigma.py", [("SUMMARIZE", python("stigma", "summarize")), ("FEW_SHOT_EXAMPLES", python("stigma", "few_shot"))])
      let limit = try #require(try at("interjections", "character_limit_prompt").string)
      try write("interjections.py", [
        ("CHARACTER_LIMIT", python("interjections", "character_limit")), ("CHARACTER_LIMIT_PROMPT", "f" + style.python(.string(limit.replacing("1024", with: "{CHARACTER_LIMIT}")))),
        ("THERAPIST_PROMPT", "STEEL_MAN_PROMPT + CHARACTER_LIMIT_PROMPT"), ("INTERJECTION_INTERVAL", python("interjections", "interval")),
        ("CONTEXTUALIZE_PROMPT", python("interjections", "contextualize_prompt")),
      ])
      try write("interjection_prompts.py", [("IN_CONTEXT_QUESTION", python("interjections", "in_context_question")), ("CONDITION_TO_INTERJECTIONS", python("interjections", "conditions"))])
      try write("scripts/filter.py", [("CONTAINS_SYMPTOMS_PROMPT", python("filter", "contains_symptoms_prompt"))])
      var (found, expected) = (try UpstreamWording(checkout: folder).stimuli().object ?? [:], published.object ?? [:])
      (found["source"], expected["source"]) = (nil, nil)
      for (key, value) in expected { #expect(found[key]?.encoded(sortedKeys: true) == value.encoded(sortedKeys: true), "\(key)") }
      #expect(found.count == expected.count)
    }
  }

  enum Style: CaseIterable {
    case plain, long, windows

    /// Python that means `json`.
    func python(_ json: JSON) -> String {
      if let text = json.string { return self.text(text) }
      if let items = json.array { return "[\n" + items.map { "    \(python($0)),  # one of them\n" }.joined() + "]" }
      if let object = json.object { return "{\n" + object.map { "    \(self.text($0)): (\(python($1))),\n" }.joined() + "}" }
      return json.encoded()
    }

    private func text(_ text: String) -> String {
      let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      switch self {
      case .plain: return "\"\(escaped.replacing("\n", with: "\\n").replacing("’", with: "\\u2019"))\""
      // Lines that go on, as upstream breaks its long ones.
      case .long, .windows: return "\"\"\"\\\n\(escaped.replacing(". ", with: ". \\\n"))\"\"\""
      }
    }
  }
}
