internal import CTorch

/// BERT's layers for weights that nothing is trained in, on processors that multiply bfloat16 pairs: products of bfloat16 numbers, everything
/// between them float32. Nearer to float32 than autocast, and faster.
public final class PackedEncoder {
  /// The tensors of one layer.
  public struct Layer {
    /// (outputs, inputs) and (outputs)
    public typealias Linear = (weight: Tensor, bias: Tensor)
    public typealias Norm = (weight: Tensor, bias: Tensor, epsilon: Double)
    public let query, key, value, output, up, down: Linear
    /// After attention, after the perceptron.
    public let attentionNorm, outputNorm: Norm

    public init(query: Linear, key: Linear, value: Linear, output: Linear, up: Linear, down: Linear, attentionNorm: Norm, outputNorm: Norm) {
      (self.query, self.key, self.value, self.output, self.up, self.down) = (query, key, value, output, up, down)
      (self.attentionNorm, self.outputNorm) = (attentionNorm, outputNorm)
    }
  }

  /// Whether tensors on `device` are computed by it here.
  public static func isAvailable(on device: Device) -> Bool { device.hasKernels && ct_encoder_available() }

  private let handle: OpaquePointer

  /// Copies the weights. Their sizes must be multiples of 32; GELU (the exact form) stands between `up` and `down`.
  /// - Parameter split: in how many of the first layers the weights of query, key and value are held as two bfloat16 numbers each, for twice the work
  ///   in these products. What they get wrong decides where a token looks, and later layers carry it on.
  public init(_ layers: [Layer], heads: Int, split: Int = 0) {
    handle = ct_encoder_new(Int64(heads))
    for (number, layer) in layers.enumerated() {
      let linears = [layer.query, layer.key, layer.value, layer.output, layer.up, layer.down]
      let norms = [layer.attentionNorm, layer.outputNorm]
      withHandles(linears.map(\.weight) + norms.map(\.weight)) { weights, _ in
        withHandles(linears.map(\.bias) + norms.map(\.bias)) { biases, _ in
          trap(ct_encoder_add(handle, weights, biases, norms[0].epsilon, norms[1].epsilon, number < split), "PackedEncoder")
        }
      }
    }
  }

  deinit { ct_encoder_free(handle) }

  /// The output of the first `layers` layers, (tokens, hidden) float32.
  /// - Parameters:
  ///   - embeddings: (tokens, hidden).
  ///   - rowStarts: (rows + 1) int32: every token sees the tokens of its own row.
  public func callAsFunction(_ embeddings: Tensor, rowStarts: Tensor, layers: Int) -> Tensor {
    make("PackedEncoder") { ct_encoder_forward(handle, embeddings.handle, rowStarts.handle, Int64(layers), $0) }
  }
}
