import TestSupport
import Testing

@testable import Torch

/// Attention from one packed batch to another, with and without a bias by distance, against the same composed from libtorch's
/// operations, forward and backward, for every instruction set that this processor has.
@Suite(.serialized) struct CrossKernelTests {
  let fused = FusedKernelTests()
  /// Rows of 1, 17, 129 and 64 queries, and of 40, 3, 70 and 1 keys.
  static let starts: (queries: [Int32], keys: [Int32]) = ([0, 1, 18, 147, 211], [0, 40, 43, 113, 114])

  @Test(arguments: FusedKernelTests.levels, [DType.float32, .bfloat16])
  func attentionMatchesPaddedAttention(level: KernelLevel, dtype: DType) {
    for (heads, width) in [(3, 8), (2, 32), (1, 64), (2, 20), (1, 128), (5, 6)] {
      let (queries, memory) = (fused.random([211, heads * width], seed: 1), fused.random([114, 2 * heads * width], seed: 2))
      expectSame(level, dtype, [queries, memory], Self.starts, heads: heads, width: width, causal: false)
    }
  }

  @Test(arguments: FusedKernelTests.levels, [DType.float32, .bfloat16])
  func biasedAttentionMatchesPaddedAttention(level: KernelLevel, dtype: DType) {
    let starts: [Int32] = [0, 129, 130, 147, 211, 244]
    for (heads, width, limit) in [(3, 8, 129), (2, 32, 140), (2, 12, 200)] {
      for causal in [true, false] {
        let inputs = [fused.random([244, heads * width], seed: 3), fused.random([244, 2 * heads * width], seed: 4), fused.random([heads, 2 * limit - 1], seed: 5) * 2]
        expectSame(level, dtype, inputs, (starts, starts), heads: heads, width: width, causal: causal)
      }
    }
  }

  /// A bias reaches queries and keys of different rows too; a causal mask needs no bias.
  @Test(arguments: FusedKernelTests.levels)
  func biasAndCausalMaskAreIndependent(level: KernelLevel) {
    let inputs = [fused.random([211, 16], seed: 6), fused.random([114, 32], seed: 7), fused.random([2, 2 * 129 - 1], seed: 8)]
    expectSame(level, .float32, inputs, Self.starts, heads: 2, width: 8, causal: false)
    let starts: [Int32] = [0, 70, 71, 211]
    expectSame(level, .float32, [inputs[0], fused.random([211, 32], seed: 9)], (starts, starts), heads: 2, width: 8, causal: true)
  }

  @Test func viewsOfAWiderProductAreReadInPlace() {
    let projected = fused.random([50, 3 * 24], seed: 10)
    let starts = Tensor([0, 20, 50] as [Int32])
    func run(_ parts: (Tensor, Tensor)) -> Tensor { parts.0.attention(to: parts.1, queryStarts: starts, keyStarts: starts, heads: 2, causal: true, scale: 0.3) }
    let views = fused.trace([projected]) { run(($0[0].narrow(1, 0, 24), $0[0].narrow(1, 24, 48))) }
    let copies = fused.trace([projected]) { run(($0[0].narrow(1, 0, 24).contiguous(), $0[0].narrow(1, 24, 48).contiguous())) }
    #expect(views == copies)
  }

  /// Finite differences of the loss agree with the gradients while a mask is on, to queries, keys, values and bias.
  @Test(arguments: FusedKernelTests.levels) func gradientsWithDropoutAreThoseOfTheFunction(level: KernelLevel) {
    let starts = (queries: Tensor([0, 9, 40] as [Int32]), keys: Tensor([0, 33, 40] as [Int32]))
    let inputs = [fused.random([40, 16], seed: 11), fused.random([40, 32], seed: 12), fused.random([2, 2 * 40 - 1], seed: 13)]
    let directions = inputs.enumerated().map { fused.random($1.shape, seed: 20 + UInt64($0)) }
    func run(_ x: [Tensor]) -> Tensor {
      x[0].attention(to: x[1], queryStarts: starts.queries, keyStarts: starts.keys, heads: 2, bias: x[2], scale: 0.35, dropout: 0.3, seed: 14)
    }
    fused.at(level) {
      let gradients = fused.trace(inputs, run).dropFirst()
      let weights = fused.random([40, 16], seed: 99)
      for (index, gradient) in gradients.enumerated() {
        func loss(_ step: Double) -> Double {
          var moved = inputs
          moved[index] = inputs[index] + directions[index] * step
          return (run(moved) * weights).to(.float64).sum().item
        }
        let numeric = (loss(1e-2) - loss(-1e-2)) / 2e-2
        let exact = zip(gradient, directions[index].array(Float.self)).reduce(0.0) { $0 + Double($1.0 * $1.1) }
        #expect(abs(numeric - exact) < 3e-3 * max(1, abs(exact)), "\(level), input \(index)")
      }
    }
  }

  /// With equal values every output is the kept probability mass: its mean is one, and a third of the mass is dropped.
  @Test func dropoutKeepsTheMean() {
    let starts = Tensor([0, 200] as [Int32])
    let memory = Tensor.concatenated([Tensor.zeros([200, 8]), Tensor.ones([200, 8])], dim: 1)
    let out = Tensor.zeros([200, 8]).attention(to: memory, queryStarts: starts, keyStarts: starts, heads: 1, scale: 1, dropout: 0.33, seed: 3)
    #expect(abs(out.mean().item - 1) < 0.02)
    #expect(out.variance().item > 1e-3)
  }

  @Test func threadsShareTheWorkReproducibly() {
    let before = Runtime.threads
    defer { Runtime.threads = before }
    let starts = Tensor([0, 30, 41, 90] as [Int32])
    let inputs = [fused.random([90, 24], seed: 15), fused.random([90, 48], seed: 16), fused.random([3, 2 * 50 - 1], seed: 17)]
    func run(_ threads: Int) -> [[Float]] {
      Runtime.threads = threads
      return fused.trace(inputs) { $0[0].attention(to: $0[1], queryStarts: starts, keyStarts: starts, heads: 3, bias: $0[2], scale: 0.4, dropout: 0.2, seed: 3) }
    }
    #expect(run(1) == run(2))
  }

  private func expectSame(
    _ level: KernelLevel, _ dtype: DType, _ inputs: [Tensor], _ starts: (queries: [Int32], keys: [Int32]), heads: Int, width: Int, causal: Bool
  ) {
    let scale = 1 / Double(width).squareRoot()
    let bias = inputs.count > 2
    let expected = fused.trace(inputs) {
      $0[0].composedAttention(
        to: $0[1], queryStarts: starts.queries.map(Int.init), keyStarts: starts.keys.map(Int.init), heads: heads, bias: bias ? $0[2] : nil, causal: causal,
        scale: scale, dropout: 0, seed: 0)
    }
    let found = fused.at(level) {
      fused.trace(inputs, dtype: dtype) {
        $0[0].attention(
          to: $0[1], queryStarts: Tensor(starts.queries), keyStarts: Tensor(starts.keys), heads: heads, bias: bias ? $0[2].to(.float32) : nil, causal: causal,
          scale: scale)
      }
    }
    // A distance of the bias gathers the gradients of every pair that far apart.
    fused.compare(Array(found.prefix(3)), Array(expected.prefix(3)), dtype, "\(level), \(heads) heads of \(width), causal \(causal)")
    guard bias else { return }
    let largest = Double(expected[3].map(\.magnitude).max() ?? 1)
    expectClose(found[3], expected[3], relative: 0, absolute: (dtype == .float32 ? 1e-5 : 2e-2) * max(1, largest), "\(level), gradient of the bias")
  }
}
