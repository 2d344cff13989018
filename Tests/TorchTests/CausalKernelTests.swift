import TestSupport
import Testing

@testable import Torch

/// The kernels of a LLaMA layer against the same operations composed from libtorch's, forward and backward, for every
/// instruction set that this processor has.
@Suite(.serialized) struct CausalKernelTests {
  typealias Shape = (heads: Int, keyHeads: Int, width: Int, window: Int?)
  let fused = FusedKernelTests()

  func expectCausal(_ level: KernelLevel, _ dtype: DType, starts: [Int32], _ shape: Shape) {
    let (heads, keyHeads, width, window) = shape
    let qkv = fused.random([Int(starts.last!), (heads + 2 * keyHeads) * width], seed: 1)
    let scale = 1 / Double(width).squareRoot()
    let expected = fused.trace([qkv]) {
      $0[0].composedCausalAttention(rowStarts: starts.map(Int.init), heads: heads, keyValueHeads: keyHeads, window: window, scale: scale)
    }
    let found = fused.at(level) {
      fused.trace([qkv], dtype: dtype) {
        $0[0].causalAttention(rowStarts: Tensor(starts), heads: heads, keyValueHeads: keyHeads, window: window, scale: scale)
      }
    }
    fused.compare(found, expected, dtype, "\(level), \(shape)")
  }

  @Test(arguments: FusedKernelTests.levels, [DType.float32, .bfloat16])
  func attentionMatchesMaskedAttention(level: KernelLevel, dtype: DType) {
    let starts: [Int32] = [0, 129, 130, 130, 147, 211]  // rows of 129, 1, 0, 17 and 64 tokens
    let shapes: [Shape] = [
      (3, 3, 8, nil), (4, 2, 32, nil), (2, 1, 64, 10), (2, 2, 20, 33), (6, 2, 48, nil), (1, 1, 16, 1), (1, 1, 96, 64), (2, 1, 256, 128), (2, 2, 128, nil),
      (1, 1, 6, 2),
    ]
    for shape in shapes { expectCausal(level, dtype, starts: starts, shape) }
  }

  /// Rows longer than the blocks that pieces of work are made of: several pieces write one row's result.
  @Test(arguments: FusedKernelTests.levels)
  func attentionMatchesMaskedAttentionOnLongRows(level: KernelLevel) {
    let starts: [Int32] = [0, 513, 520, 1811]  // rows of 513, 7 and 1291 tokens
    let shapes: [Shape] = [(2, 1, 16, nil), (1, 1, 40, 300), (1, 1, 32, 600), (1, 1, 16, 31), (1, 1, 16, 1024)]
    for shape in shapes { expectCausal(level, .float32, starts: starts, shape) }
    expectCausal(level, .bfloat16, starts: starts, (2, 1, 16, 700))
  }

  @Test(arguments: FusedKernelTests.levels, [DType.float32, .bfloat16])
  func rmsNormMatchesItsDefinition(level: KernelLevel, dtype: DType) {
    for width in [5, 48, 100, 384] {
      let (x, residual, weight) = (fused.random([300, width], seed: 3), fused.random([300, width], seed: 4), fused.random([width], seed: 5))
      for (adds, frozen) in [(true, false), (true, true), (false, false), (false, true)] {
        func run(_ dtype: DType, _ norm: (Tensor, Tensor?, Tensor) -> (Tensor, Tensor)) -> [[Float]] {
          let weight = frozen && dtype == .bfloat16 ? weight.to(.bfloat16) : weight * 1
          weight.requiresGradient = !frozen
          let traced = fused.trace(adds ? [x, residual] : [x], dtype: dtype) {
            let (sum, normalised) = norm($0[0], adds ? $0[1] : nil, weight)
            #expect(normalised.dtype == dtype && sum.dtype == dtype)
            return Tensor.concatenated([sum, normalised], dim: -1)
          }
          return traced + (frozen ? [] : [weight.gradient!.array(Float.self)])
        }
        let expected = run(.float32) { x, residual, weight in
          let sum = residual.map { x + $0 } ?? x
          return (sum, sum.rmsNorm(weight: weight, epsilon: 1e-5))
        }
        let found = fused.at(level) { run(dtype) { $0.rmsNorm(residual: $1, weight: $2, epsilon: 1e-5) } }
        fused.compare(found, expected, dtype, "\(level), width \(width), residual \(adds), frozen \(frozen)")
      }
    }
  }

  @Test(arguments: FusedKernelTests.levels, [DType.float32, .bfloat16])
  func rotationMatchesItsDefinition(level: KernelLevel, dtype: DType) {
    for (heads, width, columns) in [(3, 8, 40), (2, 48, 96), (4, 64, 300), (1, 6, 7)] {
      let x = fused.random([29, columns], seed: 6)
      let angles = Tensor.randn([29, width / 2], generator: Generator(seed: 7)) * 5
      let (cosines, sines) = (angles.cos(), angles.sin())
      let expected = fused.trace([x]) { x in
        let turning = x[0].narrow(1, 0, heads * width).reshaped(29, heads, width)
        let (a, b) = (turning.narrow(2, 0, width / 2), turning.narrow(2, width / 2, width / 2))
        let (c, s) = (Tensor.concatenated([cosines, cosines], dim: 1).unsqueezed(1), Tensor.concatenated([sines, sines], dim: 1).unsqueezed(1))
        let turned = turning * c + Tensor.concatenated([-b, a], dim: 2) * s
        return .concatenated([turned.reshaped(29, heads * width), x[0].narrow(1, heads * width, columns - heads * width)], dim: 1)
      }
      let found = fused.at(level) { fused.trace([x], dtype: dtype) { $0[0].rotated(cosines: cosines, sines: sines, heads: heads, width: width) } }
      fused.compare(found, expected, dtype, "\(level), \(heads) heads of \(width) in \(columns)")
    }
  }

  @Test(arguments: FusedKernelTests.levels, [DType.float32, .bfloat16])
  func swigluMatchesItsDefinition(level: KernelLevel, dtype: DType) {
    for width in [1, 15, 64, 333] {
      let x = fused.random([5, 2 * width], seed: 8) * 3
      let expected = fused.trace([x.to(dtype).to(.float32)]) { $0[0].narrow(1, 0, width).silu() * $0[0].narrow(1, width, width) }
      fused.compare(fused.at(level) { fused.trace([x], dtype: dtype) { $0[0].swiglu() } }, expected, dtype, "\(level), \(width)")
    }
  }

  @Test func resultsDoNotDependOnTheNumberOfThreads() {
    let before = Runtime.threads
    defer { Runtime.threads = before }
    let (qkv, x, weight) = (fused.random([900, 4 * 32], seed: 9), fused.random([900, 64], seed: 10), fused.random([64], seed: 11))
    let angles = Tensor.randn([900, 16], generator: Generator(seed: 12))
    func run(_ threads: Int) -> [[Float]] {
      Runtime.threads = threads
      return fused.trace([qkv, x, weight]) {
        let turned = $0[0].rotated(cosines: angles.cos(), sines: angles.sin(), heads: 3, width: 32)
        let attended = turned.causalAttention(rowStarts: Tensor([0, 100, 130, 900] as [Int32]), heads: 2, keyValueHeads: 1, window: nil, scale: 0.2)
        let (sum, normalised) = $0[1].rmsNorm(residual: attended, weight: $0[2], epsilon: 1e-5)
        return Tensor.concatenated([sum.narrow(1, 0, 32), normalised.swiglu()], dim: 1)
      }
    }
    #expect(run(1) == run(2))
    #expect(run(3) == run(2))
  }

  @Test func layersWithoutTokensAndWithNaN() {
    let empty = Tensor.zeros([0, 24])
    #expect(empty.causalAttention(rowStarts: Tensor([0] as [Int32]), heads: 1, keyValueHeads: 1, window: nil, scale: 1).shape == [0, 8])
    #expect(empty.swiglu().shape == [0, 12])
    #expect(empty.rmsNorm(residual: empty, weight: .ones([24]), epsilon: 1).normalised.count == 0)
    let nan = Tensor([Float](repeating: .nan, count: 48), shape: [2, 24])
    #expect(nan.causalAttention(rowStarts: Tensor([0, 2] as [Int32]), heads: 1, keyValueHeads: 1, window: nil, scale: 1).array(Float.self).filter(\.isNaN).count == 16)
    #expect(nan.rmsNorm(residual: nil, weight: .ones([24]), epsilon: 1).normalised.array(Float.self).filter(\.isNaN).count == 48)
  }

  @Test func withoutGradientsNothingIsKept() {
    let qkv = fused.random([50, 96], seed: 13)
    qkv.requiresGradient = true
    let before = Tensor.liveCount
    withoutGradients {
      let out = qkv.causalAttention(rowStarts: Tensor([0, 50] as [Int32]), heads: 4, keyValueHeads: 4, window: nil, scale: 0.3)
      #expect(!out.requiresGradient && !out.swiglu().requiresGradient)
    }
    #expect(Tensor.liveCount == before)
  }
}
