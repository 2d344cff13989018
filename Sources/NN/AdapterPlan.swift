/// Which layers of a model get a low-rank update, and which parameters are trained beside it. `LoRAPlan` in Checkpoints is one,
/// read from PEFT's `adapter_config.json`.
public protocol AdapterPlan {
  /// The update of the layer at `path` (`model.layers.3.self_attn.q_proj`); nil leaves the layer as it is.
  func update(ofLayer path: String) -> LowRankUpdate?
  /// Whether the parameter `name` (`classifier.weight`) is trained as a whole and saved with the adapter.
  func trainsWhole(_ name: String) -> Bool
}

/// The sizes and constants of one layer's low-rank update.
public struct LowRankUpdate: Hashable, Sendable {
  /// How the two factors of a new adapter start.
  public enum Start: Hashable, Sendable {
    /// A uniform in ±1/√inputs, B zero: the model starts as its base.
    case zero
    /// A normal with deviation 1/rank, B zero.
    case gaussian
    /// Both random: the model starts changed. For tests of arithmetic, as in PEFT.
    case random
  }

  public var rank: Int
  /// What B·A is multiplied by: alpha / rank, or alpha / √rank (rsLoRA, Kalajdzievski 2023).
  public var scale: Double
  /// Probability that an input of A is dropped in training.
  public var dropout: Double
  /// Weights are split into magnitude and direction (DoRA, Liu et al. 2024).
  public var isDecomposed: Bool
  /// B has a bias of its own.
  public var hasBias: Bool
  public var start: Start

  public init(rank: Int, scale: Double, dropout: Double = 0, isDecomposed: Bool = false, hasBias: Bool = false, start: Start = .zero) {
    (self.rank, self.scale, self.dropout) = (rank, scale, dropout)
    (self.isDecomposed, self.hasBias, self.start) = (isDecomposed, hasBias, start)
  }
}

/// An adapter for a `ParameterStore`: where it goes, and where its values come from.
public struct AdapterSetup {
  public let plan: any AdapterPlan
  /// Tensors under PEFT's keys without adapter name; nil starts a new adapter.
  public let source: (any ParameterSource)?

  public init(_ plan: any AdapterPlan, source: (any ParameterSource)? = nil) {
    self.plan = plan
    self.source = source
  }

  /// What PEFT puts before every module path.
  public static let prefix = "base_model.model."
}
