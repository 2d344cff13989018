public import Torch

/// Whether a forward pass trains, and where its dropout masks come from.
public enum Mode {
  case evaluation
  /// Dropout is on; every mask is seeded with the generator's next number, so saving the generator's state saves the masks to come.
  case training(Generator)

  /// The probability to use and the mask's seed: nothing is drawn when nothing is dropped.
  func dropout(_ p: Double) -> (p: Double, seed: UInt64) {
    guard case .training(let generator) = self, p > 0 else { return (0, 0) }
    return (p, generator.next())
  }
}

extension Tensor {
  /// Dropout as `mode` says.
  public func dropout(_ p: Double, _ mode: Mode) -> Tensor {
    let (p, seed) = mode.dropout(p)
    return dropout(p, seed: seed)
  }
}
