import TestSupport
import Testing
import Torch

/// Random numbers: PyTorch's sequences for a seed, and continuing from a saved state.
@Suite struct GeneratorTests {
  static let golden = try! GoldenTensors(Fixtures.path("torch/sequences.safetensors"))

  @Test func drawsWhatPyTorchDrawsFromTheSameSeed() {
    let generator = Generator(seed: 2026)
    let rand = Tensor.rand([5], generator: generator)
    let permutation = Tensor.randperm(12, generator: generator)
    let randn = Tensor.randn([20], generator: generator)
    let randint = Tensor.randint(0, 99, [6], generator: generator)
    #expect(rand.array(Float.self) == Self.golden["draws.rand"].floats)
    #expect(permutation.array(Int.self) == Self.golden["draws.randperm"].integers)
    expectClose(randn.array(Float.self), Self.golden["draws.randn"].floats)
    #expect(randint.array(Int.self) == Self.golden["draws.randint"].integers)
    #expect(generator.state == Self.golden["draws.state"].bytes)
  }

  @Test func continuesFromASavedState() {
    let generator = Generator(seed: 5)
    _ = Tensor.randn([7], generator: generator)  // an odd count leaves half a Box-Muller pair behind
    let saved = generator.state
    func draw(_ generator: Generator) -> [Double] {
      let bits = Double(generator.next() >> 11)
      let draws = [Tensor.rand([3], generator: generator), .randn([5], generator: generator), .randperm(9, generator: generator)]
      return [bits] + draws.flatMap { $0.array(Double.self) } + Tensor.full([6], 0.5).bernoulli(generator: generator).array(Double.self)
    }
    let first = draw(generator)
    #expect(draw(generator) != first)
    let resumed = Generator(seed: 0)
    resumed.state = saved
    #expect(draw(resumed) == first)
    resumed.seed(5)
    _ = Tensor.randn([7], generator: resumed)
    #expect(draw(resumed) == first)
  }

  @Test func generatorsAreIndependent() {
    let (a, b) = (Generator(seed: 1), Generator(seed: 1))
    let alone = (0..<4).map { _ in a.next() }
    a.seed(1)
    let interleaved = (0..<4).map { _ in
      _ = b.next()
      return a.next()
    }
    #expect(interleaved == alone)
  }

  // In a process of its own, because the default generator belongs to all tests.
  @Test func dropoutDrawsFromTheDefaultGenerator() async {
    await #expect(processExitsWith: .success) {
      let generator = Generator.defaultGenerator()
      generator.seed(99)
      let ones = Tensor.ones([8, 16])
      let first = ones.dropout(0.3, training: true)
      let between = generator.state
      let second = ones.dropout(0.1, training: true)
      expectClose(first.array(Float.self), GeneratorTests.golden["dropout.first"].floats)
      expectClose(second.array(Float.self), GeneratorTests.golden["dropout.second"].floats)
      generator.state = between
      #expect(ones.dropout(0.1, training: true).array(Float.self) == second.array(Float.self))
    }
  }
}
