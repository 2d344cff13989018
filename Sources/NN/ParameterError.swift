public import Torch

/// A checkpoint that does not fit a model: everything that is wrong with it, at once.
public struct ParameterError: Error, Sendable, CustomStringConvertible {
  public struct Mismatch: Hashable, Sendable {
    public let name: String
    public let foundShape: [Int]
    public let foundDType: DType
    public let expectedShape: [Int]
  }

  /// Parameters of the model that the checkpoint does not have.
  public let missing: [String]
  /// Tensors of the checkpoint that the model does not use.
  public let unexpected: [String]
  /// Tensors of another shape, or not of a floating-point dtype.
  public let mismatches: [Mismatch]
  /// Whose tensors these are.
  public let subject: Subject

  public enum Subject: String, Sendable { case checkpoint, adapter }

  init(missing: [String], unexpected: [String], mismatches: [Mismatch], subject: Subject = .checkpoint) {
    (self.missing, self.unexpected, self.mismatches, self.subject) = (missing, unexpected, mismatches, subject)
  }

  public var description: String {
    var lines: [String] = []
    for mismatch in mismatches {
      lines.append("\(mismatch.name): found \(mismatch.foundDType) \(mismatch.foundShape), expected float \(mismatch.expectedShape)")
    }
    for name in missing {
      let suggestion = nearest(to: name).map { "; nearest is '\($0)'" } ?? ""
      lines.append("no tensor '\(name)'\(suggestion)")
    }
    for name in unexpected { lines.append("tensor '\(name)' belongs to no parameter of this model") }
    let head = "the \(subject.rawValue) does not fit the model (\(missing.count) missing, \(unexpected.count) unexpected, \(mismatches.count) of the wrong shape or dtype)"
    return ([head] + lines).joined(separator: "\n  ")
  }

  /// The unused name that shares the longest tail and head with `name`: misspelled prefixes are the usual cause.
  private func nearest(to name: String) -> String? {
    func shared(_ a: some Sequence<UInt8>, _ b: some Sequence<UInt8>) -> Int { zip(a, b).prefix { $0 == $1 }.count }
    let scored = unexpected.map { ($0, shared($0.utf8, name.utf8) + shared($0.utf8.reversed(), name.utf8.reversed())) }
    guard let best = scored.max(by: { $0.1 < $1.1 }), best.1 * 2 >= name.utf8.count else { return nil }
    return best.0
  }
}
