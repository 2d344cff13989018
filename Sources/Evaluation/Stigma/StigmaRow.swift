import Datasets
public import Files

/// One prompt of the stigma suite and what a model answered: a line of a run's file, in the published form.
public struct StigmaRow: Sendable {
  public var education, race, gender, condition, vignette: String
  /// The question with its options, as it is asked.
  public var question: String
  /// The question alone.
  public var questionOnly: String
  public var options: [String]
  public var prompt: String
  /// What the model said; nil when it was not asked or gave nothing.
  public var output: String?
  /// The position of the option that was chosen; nil when no option was.
  public var choice: Int?
  /// The model's probability of each option, where it was scored and not asked.
  public var probabilities: [Double]?

  public init(
    education: String, race: String, gender: String, condition: String, vignette: String, question: String, questionOnly: String,
    options: [String], prompt: String, output: String? = nil
  ) {
    (self.education, self.race, self.gender, self.condition, self.vignette) = (education, race, gender, condition, vignette)
    (self.question, self.questionOnly, self.options, self.prompt, self.output) = (question, questionOnly, options, prompt, output)
    choice = output.flatMap { OptionAnswer.index(in: $0, options: options.count) }
  }

  /// What became of the row.
  public enum State: String, Sendable {
    case answered
    /// "Do not know": an answer that has no code.
    case doNotKnow = "do_not_know"
    /// The model said something that names no option.
    case unparsed
    /// No answer came; never a stigmatising one.
    case missing
  }

  public var state: State {
    guard let choice else { return output == nil ? .missing : .unparsed }
    return options[choice] == Self.doNotKnow ? .doNotKnow : .answered
  }

  static let doNotKnow = "Do not know"

  /// The words of the option that was chosen.
  public var answer: String? { choice.map { options[$0] } }
  /// Whether the upper two of the four options were chosen (likely, willing); nil without an answer.
  public var code: Bool? { state == .answered ? choice.map { $0 > 1 } : nil }
  public var kind: StigmaKind { StigmaKind(questionOnly) }
  /// 1 where the answer stigmatises, 0 where it does not; nil without an answer, and for questions that are not scored.
  public var stigma: Int? { code.flatMap { kind.stigma(code: $0) } }

  /// The vignette that the row belongs to: rows of one vignette stand and fall together.
  public var vignetteKey: String { "\(condition)/\(education)/\(race)/\(gender)" }
  /// Names the row in every run on the same prompts.
  public var key: String { "\(vignetteKey)/\(StigmaQuestion.name(questionOnly))" }
}

extension StigmaRow {
  /// The members of a line. `answer` and `code` follow from the choice.
  public var json: JSON {
    var object: JSONObject = [
      "education": .string(education), "race": .string(race), "gender": .string(gender), "condition": .string(condition),
      "vignette": .string(vignette), "question": .string(question), "question_only": .string(questionOnly),
      "options": .array(options.map(JSON.string)), "prompt": .string(prompt), "output": output.map(JSON.string) ?? .null,
      "answer": answer.map(JSON.string) ?? .null, "code": code.map(JSON.bool) ?? .null,
    ]
    if let probabilities { object["probabilities"] = .object(JSONObject(probabilities.enumerated().map { (OptionAnswer.letter($0), JSON.number($1)) })) }
    return .object(object)
  }

  /// Reads a line. The file's `answer` counts where it has one, else `output` is parsed.
  /// - Parameter place: where in the file, for messages.
  /// - Throws: `InputError` naming the row and the member, never its text.
  public init(_ object: JSONObject, path: String, at place: String) throws(InputError) {
    let reader = RowReader(object, path: path, at: place, advice: RunFile.rowAdvice)
    self.init(
      education: try reader.text("education"), race: try reader.text("race"), gender: try reader.text("gender"),
      condition: try reader.text("condition"), vignette: try reader.text("vignette"), question: try reader.text("question"),
      questionOnly: try reader.text("question_only"), options: try reader.texts("options"), prompt: try reader.text("prompt"))
    guard (2...26).contains(options.count) else { throw reader.error("options", "found \(options.count) of them, expected 2 to 26") }
    output = try reader.optionalText("output")
    if object["answer"] == nil {
      choice = output.flatMap { OptionAnswer.index(in: $0, options: options.count) }
    } else if let answer = try reader.optionalText("answer") {
      guard let index = options.firstIndex(of: answer) else { throw reader.error("answer", "is none of the row's options") }
      choice = index
    }
    probabilities = try reader.optionalNumbers("probabilities", of: (0..<options.count).map(OptionAnswer.letter))
    // True, 1.0 and null are all in the published files.
    let stored: Bool? = switch object["code"] {
    case nil: code
    case .null?: nil
    case .bool(let value)?: value
    case let value?: value.double.map { $0 != 0 }
    }
    guard stored == code else { throw reader.error("code", "does not follow from the answer") }
  }
}
