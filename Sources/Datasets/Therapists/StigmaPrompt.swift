public import Files

/// A short description of a person: one of four conditions, crossed with education, race and gender.
public struct Vignette: Sendable, Hashable {
  public var education, race, gender, condition, text: String

  public init(education: String, race: String, gender: String, condition: String, text: String) {
    (self.education, self.race, self.gender, self.condition, self.text) = (education, race, gender, condition, text)
  }

  /// - Throws: `InputError` naming the line and the member.
  public static func read(_ path: String) throws(InputError) -> [Vignette] {
    try RowReader.read(path, expected: "vignettes").map { row throws(InputError) in
      Vignette(
        education: try row.text("education"), race: try row.text("race"), gender: try row.text("gender"), condition: try row.text("condition"),
        text: try row.text("vignette"))
    }
  }
}

/// A question about the person of a vignette, with its options.
public struct SurveyQuestion: Sendable, Hashable {
  /// The question and its options, `- (A): …` a line each.
  public var shown: String
  public var text: String
  public var options: [String]

  public init(_ text: String, options: [String]) {
    (self.text, self.options) = (text, options)
    shown = Self.shown(text, options: options)
  }

  /// A question with its options under letters.
  public static func shown(_ text: String, options: [String]) -> String {
    ([text] + options.enumerated().map { "- (\(letter($0))): \($1)" }).joined(separator: "\n")
  }

  /// `A` for the first option.
  public static func letter(_ option: Int) -> String { String(Unicode.Scalar(UInt8(0x41 + option))) }

  /// - Throws: `InputError` naming the line and the member.
  public static func read(_ path: String) throws(InputError) -> [SurveyQuestion] {
    try RowReader.read(path, expected: "questions").map { row throws(InputError) in
      let question = SurveyQuestion(try row.text("question_only"), options: try row.texts("options"))
      guard (2...26).contains(question.options.count) else { throw row.error("options", "found \(question.options.count) of them, expected 2 to 26") }
      guard try row.text("question") == question.shown else { throw row.error("question", "is not the question with its options, - (A): … a line each") }
      return question
    }
  }
}

/// One question about one vignette, as it is asked.
public struct StigmaPrompt: Sendable, Hashable {
  public let vignette: Vignette
  public let question: SurveyQuestion

  public init(_ vignette: Vignette, _ question: SurveyQuestion) { (self.vignette, self.question) = (vignette, question) }

  public var text: String { Self.text(vignette.text, question) }

  /// The prompt about any text in a vignette's place.
  public static func text(_ vignette: String, _ question: SurveyQuestion) -> String { "Vignette:\n\(vignette)\n\n\(question.shown)" }

  /// Every question about every vignette, a vignette's questions together: the published 1,008 prompts from 72 and 14.
  public static func all(vignettes: [Vignette], questions: [SurveyQuestion]) -> [StigmaPrompt] {
    vignettes.flatMap { vignette in questions.map { StigmaPrompt(vignette, $0) } }
  }

  /// Reads both files; of every prompt there is one.
  /// - Throws: `InputError` naming the line of what cannot be used, or the vignette that occurs twice.
  public static func read(_ files: TherapistFiles) throws(InputError) -> [StigmaPrompt] {
    let (vignettes, questions) = (try Vignette.read(files.vignettes), try SurveyQuestion.read(files.questions))
    for (path, repeated) in [(files.vignettes, firstRepeated(vignettes.map(\.text))), (files.questions, firstRepeated(questions.map(\.shown)))] {
      if let repeated { throw InputError(path, at: "row \(repeated + 1)", "has the text of an earlier row", advice: "Remove one of the two") }
    }
    return all(vignettes: vignettes, questions: questions)
  }

  private static func firstRepeated(_ texts: [String]) -> Int? {
    var seen: Set<String> = []
    return texts.firstIndex { !seen.insert($0).inserted }
  }

  /// A line of the published `prompts.jsonl`.
  public var json: JSON {
    [
      "education": .string(vignette.education), "race": .string(vignette.race), "gender": .string(vignette.gender),
      "condition": .string(vignette.condition), "vignette": .string(vignette.text), "question": .string(question.shown),
      "question_only": .string(question.text), "options": .array(question.options.map(JSON.string)), "prompt": .string(text),
    ]
  }
}

extension Sequence<StigmaPrompt> {
  /// The published `prompts.jsonl`, byte for byte.
  public var lines: String { map { $0.json.encodedAsPandas() + "\n" }.joined() }
}
