import Checkpoints
import Datasets
import Files
import Glibc
import Metrics
import Models
import NN
import TestSupport
import Testing
import Torch

@testable import Training

/// A BERT of random weights that is small enough to train in a test: 2 layers of width 32, with dropout.
enum TinyBert {
  /// Writes configuration, weights and the vocabulary of the golden checkpoints.
  /// - Parameter change: edits the parameters before they are written.
  static func write(to folder: String, seed: UInt64 = 1, change: (ParameterStore) throws -> Void = { _ in }) throws {
    try AtomicWrite.createFolder(folder)
    let config: JSON = [
      "architectures": ["BertForSequenceClassification"], "model_type": "bert", "vocab_size": 700, "hidden_size": 32, "num_hidden_layers": 2,
      "num_attention_heads": 4, "intermediate_size": 48, "max_position_embeddings": 80, "type_vocab_size": 2, "hidden_dropout_prob": 0.1,
      "attention_probs_dropout_prob": 0.1, "initializer_range": 0.2, "num_labels": 2,
    ]
    try AtomicWrite.file("\(folder)/config.json", config.encoded())
    let read = try ModelConfig.read(folder: folder)
    let store = ParameterStore(source: nil, seed: seed)
    _ = BertClassifier(read.encoder, classes: 2, at: store.root)
    try change(store)
    try ModelFolder.write(into: folder, config: read, parameters: store.parameters.map { ($0.name, $0.tensor) })
    for file in ["tokenizer.json", "tokenizer_config.json", "vocab.txt"] {
      try AtomicWrite.file("\(folder)/\(file)", try FileSystem.text(Fixtures.path("a_models/bert_seqcls/\(file)")))
    }
  }

  /// Rows of 1 to `longest` random tokens with the given targets.
  static func examples(_ targets: [Target], longest: Int = 24, seed: UInt64 = 5) -> [EncodedExample] {
    var random = SplitMix64(seed: seed)
    return targets.enumerated().map { index, target in
      let ids = (0..<Int.random(in: 1...longest, using: &random)).map { _ in Int32.random(in: 5..<600, using: &random) }
      return EncodedExample(index: index, ids: ids, target: target)
    }
  }
}

/// Keeps what the loop says.
final class Recorder: TrainingObserver {
  var steps: [StepRecord] = []
  var validations: [(step: Int, score: Double, isBest: Bool)] = []
  var saves: [Int] = []
  var startedAt: Int?
  /// Called after each step and each save; what it throws ends the run.
  var onStep: (StepRecord) throws -> Void = { _ in }
  var onSave: (Int) throws -> Void = { _ in }

  func started(at step: Int) { startedAt = step }
  func stepped(_ record: StepRecord) throws {
    steps.append(record)
    try onStep(record)
  }
  func validated(step: Int, epoch: Double, _ scores: ValidationScores, isBest: Bool, seconds: Double) {
    validations.append((step, scores.metrics.first?.value ?? scores.loss, isBest))
  }
  func saved(step: Int, folder: String, seconds: Double) throws {
    saves.append(step)
    try onSave(step)
  }
}

/// A task of three weights whose validation scores are dictated.
final class ScriptedTask: TrainingTask {
  private let store = ParameterStore(source: nil)
  let weight: Tensor
  var scores: [Double]
  var hasValidation = true
  /// The summed loss of a batch, from the weights.
  var loss: (Tensor, Batch) -> Tensor = { weight, batch in weight.squared().sum() * Double(batch.rows.reduce(0, +) % 7 + 1) }

  init(scores: [Double] = []) {
    weight = store.root.parameter("weight", [3], .ones)
    self.scores = scores
  }

  var parameters: [ParameterStore.Parameter] { store.parameters }

  func itemCount(_ batch: Batch) -> Double { Double(batch.rows.count) }
  func summedLoss(_ batch: Batch, _ mode: Mode) -> Tensor { loss(weight, batch) }
  func validate(shouldStop: () -> Bool) -> ValidationScores? {
    if shouldStop() { return nil }
    let score = scores.removeFirst()
    return ValidationScores(loss: -score, metrics: [("accuracy", score)])
  }
  func name(ofRow row: Int) -> String { "row-\(row)" }
  func saveModel(to folder: String) throws { try Safetensors.write([("weight", weight.detached())], to: "\(folder)/model.safetensors") }
  func restoreModel(from folder: String) throws -> [String] {
    let saved = try SafetensorsSource("\(folder)/model.safetensors")
    withoutGradients { weight.copy(from: saved.tensor("weight")) }
    return []
  }
  func verifySaved(in folder: String) {}

  static func examples(_ count: Int) -> [EncodedExample] {
    (0..<count).map { EncodedExample(index: $0, ids: [Int32](repeating: 5, count: 1 + $0 % 4), target: .label(0)) }
  }
}

/// A LLaMA of random weights that is small enough to train in a test: 2 layers of width 32, grouped queries, untied head.
enum TinyLlama {
  static let vocabulary = 700

  /// Writes configuration and weights, and a tokenizer of as many words.
  static func write(to folder: String, seed: UInt64 = 1, tied: Bool = false) throws {
    try AtomicWrite.createFolder(folder)
    let config: JSON = [
      "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": .integer(vocabulary), "hidden_size": 32, "num_hidden_layers": 2,
      "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48, "max_position_embeddings": 128, "rms_norm_eps": 1e-5,
      "rope_theta": 10000.0, "initializer_range": 0.2, "tie_word_embeddings": .bool(tied), "bos_token_id": 2, "eos_token_id": 3, "hidden_act": "silu",
    ]
    try AtomicWrite.file("\(folder)/config.json", config.encoded())
    let read = try ModelConfig.read(folder: folder)
    let store = ParameterStore(source: nil, seed: seed)
    _ = LlamaForCausalLM(read.decoder, at: store.root)
    try ModelFolder.write(into: folder, config: read, parameters: store.parameters.map { ($0.name, $0.tensor) })
    try addTokenizer(to: folder)
  }

  /// WordPiece, which is enough to load a model by: these tests use ids.
  static func addTokenizer(to folder: String) throws {
    for file in ["tokenizer.json", "tokenizer_config.json", "vocab.txt"] {
      try AtomicWrite.file("\(folder)/\(file)", try FileSystem.text(Fixtures.path("a_models/bert_seqcls/\(file)")))
    }
  }

  /// Rows of random tokens of which the last part is learned.
  static func examples(_ count: Int, longest: Int = 24, seed: UInt64 = 5) -> [EncodedExample] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { index in
      let length = Int.random(in: 3...longest, using: &random)
      let ids = [2] + (1..<length).map { _ in Int32.random(in: 4..<Int32(vocabulary), using: &random) }
      let prompt = Int.random(in: 1..<length, using: &random)
      return EncodedExample(index: index, ids: ids, target: .tokens((0..<length).map { $0 >= prompt }))
    }
  }

  static func lora(_ change: (inout AdapterConfig) -> Void = { _ in }) -> AdapterConfig {
    var config = AdapterConfig()
    (config.task, config.rank, config.alpha, config.targets) = (.causalLM, 4, 8, .allLinear)
    change(&config)
    return config
  }
}
