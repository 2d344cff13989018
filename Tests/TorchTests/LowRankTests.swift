import TestSupport
import Testing

@testable import Torch

/// Linear layers with low-rank updates against the same composed from ordinary operations.
@Suite(.serialized) struct LowRankTests {
  let fused = FusedKernelTests()

  struct Case: Sendable, CustomStringConvertible {
    let tokens, inputs: Int
    let outputs: [Int]
    let ranks: [Int?]
    var biased = false
    var description: String { "\(tokens) x \(inputs) -> \(outputs), ranks \(ranks)" }
  }
  static let cases = [
    Case(tokens: 75, inputs: 64, outputs: [64, 32, 32], ranks: [8, nil, 4]), Case(tokens: 1, inputs: 40, outputs: [24], ranks: [8]),
    Case(tokens: 300, inputs: 288, outputs: [768, 768], ranks: [8, 16], biased: true), Case(tokens: 33, inputs: 31, outputs: [7, 45], ranks: [1, 3]),
    Case(tokens: 64, inputs: 300, outputs: [513], ranks: [70]), Case(tokens: 40, inputs: 96, outputs: [32, 64], ranks: [nil, nil]),
  ]

  /// Output and gradients of x, biases, each A and each B.
  func trace(
    _ c: Case, _ dtype: DType, dropout: Double, adjacent: Bool, _ body: (Tensor, [Tensor], [Tensor]?, [LowRankFactors?]) -> Tensor
  ) -> [[Float]] {
    let whole = fused.random([c.outputs.reduce(0, +), c.inputs], seed: 20).to(dtype) * 0.1
    let weights = whole.split(c.outputs, dim: 0).map { adjacent ? $0.detached() : $0.clone() }
    let updates = c.ranks.enumerated().map { index, rank in
      rank.map {
        LowRankFactors(
          a: fused.random([$0, c.inputs], seed: 30 + UInt64(index)) * 0.1, b: fused.random([c.outputs[index], $0], seed: 40 + UInt64(index)), scale: 0.75,
          dropout: dropout, seed: UInt64(index))
      }
    }
    let biases = c.biased ? c.outputs.enumerated().map { fused.random([$1], seed: 50 + UInt64($0)) } : nil
    let leaves = (biases ?? []) + updates.compactMap { $0 }.flatMap { [$0.a, $0.b] }
    for leaf in leaves { leaf.requiresGradient = true }
    let traced = fused.trace([fused.random([c.tokens, c.inputs], seed: 21)], dtype: dtype) { body($0[0], weights, biases, updates) }
    #expect(leaves.allSatisfy { $0.gradient!.dtype == .float32 })
    #expect(weights.allSatisfy { $0.gradient == nil })
    return traced + leaves.map { $0.gradient!.array(Float.self) }
  }

  @Test(arguments: FusedKernelTests.levels, cases)
  func updatesMatchTheirDefinition(level: KernelLevel, c: Case) {
    for dropout in [0, 0.3] {
      let expected = trace(c, .float32, dropout: dropout, adjacent: false) { $0.composedLoRALinear($1, $2, updates: $3) }
      for (dtype, adjacent) in [(DType.float32, true), (.bfloat16, true), (.bfloat16, false)] {
        let found = fused.at(level) { trace(c, dtype, dropout: dropout, adjacent: adjacent) { $0.loraLinear($1, $2, updates: $3) } }
        for (index, (a, b)) in zip(found, expected).enumerated() {
          let (tolerance, largest) = (dtype == .float32 ? 1e-5 : 1e-2, Double(b.lazy.map(\.magnitude).max()!))
          expectClose(a, b, relative: tolerance, absolute: tolerance * largest, "\(level), \(c), dropout \(dropout), \(dtype), array \(index)")
        }
      }
    }
  }

  /// What an earlier call left in a thread's memory is read nowhere, though widths are padded: not a number times 0 is none.
  @Test(arguments: FusedKernelTests.levels) func memoryOfAnEarlierCallIsNotRead(level: KernelLevel) {
    let before = Runtime.threads
    defer { Runtime.threads = before }
    Runtime.threads = 1
    for c in [Case(tokens: 40, inputs: 300, outputs: [24], ranks: [70]), Case(tokens: 40, inputs: 36, outputs: [24], ranks: [4])] {
      let expected = trace(c, .float32, dropout: 0, adjacent: false) { $0.composedLoRALinear($1, $2, updates: $3) }
      let found = fused.at(level) {
        let factors = LowRankFactors(a: fused.random([96, 640], seed: 1) * .nan, b: fused.random([640, 96], seed: 2) * .nan, scale: 1)
        _ = (fused.random([64, 640], seed: 3) * .nan).loraLinear([fused.random([640, 640], seed: 4)], nil, updates: [factors])
        return trace(c, .float32, dropout: 0, adjacent: true) { $0.loraLinear($1, $2, updates: $3) }
      }
      for (index, (a, b)) in zip(found, expected).enumerated() {
        expectClose(a, b, relative: 1e-5, absolute: 1e-5 * Double(b.lazy.map(\.magnitude).max()!), "\(level), \(c), array \(index)")
      }
    }
  }

  @Test func updatesDoNotDependOnTheNumberOfThreads() {
    let before = Runtime.threads
    defer { Runtime.threads = before }
    func run(_ threads: Int) -> [[Float]] {
      Runtime.threads = threads
      return trace(Self.cases[2], .bfloat16, dropout: 0.1, adjacent: true) { $0.loraLinear($1, $2, updates: $3) }
    }
    #expect(run(1) == run(2))
    #expect(run(3) == run(2))
  }

  /// Only what needs it has a gradient, and a frozen weight that is ready for the product is used where it lies.
  @Test func frozenLayersPassTheGradientThrough() {
    let weights = [fused.random([16, 24], seed: 1), fused.random([8, 24], seed: 2)]
    let expected = fused.trace([fused.random([50, 24], seed: 3)]) { $0[0].linear(.concatenated(weights)) }
    fused.compare(fused.trace([fused.random([50, 24], seed: 3)]) { $0[0].linear(weights, nil) }, expected, .float32, "apart")
    weights[1].requiresGradient = true
    fused.compare(fused.trace([fused.random([50, 24], seed: 3)]) { $0[0].linear(weights, nil) }, expected, .float32, "one trained")
    #expect(weights[0].gradient == nil)
    let reference = weights[1].detached() * 1
    reference.requiresGradient = true
    _ = fused.trace([fused.random([50, 24], seed: 3)]) { Tensor.concatenated([$0[0].linear(weights[0]), $0[0].linear(reference)], dim: 1) }
    expectClose(weights[1].gradient!.array(Float.self), reference.gradient!.array(Float.self), "trained weight")
  }

  @Test func autocastComputesInBFloat16AndTrainsInFloat32() {
    let (x, weight) = (fused.random([20, 32], seed: 4), fused.random([16, 32], seed: 5).to(.bfloat16))
    let update = LowRankFactors(a: fused.random([4, 32], seed: 6) * 0.1, b: fused.random([16, 4], seed: 7), scale: 2)
    for leaf in [x, update.a, update.b] { leaf.requiresGradient = true }
    let y = autocast(.bfloat16, on: .cpu) { x.loraLinear([weight], nil, updates: [update]) }
    #expect(y.dtype == .bfloat16)
    y.backward(Tensor.ones([20, 16], dtype: .bfloat16))
    #expect([x, update.a, update.b].allSatisfy { $0.gradient!.dtype == .float32 })
  }
}
