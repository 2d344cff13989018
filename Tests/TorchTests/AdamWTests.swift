import TestSupport
import Testing
import Torch

/// The fused step against torch.optim.AdamW, over ten steps of a schedule with one group that decays and one that does not.
@Suite struct AdamWTests {
  @Test(arguments: [DType.float32, .float64]) func tenStepsEqualPyTorch(_ dtype: DType) {
    let golden = GeneratorTests.golden
    func read(_ what: String) -> [Tensor] { (0..<4).map { golden["adamw.\(dtype).\(what).\($0)"].tensor() } }
    let parameters = read("start")
    let gradients = read("gradients")  // (10, parameter's shape)
    let (first, second) = (parameters.map { $0.zerosLike() }, parameters.map { $0.zerosLike() })
    let steps = parameters.map { _ in Tensor.zeros([]) }
    for step in 0..<10 {
      Foreach.add(steps, steps.map { $0.onesLike() })
      for (group, decay) in [(0..<2, 0.1), (2..<4, 0.0)] {
        Foreach.adamW(
          parameters: Array(parameters[group]), gradients: group.map { gradients[$0][step] }, firstMoments: Array(first[group]),
          secondMoments: Array(second[group]), steps: Array(steps[group]), learningRate: 1e-2 * (1 - Double(step) / 10), beta1: 0.9,
          beta2: 0.98, epsilon: 1e-6, weightDecay: decay)
      }
      guard step == 0 || step == 9 else { continue }
      for (index, parameter) in parameters.enumerated() {
        let expected = golden["adamw.\(dtype).after\(step + 1).\(index)"]
        if dtype == .float64 {
          expectClose(parameter.array(Double.self), expected.doubles, "parameter \(index) after step \(step + 1)")
        } else {
          expectClose(parameter.array(Float.self), expected.floats, relative: 1e-6, absolute: 1e-6, "parameter \(index) after step \(step + 1)")
        }
      }
    }
  }

  @Test func anEmptyListIsNoStep() {
    Foreach.adamW(
      parameters: [], gradients: [], firstMoments: [], secondMoments: [], steps: [], learningRate: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8,
      weightDecay: 0)
    Foreach.zero([])
    #expect(Foreach.norms([]).isEmpty)
  }
}
