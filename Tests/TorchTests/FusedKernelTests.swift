import TestSupport
import Testing

@testable import Torch

/// The fused kernels against the same operations composed from libtorch's, forward and backward, for every instruction set
/// that this processor has.
@Suite(.serialized) struct FusedKernelTests {
  static let levels: [KernelLevel] = {
    let best = KernelLevel.current
    return KernelLevel.allCases.filter { $0.rawValue <= best.rawValue }
  }()

  /// Runs `body` at `level`, and puts the best level back.
  func at<R>(_ level: KernelLevel, _ body: () throws -> R) rethrows -> R {
    let best = KernelLevel.current
    #expect(KernelLevel.use(level))
    defer { _ = KernelLevel.use(best) }
    return try body()
  }

  /// Inputs that bfloat16 holds exactly, so that only arithmetic differs.
  func random(_ shape: [Int], seed: UInt64) -> Tensor {
    Tensor.randn(shape, generator: Generator(seed: seed)).to(.bfloat16).to(.float32)
  }

  /// The output of `body` and the gradients to `inputs` when a fixed random gradient flows in, all as float32.
  func trace(_ inputs: [Tensor], dtype: DType = .float32, _ body: ([Tensor]) -> Tensor) -> [[Float]] {
    let leaves = inputs.map { input -> Tensor in
      let leaf = input.to(dtype).detached() * 1
      leaf.requiresGradient = true
      return leaf
    }
    let out = body(leaves)
    out.backward(random(out.shape, seed: 99).to(out.dtype))
    return [out.detached().array(Float.self)] + leaves.map { $0.gradient!.array(Float.self) }
  }

  func compare(_ found: [[Float]], _ expected: [[Float]], _ dtype: DType, _ what: String) {
    for (index, (a, b)) in zip(found, expected).enumerated() {
      let tolerance = dtype == .float32 ? 1e-5 : 1e-2
      // bfloat16 rounds probabilities and outputs: what counts is the error against the array's own size.
      let size = max(1, Double(b.lazy.map(\.magnitude).max() ?? 0))
      expectClose(a, b, relative: tolerance, absolute: dtype == .float32 ? tolerance : tolerance * size, "\(what), \(index == 0 ? "output" : "gradient \(index)")")
    }
  }

  @Test(arguments: levels, [DType.float32, .bfloat16])
  func attentionMatchesPaddedAttention(level: KernelLevel, dtype: DType) {
    let starts: [Int32] = [0, 1, 18, 18, 147, 211]  // rows of 1, 17, 0, 129 and 64 tokens
    for (heads, width) in [(3, 8), (2, 32), (1, 64), (2, 20)] {
      let qkv = random([211, 3 * heads * width], seed: 1)
      let scale = 1 / Double(width).squareRoot()
      let expected = trace([qkv]) { $0[0].composedAttention(rowStarts: starts.map(Int.init), heads: heads, scale: scale, dropout: 0) }
      let found = at(level) {
        trace([qkv], dtype: dtype) { $0[0].packedAttention(rowStarts: Tensor(starts), heads: heads, scale: scale) }
      }
      compare(found, expected, dtype, "\(level), \(heads) heads of \(width)")
    }
  }

  @Test(arguments: levels, [DType.float32, .bfloat16])
  func geluMatchesTheExactForm(level: KernelLevel, dtype: DType) {
    for count in [1, 15, 16, 333] {
      let x = random([count], seed: 2) * 3
      compare(at(level) { trace([x], dtype: dtype) { $0[0].fusedGELU() } }, trace([x.to(dtype).to(.float32)]) { $0[0].gelu() }, dtype, "\(level), \(count)")
    }
  }

  @Test(arguments: levels, [DType.float32, .bfloat16])
  func addNormMatchesLayerNormOfTheSum(level: KernelLevel, dtype: DType) {
    for width in [5, 32, 100, 384] {
      let (x, residual) = (random([7, width], seed: 3), random([7, width], seed: 4))
      let (weight, bias) = (random([width], seed: 5), random([width], seed: 6))
      func run(_ body: (Tensor, Tensor, Tensor, Tensor) -> Tensor, _ dtype: DType) -> [[Float]] {
        let parameters = [weight * 1, bias * 1]
        for p in parameters { p.requiresGradient = true }
        let traced = trace([x, residual], dtype: dtype) { body($0[0], $0[1], parameters[0], parameters[1]) }
        return traced + parameters.map { $0.gradient!.array(Float.self) }
      }
      let expected = run({ ($0 + $1).layerNorm(weight: $2, bias: $3, epsilon: 1e-12) }, .float32)
      let found = at(level) { run({ $0.addNorm(residual: $1, weight: $2, bias: $3, epsilon: 1e-12) }, dtype) }
      compare(found, expected, dtype, "\(level), width \(width)")
    }
  }

  @Test(arguments: levels)
  func masksAreTheSameOnEveryLevelAndInBothPasses(level: KernelLevel) {
    let ones = Tensor.ones([70, 100])
    func mask(_ seed: UInt64) -> [[Float]] { trace([ones]) { $0[0].dropout(0.3, seed: seed) } }
    let found = at(level) { mask(7) }
    let gradient = random([70, 100], seed: 99).array(Float.self)
    expectClose(zip(found[0], gradient).map { $0 * $1 }, found[1], "the backward pass has the forward pass's mask")
    #expect(at(.baseline) { mask(7) }[0] == found[0])
    #expect(at(level) { mask(7) }[0] == found[0])
    #expect(at(level) { mask(8) }[0] != found[0])
  }

  @Test(arguments: [0.1, 0.5])
  func masksKeepTheirShareAndNeighbouringSeedsAreIndependent(p: Double) {
    let count = 1 << 20
    func kept(_ seed: UInt64) -> [Bool] { Tensor.ones([1024, 1024]).dropout(p, seed: seed).array(Float.self).map { $0 != 0 } }
    let scaled = Tensor.ones([1024, 1024]).dropout(p, seed: 1).array(Float.self).first { $0 != 0 }!
    #expect(abs(Double(scaled) * (1 - p) - 1) < 1e-4)
    let masks = (0..<3).map { kept(UInt64($0)) }
    let deviation = (p * (1 - p) / Double(count)).squareRoot()
    for mask in masks {
      let share = Double(mask.lazy.filter { $0 }.count) / Double(count)
      #expect(abs(share - (1 - p)) < 5 * deviation + 1e-5)
    }
    // Correlations of masks with neighbouring seeds, rows and columns are those of chance: within 5 / √count of 0.
    func correlation(_ a: [Bool], _ b: [Bool], shift: Int) -> Double {
      let n = count - shift
      let both = (0..<n).lazy.filter { a[$0] && b[$0 + shift] }.count
      return (Double(both) / Double(n) - (1 - p) * (1 - p)) / (p * (1 - p))
    }
    for (a, b, shift) in [(0, 1, 0), (1, 2, 0), (0, 0, 1), (0, 0, 16), (0, 0, 32), (0, 0, 1024), (0, 1, 1), (0, 1, 1024)] {
      #expect(abs(correlation(masks[a], masks[b], shift: shift)) < 5 / Double(count).squareRoot() + 1e-3)
    }
  }

  /// With v = 1 each output is the kept probability mass of its query, and dropping must agree with the gradient to v.
  @Test(arguments: levels, [DType.float32, .bfloat16])
  func attentionDropsTheSameProbabilitiesInBothPasses(level: KernelLevel, dtype: DType) {
    let (tokens, heads, width) = (96, 2, 32)
    let qkv = random([tokens, 3 * heads * width], seed: 8)
    let starts = Tensor([0, 33, 96] as [Int32])
    func run(_ inputs: [Tensor]) -> Tensor { inputs[0].packedAttention(rowStarts: starts, heads: heads, scale: 0.1, dropout: 0.4, seed: 5) }
    let found = at(level) { trace([qkv], dtype: dtype, run) }
    let again = at(level) { trace([qkv], dtype: dtype, run) }
    #expect(found == again)
    compare(found, at(.baseline) { trace([qkv], run) }, dtype, "\(level)")
    // out is linear in v, so <dout, out> = <dv, v> whatever the mask was.
    let gradient = random([tokens, heads * width], seed: 99).array(Float.self)
    let left = zip(gradient, found[0]).reduce(0.0) { $0 + Double($1.0 * $1.1) }
    let values = qkv.array(Float.self)
    let right = (0..<tokens).reduce(0.0) { total, token in
      (2 * heads * width..<3 * heads * width).reduce(total) { $0 + Double(found[1][token * 3 * heads * width + $1] * values[token * 3 * heads * width + $1]) }
    }
    #expect(abs(left - right) < (dtype == .float32 ? 1e-3 : 1))
  }

  /// Finite differences of the loss agree with the gradients while a mask is on.
  @Test func attentionGradientsWithDropoutAreThoseOfTheFunction() {
    let qkv = random([20, 3 * 2 * 8], seed: 9)
    let starts = Tensor([0, 20] as [Int32])
    let direction = random(qkv.shape, seed: 10)
    func run(_ x: Tensor) -> Tensor { x.packedAttention(rowStarts: starts, heads: 2, scale: 0.35, dropout: 0.3, seed: 11) }
    let gradient = trace([qkv]) { run($0[0]) }[1]
    let weights = random([20, 16], seed: 99)
    func loss(_ step: Double) -> Double { (run(qkv + direction * step) * weights).to(.float64).sum().item }
    let numeric = (loss(1e-2) - loss(-1e-2)) / 2e-2
    let exact = zip(gradient, direction.array(Float.self)).reduce(0.0) { $0 + Double($1.0 * $1.1) }
    #expect(abs(numeric - exact) < 2e-3 * max(1, abs(exact)))
  }

  /// Equal thread counts give equal bits; other counts change only the order in which gradients of norms are added.
  @Test func threadsShareTheWorkReproducibly() {
    let before = Runtime.threads
    defer { Runtime.threads = before }
    let (qkv, x, weight) = (random([300, 96], seed: 12), random([300, 96], seed: 13), random([96], seed: 14))
    let starts = Tensor([0, 100, 130, 300] as [Int32])
    func run(_ threads: Int) -> [[Float]] {
      Runtime.threads = threads
      return trace([qkv, x, weight]) {
        let attended = $0[0].packedAttention(rowStarts: starts, heads: 4, scale: 0.3, dropout: 0.2, seed: 3).fusedGELU()
        return $0[1].narrow(1, 0, 32).addNorm(residual: attended, weight: $0[2].narrow(0, 0, 32), bias: $0[2].narrow(0, 32, 32), epsilon: 1e-5, dropout: 0.1, seed: 4)
      }
    }
    let (one, two) = (run(1), run(2))
    #expect(run(2) == two)
    #expect(one[0] == two[0])
    compare(two, one, .float32, "two threads")
  }

  @Test func emptyTensorsPassThrough() {
    #expect(Tensor.zeros([0, 4]).fusedGELU().count == 0)
    #expect(Tensor.zeros([0, 4]).dropout(0.5, seed: 1).count == 0)
  }

  @Test func nanStaysVisible() {
    let x = Tensor([1, .nan, -1] as [Float])
    #expect(x.fusedGELU().array(Float.self)[1].isNaN)
    let qkv = Tensor([Float](repeating: .nan, count: 24), shape: [1, 24])
    let attended = qkv.packedAttention(rowStarts: Tensor([0, 1] as [Int32]), heads: 1, scale: 1).array(Float.self)
    #expect(attended.filter(\.isNaN).count == 8)
  }
}
