internal import Glibc
public import Torch

/// The angles of rotary position embeddings (Su et al. 2021), with the frequency scalings that LLaMA checkpoints name.
public final class RotaryEmbedding {
  public struct Settings: Sendable, Equatable {
    /// `rope_theta`
    public let base: Double
    public let scaling: Scaling

    public init(base: Double, scaling: Scaling) {
      self.base = base
      self.scaling = scaling
    }
  }

  /// How a context beyond the pre-trained one is reached.
  public enum Scaling: Sendable, Equatable {
    case none
    /// Positions divided by `factor`.
    case linear(factor: Double)
    /// Slow frequencies divided by `factor`, fast ones kept, those between blended (LLaMA 3.1).
    case llama3(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalPositions: Int)
  }

  /// Radians a position, one for each pair of a head's columns, (width / 2); in float32 as transformers computes them.
  public let frequencies: [Float]
  private var table: (cosines: Tensor, sines: Tensor)?
  private let device: Device

  public init(width: Int, _ settings: Settings, device: Device = .cpu) {
    frequencies = stride(from: 0, to: width, by: 2).map { settings.scaled(1 / powf(Float(settings.base), Float($0) / Float(width))) }
    self.device = device
  }

  /// Cosines and sines, each (positions, width / 2) float32, of the positions 0 to `count`.
  public func angles(upTo count: Int) -> (cosines: Tensor, sines: Tensor) {
    if let table, table.cosines.size(0) >= count { return (table.cosines.narrow(0, 0, count), table.sines.narrow(0, 0, count)) }
    var rows = 256  // doubling, so that a table for growing sequences is seldom made again
    while rows < count { rows *= 2 }
    let angles = withoutGradients {
      Tensor((0..<rows).flatMap { position in frequencies.map { Float(position) * $0 } }, shape: [rows, frequencies.count])
    }
    table = (angles.cos().to(device), angles.sin().to(device))
    return self.angles(upTo: count)
  }

  /// Cosines and sines of (tokens) int64 positions below `limit`, each (tokens, width / 2).
  public func angles(at positions: Tensor, below limit: Int) -> (cosines: Tensor, sines: Tensor) {
    let table = angles(upTo: limit)
    return (table.cosines.indexSelect(0, positions), table.sines.indexSelect(0, positions))
  }
}

extension RotaryEmbedding.Settings {
  func scaled(_ frequency: Float) -> Float {
    switch scaling {
    case .none: return frequency
    case .linear(let factor): return frequency / Float(factor)
    case .llama3(let factor, let low, let high, let original):
      let wavelength = 2 * Float.pi / frequency
      if wavelength > Float(Double(original) / low) { return frequency / Float(factor) }
      if wavelength < Float(Double(original) / high) { return frequency }
      let blend = (Float(original) / wavelength - Float(low)) / Float(high - low)
      return (1 - blend) * frequency / Float(factor) + blend * frequency
    }
  }
}
