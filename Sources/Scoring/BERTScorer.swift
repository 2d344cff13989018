import Files
public import Metrics
import Models
import Tokenizers
public import Torch

/// BERTScore with the encoder of a model folder, equal to the bert_score package (0.3.13) with the same folder.
///
/// ```swift
/// let scorer = try BERTScorer("checkpoints/roberta-large", options: .init(layer: 17))
/// let result = try scorer.score([TextPair(reference: "a cat", hypothesis: "the cat")])
/// print(scorer.signature, result.mean.f)
/// ```
public final class BERTScorer {
  public struct Options: Sendable {
    /// Whose output is compared; nil takes the one that bert_score's authors found best for a model of the folder's name, else the last.
    public var layer: Int?
    /// Weigh tokens by how few references have them.
    public var usesIDF = false
    /// A file of the columns LAYER, P, R, F that scores are rescaled by.
    public var baseline: String?
    /// Begin texts with a space, as bert_score does with RoBERTa's tokenizer under transformers 4 (under 5 it does not, without saying so).
    public var addsPrefixSpace = false
    /// Tokens a text is cut to, special ones included; nil takes what tokenizer and model allow.
    public var maximumLength: Int?
    /// Of matrix products: float32 or bfloat16. Cosines are float32 always.
    public var computeType = DType.float32
    /// Tokens of one forward pass.
    public var batchTokens = 2048

    public init(layer: Int? = nil, usesIDF: Bool = false, baseline: String? = nil, addsPrefixSpace: Bool = false, maximumLength: Int? = nil, computeType: DType = .float32) {
      (self.layer, self.usesIDF, self.baseline, self.addsPrefixSpace) = (layer, usesIDF, baseline, addsPrefixSpace)
      (self.maximumLength, self.computeType) = (maximumLength, computeType)
    }
  }

  public struct Result: Sendable {
    /// One a pair; nil where the generation is missing. A pair with an empty side has 0.
    public var scores: [BERTScore.Score?]
    public var counts: GenerationCounts
    /// Rows whose references hold nothing but white space.
    public var emptyReferences: Int

    /// Over the rows that have a generation, empty ones included; zero without rows.
    public var mean: BERTScore.Score {
      let present = scores.compactMap { $0 }
      func mean(_ figure: KeyPath<BERTScore.Score, Double>) -> Double { present.reduce(0) { $0 + $1[keyPath: figure] } / Double(max(present.count, 1)) }
      return BERTScore.Score(precision: mean(\.precision), recall: mean(\.recall), f: mean(\.f))
    }
  }

  public let layer: Int
  public let options: Options
  let model: EncoderModel
  private let name: String
  private let baseline: BERTScore.Score?

  /// - Throws: `InputError` for a folder or baseline file that cannot be used, or a layer that the model does not have.
  public init(_ folder: String, options: Options = Options(), device: Device = .cpu) throws {
    let model = try EncoderModel.load(folder, dtype: options.computeType, device: device)
    let name = FileSystem.name(of: folder)
    let layer = options.layer ?? PublishedLayers.layer(of: name).map { min($0, model.layerCount) } ?? model.layerCount
    guard 0...model.layerCount ~= layer else {
      throw InputError("layer \(layer)", "the model in \(folder) has the layers 0 to \(model.layerCount)", advice: "Choose one of them")
    }
    (self.model, self.name, self.layer, self.options) = (model, name, layer, options)
    if let path = options.baseline {
      let text = try FileSystem.text(path)
      do { baseline = try BERTScore.baseline(text, layer: layer) } catch { throw InputError(path, "\(error)", advice: "Take the file from bert_score's rescale_baseline") }
    } else {
      baseline = nil
    }
  }

  /// What determines the scores, in the form of bert_score's hash: model, layer, weights, version, rescaling.
  public var signature: String {
    "\(name)_L\(layer)_\(options.usesIDF ? "idf" : "no-idf")_version=attune-1(bert_score=0.3.13)"
      + (options.addsPrefixSpace ? "_prefix-space" : "") + (options.computeType == .float32 ? "" : "_\(options.computeType)") + (baseline == nil ? "" : "-custom-rescaled")
  }

  /// What tokens weigh by these references, for pairs that are a part of them.
  /// - Throws: `TokenizationError` when a row of the model's length leaves no room for special tokens.
  public func frequencies(of references: [String]) throws -> InverseDocumentFrequency {
    var texts = emptyTable
    let indices = try references.map { try texts.index(of: $0) }
    return InverseDocumentFrequency(documents: indices.map { texts.rows[$0].ids })
  }

  private var emptyTable: TextTable {
    TextTable(tokenizer: model.tokenizer, maximumLength: min(options.maximumLength ?? .max, model.maximumLength), addsPrefixSpace: options.addsPrefixSpace)
  }

  /// - Parameter frequencies: what tokens weigh where they are weighed; nil counts them in every reference of `pairs`.
  /// - Throws: `TokenizationError` when a row of the model's length leaves no room for special tokens.
  public func score(_ pairs: [TextPair], frequencies: InverseDocumentFrequency? = nil) throws -> Result {
    var texts = emptyTable
    var comparisons: [Comparison] = []
    for (row, pair) in pairs.enumerated() {
      guard let hypothesis = pair.hypothesis else { continue }
      let candidate = try texts.index(of: hypothesis)
      for reference in pair.references { comparisons.append(Comparison(row: row, candidate: candidate, reference: try texts.index(of: reference))) }
    }
    let weights = try weights(pairs, frequencies, texts)
    var scores = [BERTScore.Score?](repeating: nil, count: pairs.count)
    for (comparison, score) in zip(comparisons, match(comparisons, texts, weights)) {
      scores[comparison.row] = scores[comparison.row].map { $0.best(score) } ?? score
    }
    if let baseline { scores = scores.map { $0.map { $0.rescaled(by: baseline) } } }
    let emptyReferences = pairs.count { $0.references.allSatisfy(TextTable.isBlank) }
    return Result(scores: scores, counts: GenerationCounts(pairs), emptyReferences: emptyReferences)
  }

  /// Of each text's tokens: 1, or their inverse document frequency; 0 for tokens that the template adds.
  private func weights(_ pairs: [TextPair], _ frequencies: InverseDocumentFrequency?, _ texts: TextTable) throws -> (Int) -> [Float] {
    guard options.usesIDF else { return { texts.rows[$0].specialTokensMask.map { $0 == 1 ? 0 : 1 } } }
    let frequencies = try frequencies ?? self.frequencies(of: pairs.flatMap(\.references))
    return { texts.rows[$0].ids.map { frequencies[$0] } }
  }
}

/// One candidate with one reference: indices of a `TextTable`.
struct Comparison {
  let row: Int
  let candidate: Int
  let reference: Int
}

/// Distinct texts, tokenized once.
struct TextTable {
  private(set) var rows: [Encoding] = []
  private var indices: [String: Int] = [:]
  private let tokenizer: any Tokenizer
  private let options: EncodingOptions
  private let addsPrefixSpace: Bool

  init(tokenizer: any Tokenizer, maximumLength: Int, addsPrefixSpace: Bool) {
    (self.tokenizer, self.addsPrefixSpace) = (tokenizer, addsPrefixSpace)
    options = EncodingOptions(truncation: Truncation(maximumLength: maximumLength))
  }

  /// The row of `text` without the white space around it.
  mutating func index(of text: String) throws(TokenizationError) -> Int {
    let text = Self.stripped(text)
    if let index = indices[text] { return index }
    rows.append(try tokenizer.encode(addsPrefixSpace && !text.isEmpty ? " " + text : text, pair: nil, options: options))
    indices[text] = rows.count - 1
    return rows.count - 1
  }

  /// Whether a row has no tokens but special ones.
  func isEmpty(_ index: Int) -> Bool { rows[index].specialTokensMask.allSatisfy { $0 == 1 } }

  static func isBlank(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(isSpace) }

  /// Python's `str.strip()`.
  private static func stripped(_ text: String) -> String {
    var scalars = text.unicodeScalars[...]
    scalars = scalars.drop(while: isSpace)
    while let last = scalars.last, isSpace(last) { scalars.removeLast() }
    return String(scalars)
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace || 0x1C...0x1F ~= scalar.value }
}

/// The layers that bert_score's authors found to agree best with human judgement, for families that can be read here.
///
/// Source: `model2layers` of bert_score 0.3.13.
enum PublishedLayers {
  private static let layers = [
    "bert-base-uncased": 9, "bert-large-uncased": 18, "bert-base-cased-finetuned-mrpc": 9, "bert-base-multilingual-cased": 9, "bert-base-chinese": 8,
    "roberta-base": 10, "roberta-large": 17, "roberta-large-mnli": 19, "distilroberta-base": 5, "scibert_scivocab_uncased": 8, "scibert_scivocab_cased": 9,
    "deberta-v2-xlarge": 10, "deberta-v2-xlarge-mnli": 17, "deberta-v2-xxlarge": 21, "deberta-v2-xxlarge-mnli": 22, "deberta-v3-xsmall": 10, "deberta-v3-small": 4,
    "deberta-v3-base": 9, "deberta-v3-large": 12, "finbert": 10, "sup-simcse-roberta-large": 16,
  ]

  static func layer(of name: String) -> Int? { layers[name.lowercased()] }
}
