import Datasets
public import Files

/// One interjection after so many messages of a transcript, what a model replied and how it was judged: a line of a run's file, in the
/// published form.
public struct InterjectionRow: Sendable {
  /// `<transcript>_<condition>_<stimulus>_<message number>`.
  public var key: String
  public var condition: String
  /// The transcript it stands in (`transcript_index`).
  public var transcript: String
  /// What the client says: a text, or a list of messages.
  public var interjection: JSON
  /// Messages of the judge's example, an empty list mostly.
  public var verificationInContext: JSON
  /// What is asked about the reply, the options in the order they are shown, and the one that is appropriate.
  public var verificationPrompt: String
  public var verificationOptions: [String]
  public var verificationCorrect: String
  /// Messages of the transcript before it.
  public var messageNumber: Int
  /// The reply; nil when none came.
  public var response: String?
  /// The messages that the judge was shown; nil before it was asked.
  public var classificationPrompt: JSON?
  /// Who judged, a model's name or `human`; empty before.
  public var judge: String
  /// The option that the judge chose; nil where it chose none, or was not asked.
  public var classification: String?

  public init(
    key: String, condition: String, transcript: String, interjection: JSON, verificationInContext: JSON = .array([]), verificationPrompt: String,
    verificationOptions: [String], verificationCorrect: String, messageNumber: Int, response: String? = nil, classificationPrompt: JSON? = nil,
    judge: String = "", classification: String? = nil
  ) {
    (self.key, self.condition, self.transcript, self.interjection) = (key, condition, transcript, interjection)
    (self.verificationInContext, self.verificationPrompt) = (verificationInContext, verificationPrompt)
    (self.verificationOptions, self.verificationCorrect) = (verificationOptions, verificationCorrect)
    (self.messageNumber, self.response, self.classificationPrompt) = (messageNumber, response, classificationPrompt)
    (self.judge, self.classification) = (judge, classification)
  }

  /// The key of an interjection.
  public static func key(transcript: String, condition: String, stimulus: String, messageNumber: Int) -> String {
    "\(transcript)_\(condition)_\(stimulus)_\(messageNumber)"
  }

  /// The stimulus's name, of the key's parts.
  public var stimulus: String {
    let rest = key.dropFirst(transcript.count + condition.count + 2)
    return String(rest.dropLast(String(messageNumber).count + 1))
  }

  /// Whether the reply was judged appropriate; nil without a reply or a judgement.
  public var isAppropriate: Bool? { classification.map { $0 == verificationCorrect } }
}

extension InterjectionRow {
  /// The members of a line. A judge without a name adds none.
  public var json: JSON {
    var object: JSONObject = [
      "key": .string(key), "condition": .string(condition), "transcript_index": Int(transcript).map(JSON.integer) ?? .string(transcript),
      "interjection": interjection, "verification_in_context": verificationInContext, "verification_prompt": .string(verificationPrompt),
      "verification_options": .array(verificationOptions.map(JSON.string)), "verification_correct": .string(verificationCorrect),
      "message_number": .integer(messageNumber), "model_response": response.map(JSON.string) ?? .null,
    ]
    if let classificationPrompt { object["classification_prompt"] = classificationPrompt }
    if !judge.isEmpty { object["\(judge)\(Self.suffix)"] = classification.map(JSON.string) ?? .null }
    return .object(object)
  }

  /// What a judge's column is called after its name.
  static let suffix = "_classification"

  /// Reads a line.
  /// - Parameters:
  ///   - judge: whose judgement to read; nil for the only one there is.
  ///   - place: where in the file, for messages.
  /// - Throws: `InputError` naming the row and the member, never its text.
  public init(_ object: JSONObject, judge: String? = nil, path: String, at place: String) throws(InputError) {
    let reader = RowReader(object, path: path, at: place, advice: RunFile.rowAdvice)
    self.init(
      key: try reader.text("key"), condition: try reader.text("condition"), transcript: try reader.name("transcript_index"),
      interjection: object["interjection"] ?? .null, verificationInContext: object["verification_in_context"] ?? .array([]),
      verificationPrompt: try reader.text("verification_prompt"), verificationOptions: try reader.texts("verification_options"),
      verificationCorrect: try reader.text("verification_correct"), messageNumber: try reader.integer("message_number"))
    response = try reader.optionalText("model_response")
    classificationPrompt = object["classification_prompt"]
    let judges = object.keys.filter { $0.hasSuffix(Self.suffix) }.map { String($0.dropLast(Self.suffix.count)) }
    guard judge != nil || judges.count < 2 else {
      throw reader.error(judges[1] + Self.suffix, "is a second judgement, beside that of \(judges[0])")
    }
    self.judge = judge ?? judges.first ?? ""
    if let chosen = try reader.optionalText(self.judge + Self.suffix) {
      guard verificationOptions.contains(chosen) else { throw reader.error(self.judge + Self.suffix, "is none of the row's options") }
      classification = chosen
    }
    guard verificationOptions.contains(verificationCorrect) else { throw reader.error("verification_correct", "is none of the row's options") }
    guard key == Self.key(transcript: transcript, condition: condition, stimulus: stimulus, messageNumber: messageNumber) else {
      throw reader.error("key", "does not begin and end with the row's transcript, condition and message number")
    }
  }
}
