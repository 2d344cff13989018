import NN
import TestSupport
import Testing
import Torch

/// Layers against the formulas of their papers, written with plain tensor operations.
@Suite struct LayerTests {
  func random(_ shape: [Int], seed: UInt64) -> Tensor { .randn(shape, generator: Generator(seed: seed)) }

  @Test func selfAttentionIsSoftmaxOfScaledProductsWithinEachRow() {
    let (hidden, heads) = (12, 3)
    let store = ParameterStore(source: nil, seed: 4)
    let layer = SelfAttention(hidden: hidden, heads: heads, dropout: 0.1, deviation: 0.5, at: store.root["self"])
    let x = random([9, hidden], seed: 1)
    let found = layer(x, rowStarts: Tensor([0, 4, 9] as [Int32]), .evaluation)

    func project(_ name: String, _ rows: Tensor) -> Tensor {  // (heads, tokens, width)
      let weight = store["self.\(name).weight"]!, bias = store["self.\(name).bias"]!
      return (rows.matmul(weight.transposed(0, 1)) + bias).reshaped(rows.size(0), heads, hidden / heads).transposed(0, 1)
    }
    let rows = [x.narrow(0, 0, 4), x.narrow(0, 4, 5)].map { row in
      let scores = project("query", row).matmul(project("key", row).transposed(1, 2)) / 2  // √width = 2
      return scores.softmax(dim: -1).matmul(project("value", row)).transposed(0, 1).reshaped(row.size(0), hidden)
    }
    expectClose(found.array(Float.self), Tensor.concatenated(rows).array(Float.self))
  }

  @Test func linearIsXTimesTheTransposePlusBias() {
    let store = ParameterStore(source: nil)
    let (layer, bare) = (Linear(5, 3, at: store.root["a"]), Linear(5, 3, bias: false, at: store.root["b"]))
    layer.bias!.fill(0.25)
    let x = random([2, 4, 5], seed: 2)
    expectClose(layer(x).array(Float.self), (x.matmul(layer.weight.transposed(0, 1)) + 0.25).array(Float.self))
    expectClose(bare(x).array(Float.self), x.matmul(bare.weight.transposed(0, 1)).array(Float.self))
    #expect(layer(x).shape == [2, 4, 3])
    #expect(store.parameters.map(\.name) == ["a.weight", "a.bias", "b.weight"])
  }

  @Test func layerNormHasMeanZeroAndVarianceOneBeforeItsWeights() {
    let store = ParameterStore(source: nil)
    let norm = LayerNorm(6, epsilon: 1e-5, at: store.root)
    norm.weight.fill(3)
    norm.bias.fill(-1)
    let (x, residual) = (random([4, 6], seed: 3), random([4, 6], seed: 5))
    func formula(_ x: Tensor) -> Tensor {
      let centred = x - x.mean(1, keepDim: true)
      return centred / (centred.squared().mean(1, keepDim: true) + 1e-5).sqrt() * 3 - 1
    }
    expectClose(norm(x).array(Float.self), formula(x).array(Float.self))
    expectClose(norm(x, addedTo: residual, dropout: 0.5, .evaluation).array(Float.self), formula(x + residual).array(Float.self))
  }

  @Test func evaluationDropsNothingAndTrainingDrawsOneSeedAMask() {
    let x = Tensor.ones([64, 64])
    #expect(x.dropout(0.5, .evaluation).isEqual(to: x))
    let (a, b) = (Generator(seed: 6), Generator(seed: 6))
    #expect(x.dropout(0, .training(a)).isEqual(to: x))
    let first = x.dropout(0.5, .training(a))
    #expect(first.isEqual(to: x.dropout(0.5, .training(b))), "no number was drawn for p = 0")
    #expect(!first.isEqual(to: x.dropout(0.5, .training(a))))
  }

  /// Values of x · Φ(x), x · σ(x) and so on at 1 and -2, by hand from tables of Φ(1) = 0.8413447, Φ(2) = 0.9772499.
  @Test(arguments: [
    (Activation.gelu, [0.8413447, -0.0455003]), (.geluNew, [0.8411920, -0.0454023]), (.geluTanh, [0.8411920, -0.0454023]), (.relu, [1, 0]),
    (.silu, [0.7310586, -0.2384058]), (.swish, [0.7310586, -0.2384058]), (.tanh, [0.7615942, -0.9640276]),
  ] as [(Activation, [Float])])
  func activationsAreTheirFormulas(activation: Activation, expected: [Float]) {
    expectClose(activation(Tensor([1, -2] as [Float])).array(Float.self), expected, relative: 0, absolute: 1e-6, activation.rawValue)
  }
}
