import Checkpoints
import Files
import Models
import NN
import TestSupport
import Testing
import Torch

/// One case of `a_models/MODEL/expected.*`: rows as transformers takes them, padded and masked, and what it computed from them.
struct GoldenCase {
  let model: String
  let name: String
  private let tensors: GoldenTensors
  private let description: JSON
  let rows: Int
  let width: Int
  /// Whether each position of (rows, width) is a token.
  let isToken: [Bool]

  /// Cases whose inputs are public posts are not in the repository.
  static func needsWholeSet(_ name: String) -> Bool { name.hasPrefix("text") }

  init(_ model: String, _ name: String, in set: String = "a_models") throws {
    (self.model, self.name) = (model, name)
    func file(_ file: String) -> String {
      let path = "\(set)/\(model)/\(file)"
      return Self.needsWholeSet(name) ? "\(Fixtures.all ?? "")/\(path)" : Fixtures.path(path)
    }
    tensors = try GoldenTensors(file("expected.safetensors"))
    guard let description = try JSON.read(file("expected.json"))["cases"]?[name] else { throw InputError(file("expected.json"), "has no case \(name)") }
    self.description = description
    let shape = tensors["\(name)/input_ids"].shape
    (rows, width) = (shape[0], shape[1])
    let mask = "\(name)/attention_mask"
    isToken = tensors.has(mask) ? tensors[mask].integers.map { $0 == 1 } : Array(repeating: true, count: rows * width)
  }

  subscript(tensor: String) -> GoldenTensors.Entry { tensors["\(name)/\(tensor)"] }
  func has(_ tensor: String) -> Bool { tensors.has("\(name)/\(tensor)") }

  /// Names of the parameters whose whole gradient is given.
  var gradients: [String] {
    let prefix = "\(name)/grad."
    return tensors.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
  }

  /// L2 norm and sum of every parameter's gradient.
  var gradientNorms: [(parameter: String, norm: Double, sum: Double)] {
    (description["grad_norms"]?.object ?? [:]).map { ($0.key, $0.value.array![0].double!, $0.value.array![1].double!) }
  }

  var problem: ProblemType? { description["problem_type"]?.string.flatMap(ProblemType.init) }

  /// The same rows without padding.
  var packed: PackedTokens {
    func real(_ name: String) -> [Int32] { zip(self[name].integers, isToken).filter(\.1).map { Int32($0.0) } }
    let lengths = (0..<rows).map { row in isToken[row * width..<(row + 1) * width].count { $0 } }
    return PackedTokens(ids: real("input_ids"), types: has("token_type_ids") ? real("token_type_ids") : nil, lengths: lengths)
  }

  /// A golden (rows, width, hidden) tensor at the positions that are tokens, which is what a packed model computes.
  func atTokens(_ name: String) -> [Float] {
    let entry = self[name]
    let (values, hidden) = (entry.floats, entry.shape[2])
    return isToken.indices.filter { isToken[$0] }.flatMap { values[$0 * hidden..<($0 + 1) * hidden] }
  }

  /// Rows whose first position is a token. transformers' heads read position 0, so a left-padded row's logits are those of
  /// padding: what it says of the text there is an accident of the implementation, and Attune reads the first token instead.
  var rowsThatStartWithAToken: [Int] { (0..<rows).filter { isToken[$0 * width] } }

  /// transformers' targets as the loss takes them.
  var targets: Tensor {
    let labels = self["labels"]
    return labels.dtype == "I64" ? Tensor(labels.integers) : Tensor(labels.floats, shape: labels.shape)
  }
}

/// Compares every gradient that a golden case gives; `prefix` is what canonical names have before the golden ones.
func expectGradients(_ store: ParameterStore, of golden: GoldenCase, prefix: String = "") throws {
  for name in golden.gradients {
    guard let gradient = store[prefix + name]?.gradient else { throw InputError(name, "has no gradient") }
    let expected = golden["grad.\(name)"].floats
    let largest = expected.reduce(0) { max($0, $1.magnitude) }
    expectClose(gradient.array(Float.self), expected, relative: 1e-5, absolute: 1e-5 * max(Double(largest), 0.01), "gradient of \(name)")
  }
  for (name, norm, sum) in golden.gradientNorms {
    guard let gradient = store[prefix + name]?.gradient else { throw InputError(name, "has no gradient") }
    let values = gradient.array(Float.self).map(Double.init)
    // A key bias moves every score of a row alike, so softmax ignores it: its gradient is zero but for rounding.
    expectClose([values.reduce(0) { $0 + $1 * $1 }.squareRoot()], [norm], relative: 1e-5, absolute: 1e-6, "gradient norm of \(name)")
    // A sum's rounding grows with the terms that cancel in it.
    expectClose([values.reduce(0, +)], [sum], relative: 1e-5, absolute: 1e-6 + 1e-5 * norm, "gradient sum of \(name)")
  }
}
