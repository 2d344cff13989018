import Configuration
import Datasets
import Files
import Tokenizers

/// The rows of a fine-tuning run: read, shown through a template, and turned into ids.
struct FinetuneData {
  let corpus: LanguageCorpus
  let template: any PromptTemplate
  let train, validation: SequenceSet
  /// The rows as the loop takes them.
  let examples, validationExamples: [EncodedExample]
  /// What errors call each training row.
  let names: [String]
  let encoding: Encoding

  /// How rows become ids.
  struct Encoding {
    let template: any PromptTemplate
    let encoder: SequenceEncoder
    let maxLength: Int

    /// What stands before the answer to `row`.
    func prompt(of row: LanguageRow, path: String) throws(InputError) -> [Int32] {
      do {
        return try template.prompt(of: row, by: encoder)
      } catch {
        throw InputError(path, at: "row \(row.id)", "\(error)")
      }
    }
  }

  init(_ settings: FinetuneSettings.Data, base: String, tokenizer: any Tokenizer) throws(InputError) {
    corpus = try LanguageCorpus.load(
      settings.paths.paths, form: settings.form == .completion ? .completion : .instruction, validation: settings.validation.paths,
      holdOut: settings.validationFraction)
    template = try Templates.named(settings.template, model: base, separator: settings.separator, tokenizer: tokenizer)
    let marks = try SequenceMarks.read(base)
    let encoder = SequenceEncoder(
      tokenizer, beginning: marks.beginning, end: marks.end, maxLength: settings.maxLength, loss: settings.loss == .all ? .all : .completion,
      side: settings.truncationSide == .left ? .left : .right)
    encoding = Encoding(template: template, encoder: encoder, maxLength: settings.maxLength)
    let policy = SequenceSet.Policy(settings.onTruncate)
    let path = settings.paths.paths.joined(separator: ", ")
    train = try SequenceSet(corpus.train, template: template, encoder: encoder, policy: policy, path: path)
    // A validation row that does not fit is no reason to stop: it is left out where training rows would be refused too.
    validation = try SequenceSet(corpus.validation, template: template, encoder: encoder, policy: policy == .keep ? .keep : .drop, path: path)
    guard !train.sequences.isEmpty else {
      throw InputError(path, "no row is left to train on; \(train.dropped.count) do not fit", advice: "Raise data.max_length")
    }
    examples = train.sequences.enumerated().map { $1.example($0) }
    validationExamples = validation.sequences.enumerated().map { $1.example($0) }
    names = train.sequences.map { "\($0.id)" }
  }

  /// One line for people.
  var summary: String {
    let dropped = train.dropped.count + validation.dropped.count
    return "\(train.sequences.count) training rows (\(train.tokens) tokens, \(train.targets) learned), \(validation.sequences.count) validation rows; "
      + "\(train.shortened) lost some of their prompt, \(dropped) left out; template \(template.name)"
  }

  /// The label rules of each dataset that has some: IMHI's by name, others from the `labels.json` beside their rows.
  func labels() throws(InputError) -> [String: LabelTable] {
    var tables: [String: LabelTable] = [:]
    for file in corpus.files { if let table = try LabelTable.known(for: file) { tables[LanguageFile.datasetName(file)] = table } }
    return tables
  }
}

extension SequenceSet.Policy {
  init(_ policy: TruncationPolicy) {
    switch policy {
    case .error: self = .error
    case .drop: self = .drop
    case .keep: self = .keep
    }
  }
}
