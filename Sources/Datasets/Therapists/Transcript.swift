public import Files

/// One turn of a therapy session.
public struct TranscriptTurn: Sendable, Hashable {
  public enum Speaker: String, Sendable, Hashable { case client, clinician }
  public var speaker: Speaker
  public var text: String

  public init(_ speaker: Speaker, _ text: String) { (self.speaker, self.text) = (speaker, text) }
}

/// A session with what is known about it. The client speaks first, and turns alternate.
public struct Transcript: Sendable {
  /// Its number or name in the metadata.
  public let index: String
  public let symptoms: [String]
  public let turns: [TranscriptTurn]
  /// Its line of the metadata.
  public let metadata: JSONObject

  public init(index: String, symptoms: [String], turns: [TranscriptTurn], metadata: JSONObject) {
    (self.index, self.symptoms, self.turns, self.metadata) = (index, symptoms, turns, metadata)
  }

  /// What model `filter` quoted from the client for each condition; nil where it found nothing. Empty where it was not asked.
  public func quotes(_ filter: String) -> [String: String?] {
    let found = metadata[Self.quotesKey(filter)]?.object ?? [:]
    return Dictionary(uniqueKeysWithValues: found.map { ($0.key, $0.value.string) })
  }

  /// The member of the metadata that holds a filter model's quotes.
  public static func quotesKey(_ filter: String) -> String { "condition_to_quote_\(filter)" }
}

/// The transcripts of a metadata file, and which could not be used.
public struct TranscriptLibrary: Sendable {
  public let transcripts: [Transcript]
  /// Files that are missing or do not hold alternating turns, and why; quotes nothing.
  public let unusable: [(file: String, reason: String)]
  /// Every line of the metadata, usable or not.
  public let rows: [JSONObject]

  /// Reads metadata and transcripts.
  /// - Parameters:
  ///   - metadata: one object a line: `index`, `file_name`, `Symptoms`, and whatever else.
  ///   - folder: where each `file_name` is looked for: as it stands, below `transcripts/` without its `external_data/`, and by its last part.
  /// - Throws: `InputError` for a damaged line, an index that occurs twice, or when no transcript can be used.
  public init(metadata: String, folder: String) throws(InputError) {
    var (transcripts, unusable, seen): ([Transcript], [(file: String, reason: String)], Set<String>) = ([], [], [])
    rows = try RowReader.read(metadata, expected: "a line a transcript").map { row throws(InputError) in
      let (index, name) = (try row.name("index"), try row.text("file_name"))
      guard !index.contains("_") else { throw row.error("index", "cannot hold an underscore: it separates the parts of a key") }
      guard seen.insert(index).inserted else { throw row.error("index", "is that of an earlier line") }
      let symptoms = row.object["Symptoms"]?.isNull == false ? try row.texts("Symptoms") : []
      guard let path = Self.places(name).lazy.map({ "\(folder)/\($0)" }).first(where: FileSystem.isFile) else {
        unusable.append((name, "not there"))
        return row.object
      }
      let parsed = try MappedFile.withBytes(of: path) { bytes throws(InputError) in
        Result { () throws(TranscriptParser.Problem) in try TranscriptParser.turns(of: bytes) }
      }
      switch parsed {
      case .success(let turns): transcripts.append(Transcript(index: index, symptoms: symptoms, turns: turns, metadata: row.object))
      case .failure(let problem): unusable.append((name, "\(problem)"))
      }
      return row.object
    }
    guard !transcripts.isEmpty else {
      let why = unusable.first.map { "; the first, \($0.file): \($0.reason)" } ?? ""
      throw InputError(
        metadata, "none of its \(rows.count) transcripts can be used\(why)",
        advice: "The published ones are licensed: put your copies where file_name says, below \(folder), or point --data at transcripts of your own")
    }
    (self.transcripts, self.unusable) = (transcripts, unusable)
  }

  private static func places(_ name: String) -> [String] {
    let short = name.hasPrefix("external_data/") ? String(name.dropFirst("external_data/".count)) : name
    let last = FileSystem.name(of: name)
    return [name, "transcripts/\(short)", "transcripts/\(last)", last]
  }

  /// Where the importer puts the file of a `file_name`, below `transcripts/`.
  static func importedName(_ name: String) -> String { String(places(name)[1]) }
}
