import TestSupport
import Testing

@testable import Torch

/// The language-model loss in chunks against logits that exist.
@Suite(.serialized) struct CrossEntropyTests {
  let fused = FusedKernelTests()

  func targets(_ n: Int, _ classes: Int) -> Tensor { Tensor((0..<n).map { $0 * 7919 % classes }) }

  @Test(arguments: FusedKernelTests.levels, [DType.float32, .bfloat16])
  func lossAndGradientsMatchWholeLogits(level: KernelLevel, dtype: DType) {
    for (n, hidden, classes) in [(1, 8, 5), (70, 40, 333), (130, 24, 1000)] {
      let (x, weight) = (fused.random([n, hidden], seed: 1), fused.random([classes, hidden], seed: 2) * 0.2)
      let targets = targets(n, classes)
      let expected = fused.trace([x, weight]) { $0[0].linear($0[1]).crossEntropy(targets, reduction: .sum) * 0.5 }
      let found = fused.at(level) { fused.trace([x, weight], dtype: dtype) { $0[0].linearCrossEntropy(weight: $0[1], targets: targets) * 0.5 } }
      fused.compare(found, expected, dtype, "\(level), \(n) x \(hidden), \(classes) classes")
      let each = fused.at(level) { x.to(dtype).tokenLogProbabilities(weight: weight.to(dtype), targets: targets) }
      let whole = x.linear(weight).crossEntropy(targets, reduction: .none).negated()
      fused.compare([each.array(Float.self)], [whole.array(Float.self)], dtype, "\(level), log-probabilities")
    }
  }

  /// More rows than a chunk holds: 32 MB of float32 logits are 83 rows of 100,001 classes.
  @Test func chunksAddUp() {
    let (x, weight) = (fused.random([150, 4], seed: 3), fused.random([100_001, 4], seed: 4))
    let targets = targets(150, 100_001)
    let expected = fused.trace([x, weight]) { $0[0].linear($0[1]).crossEntropy(targets, reduction: .sum) }
    fused.compare(fused.trace([x, weight]) { $0[0].linearCrossEntropy(weight: $0[1], targets: targets) }, expected, .float32, "chunks")
  }

  @Test func aFrozenHeadGetsNoGradientAndNoRowsLoseNothing() {
    let (x, weight) = (fused.random([9, 8], seed: 5), fused.random([12, 8], seed: 6).to(.bfloat16))
    x.requiresGradient = true
    autocast(.bfloat16, on: .cpu) { x.linearCrossEntropy(weight: weight, targets: targets(9, 12)) }.backward()
    #expect(weight.gradient == nil && x.gradient!.dtype == .float32)
    #expect(Tensor.zeros([0, 8]).linearCrossEntropy(weight: fused.random([12, 8], seed: 6), targets: Tensor([Int]())).item == 0)
  }

  @Test func nanStaysVisible() {
    let x = Tensor([Float](repeating: .nan, count: 8), shape: [1, 8])
    #expect(x.linearCrossEntropy(weight: fused.random([12, 8], seed: 6), targets: Tensor([3])).item.isNaN)
  }
}
