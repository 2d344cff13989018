import NN
import TestSupport
import Testing
import Torch

/// Against PyTorch's autograd of the paper's formula in float64 (`scripts/reference/focal_loss.py`).
@Suite struct FocalLossTests {
  @Test(arguments: [0.5, 1, 2, 5], ["plain", "weighted"])
  func lossAndGradientAreThoseOfTheFormula(_ gamma: Double, _ kind: String) throws {
    let golden = try GoldenTensors(Fixtures.path("torch/focal_loss.safetensors"))
    let logits = Tensor(golden["logits"].floats, shape: golden["logits"].shape)
    logits.requiresGradient = true
    let weights = kind == "weighted" ? golden["weights"].floats.map(Double.init) : nil
    let loss = ClassificationLoss(.singleLabel, classWeights: weights, focalGamma: gamma).sum(logits, Tensor(golden["targets"].integers))
    loss.backward()
    let (expected, slope) = (golden["\(gamma)/\(kind)/loss"].doubles, golden["\(gamma)/\(kind)/grad"].doubles)
    expectClose([Double(loss.item)], expected, relative: 1e-6, absolute: 0, "loss")
    let largest = slope.map(\.magnitude).max() ?? 0
    expectClose(try #require(logits.gradient).array(Float.self).map(Double.init), slope, relative: 0, absolute: 1e-5 * largest, "gradient")
  }

  @Test func withoutGammaItIsCrossEntropyAndCertainRowsGiveNoNaN() {
    let logits = Tensor([200, 0, 0, 0, 1, 2] as [Float], shape: [2, 3])
    let targets = Tensor([0, 2] as [Int])
    let plain = ClassificationLoss(.singleLabel).sum(logits, targets).item
    #expect(ClassificationLoss(.singleLabel, focalGamma: 0).sum(logits, targets).item == plain)
    logits.requiresGradient = true
    let loss = ClassificationLoss(.singleLabel, focalGamma: 0.5).sum(logits, targets)
    loss.backward()
    #expect(loss.item.isFinite && logits.gradient!.array(Float.self).allSatisfy(\.isFinite))
    #expect(loss.item < plain)
  }
}
