import TestSupport
import Testing

@testable import Torch

/// BERT's layers over packed weights against the same layers composed of float32 operations on the same bfloat16 operands.
@Suite(.enabled(if: PackedEncoder.isAvailable(on: .cpu), "the processor does not multiply bfloat16 pairs")) struct PackedEncoderTests {
  let hidden = 96
  let inner = 160
  let heads = 3
  /// Rows of 1, 17, 0, 130, 64 and 5 tokens: no multiple of what is computed at a time.
  let starts: [Int32] = [0, 1, 18, 18, 148, 212, 217]

  func random(_ shape: [Int], seed: Int, deviation: Double) -> Tensor { Tensor.randn(shape, generator: Generator(seed: UInt64(seed))) * deviation }

  func layer(_ number: Int) -> PackedEncoder.Layer {
    var seed = number * 100
    func linear(_ inputs: Int, _ outputs: Int) -> PackedEncoder.Layer.Linear {
      seed += 2
      return (random([outputs, inputs], seed: seed, deviation: 0.15), random([outputs], seed: seed + 1, deviation: 0.5))
    }
    func norm() -> PackedEncoder.Layer.Norm {
      seed += 2
      return (random([hidden], seed: seed, deviation: 0.2) + 1, random([hidden], seed: seed + 1, deviation: 0.3), 1e-12)
    }
    return PackedEncoder.Layer(
      query: linear(hidden, hidden), key: linear(hidden, hidden), value: linear(hidden, hidden), output: linear(hidden, hidden), up: linear(hidden, inner),
      down: linear(inner, hidden), attentionNorm: norm(), outputNorm: norm())
  }

  /// The layer of `BertLayer` with what products read rounded to bfloat16, but for the weights of query, key and value when those are split.
  func composed(_ layer: PackedEncoder.Layer, _ x: Tensor, isSplit: Bool) -> Tensor {
    func product(_ x: Tensor, _ linear: PackedEncoder.Layer.Linear, rounds: Bool = true) -> Tensor {
      x.to(.bfloat16).to(.float32).linear(rounds ? linear.weight.to(.bfloat16).to(.float32) : linear.weight, linear.bias)
    }
    func norm(_ x: Tensor, _ norm: PackedEncoder.Layer.Norm) -> Tensor { x.layerNorm(weight: norm.weight, bias: norm.bias, epsilon: norm.epsilon) }
    let qkv = Tensor.concatenated([layer.query, layer.key, layer.value].map { product(x, $0, rounds: !isSplit) }, dim: 1)
    let context = qkv.to(.bfloat16).to(.float32)
      .composedAttention(rowStarts: starts.map(Int.init), heads: heads, scale: 1 / Double(hidden / heads).squareRoot(), dropout: 0)
    let attended = norm(x + product(context, layer.output), layer.attentionNorm)
    return norm(attended + product(product(attended, layer.up).gelu(), layer.down), layer.outputNorm)
  }

  @Test(arguments: [0, 2, 3]) func layersMatchTheComposedOnes(split: Int) {
    let layers = (0..<3).map(layer)
    let encoder = PackedEncoder(layers, heads: heads, split: split)
    var expected = random([217, hidden], seed: 1, deviation: 1)
    let embeddings = expected
    for count in 0...3 {
      let found = encoder(embeddings, rowStarts: Tensor(starts), layers: count)
      #expect(found.dtype == .float32)
      // Attention's probabilities are rounded to bfloat16 too, and a value on the edge between two such numbers may fall to either side.
      expectClose(found.array(Float.self), expected.array(Float.self), relative: 0, absolute: count == 0 ? 0 : 0.05, "\(count) layers")
      let error = (found - expected).squared().mean().item.squareRoot()
      #expect(error < 5e-3, "\(count) layers: \(error)")
      if count < 3 { expected = composed(layers[count], expected, isSplit: count < split) }
    }
  }

  /// One layer against weights as they are; what attention reads is rounded either way.
  @Test func splitWeightsAreNearerToFloat32() {
    let layers = [layer(0)]
    let x = random([217, hidden], seed: 3, deviation: 1)
    let expected = composed(layers[0], x, isSplit: true)
    func error(split: Int) -> Double {
      (PackedEncoder(layers, heads: heads, split: split)(x, rowStarts: Tensor(starts), layers: 1) - expected).squared().mean().item.squareRoot()
    }
    let (split, rounded) = (error(split: 1), error(split: 0))
    #expect(split < 0.75 * rounded && rounded < 0.01, "\(split), \(rounded)")
  }

  @Test func aRowIsTheSameAloneAndForEveryNumberOfThreads() {
    let encoder = PackedEncoder((0..<2).map(layer), heads: heads)
    let x = random([217, hidden], seed: 2, deviation: 1)
    let threads = Runtime.threads
    defer { Runtime.threads = threads }
    var results: [[Float]] = []
    for count in [1, 2, 3] {
      Runtime.threads = count
      results.append(encoder(x, rowStarts: Tensor(starts), layers: 2).array(Float.self))
    }
    #expect(results[1] == results[0] && results[2] == results[0])
    let alone = encoder(x.narrow(0, 148, 64), rowStarts: Tensor([Int32(0), 64]), layers: 2).array(Float.self)
    #expect(alone == Array(results[0][(148 * hidden)..<(212 * hidden)]))
  }
}
