import TestSupport
import Testing

@testable import Torch

/// The one-pass optimizer and linear layer against libtorch's.
@Suite struct FusedOptimizerTests {
  @Test func fiveClippedStepsEqualTorchAdamW() {
    let shapes = [[1], [33], [7, 129], [200, 400]]
    func random(_ seed: UInt64) -> [Tensor] { shapes.enumerated().map { .randn($1, generator: Generator(seed: seed + UInt64($0))) } }
    let (ours, theirs) = (random(1), random(1))
    func zeros() -> [Tensor] { shapes.map { .zeros($0) } }
    let (m, v, m2, v2, steps) = (zeros(), zeros(), zeros(), zeros(), shapes.map { _ in Tensor.zeros([]) })
    for step in 1...5 {
      let gradients = random(UInt64(100 * step))
      // Half of the largest has no gradient, first ever and then now and then: those elements only decay or coast.
      if step != 3 { gradients[3].narrow(0, 0, 100).fill(0) }
      let norm = FusedOptimizer.norm(gradients)
      expectClose([norm], [gradients.map { $0.to(.float64).squared().sum().item }.reduce(0, +).squareRoot()], relative: 1e-7, absolute: 0, "norm")
      let scale = min(1, 1 / norm)
      FusedOptimizer.adamW(
        parameters: ours, gradients: gradients, firstMoments: m, secondMoments: v, decays: [0.1, 0.1, 0.1, 0.1], gradientScale: scale, step: step,
        learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
      Foreach.multiply(gradients, by: scale)
      for s in steps { s.add(1) }
      Foreach.adamW(
        parameters: theirs, gradients: gradients, firstMoments: m2, secondMoments: v2, steps: steps, learningRate: 1e-2, beta1: 0.9, beta2: 0.999,
        epsilon: 1e-8, weightDecay: 0.1)
    }
    for (a, b) in zip(ours + m + v, theirs + m2 + v2) {
      expectClose(a.array(Float.self), b.array(Float.self), relative: 2e-6, absolute: 1e-7, "after five steps")
    }
  }

  @Test(arguments: [false, true])
  func linearLayersSideBySideEqualSeparateOnes(bfloat16: Bool) {
    let generator = Generator(seed: 3)
    func leaf(_ shape: [Int]) -> Tensor {
      let tensor = Tensor.randn(shape, generator: generator)
      tensor.requiresGradient = true
      return tensor
    }
    let (x, weights, biases) = (leaf([3, 100, 40]), [leaf([24, 40]), leaf([8, 40])], [leaf([24]), leaf([8])])
    let leaves = [x] + weights + biases
    let seed = Tensor.randn([3, 100, 32], generator: generator)
    func trace(_ body: () -> Tensor) -> [[Float]] {
      for leaf in leaves { leaf.gradient = nil }
      let out = bfloat16 ? autocast(.bfloat16, on: .cpu, body) : body()
      #expect(out.dtype == (bfloat16 ? .bfloat16 : .float32))
      out.backward(seed.to(out.dtype))
      #expect(leaves.allSatisfy { $0.gradient!.dtype == .float32 })
      return [out.detached().array(Float.self)] + leaves.map { $0.gradient!.array(Float.self) }
    }
    let found = trace { x.linear(weights, biases) }
    let expected = trace { Tensor.concatenated([x.linear(weights[0], biases[0]), x.linear(weights[1], biases[1])], dim: -1) }
    for (index, (a, b)) in zip(found, expected).enumerated() {
      let size = Double(b.lazy.map(\.magnitude).max()!)
      expectClose(a, b, relative: bfloat16 ? 1e-2 : 1e-5, absolute: (bfloat16 ? 1e-2 : 1e-5) * size, "array \(index)")
    }
    // A second backward pass accumulates into each weight's own gradient.
    let once = weights.map { $0.gradient!.array(Float.self) }
    let again = bfloat16 ? autocast(.bfloat16, on: .cpu) { x.linear(weights, biases) } : x.linear(weights, biases)
    again.backward(seed.to(again.dtype))
    for (weight, once) in zip(weights, once) { expectClose(weight.gradient!.array(Float.self), once.map { 2 * $0 }, relative: 3e-2, absolute: 0.5) }
  }

  @Test func stepsLeaveNoTensorsBehind() {
    func step() {
      let (x, w, b) = (Tensor.ones([32, 96]), Tensor.ones([96, 96]), Tensor.zeros([96]))
      w.requiresGradient = true
      b.requiresGradient = true
      let norm = (Tensor.ones([32]), Tensor.zeros([32]))
      let attended = x.linear([w], [b]).packedAttention(rowStarts: Tensor([0, 5, 32] as [Int32]), heads: 4, scale: 1, dropout: 0.1, seed: 1)
      attended.addNorm(residual: attended.fusedGELU(), weight: norm.0, bias: norm.1, epsilon: 1e-5, dropout: 0.1, seed: 2).sum().backward()
    }
    step()
    let before = Tensor.liveCount
    for _ in 0..<20 { step() }
    #expect(Tensor.liveCount == before)
  }
}
