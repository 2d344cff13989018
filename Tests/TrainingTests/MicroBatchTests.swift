import Datasets
import Models
import NN
import TestSupport
import Testing
import Torch

@testable import Training

/// A step does not depend on how its sixteen rows are split into micro-batches.
@Suite struct MicroBatchTests {
  private struct Course {
    var losses: [Double] = []
    var norms: [Double] = []
    var gradients: [(name: String, values: [Float])] = []
    var weights: [(name: String, values: [Float])] = []
  }

  @Test(arguments: ProblemType.allCases)
  func stepsAreTheSameOverEverySplit(_ problem: ProblemType) throws {
    try withTemporaryFolder { folder in
      try TinyBert.write(to: folder)
      let whole = try course(problem, size: 16, base: folder)
      for size in [1, 2, 3, 5, 8] {
        let split = try course(problem, size: size, base: folder)
        let what = "\(problem) in micro-batches of \(size)"
        expectClose(split.losses, whole.losses, relative: 1e-6, absolute: 0, "\(what): loss")
        expectClose(split.norms, whole.norms, relative: 1e-6, absolute: 0, "\(what): gradient norm")
        for (a, b) in zip(split.gradients, whole.gradients) {
          let largest = Double(b.values.reduce(0) { max($0, $1.magnitude) })
          expectClose(a.values, b.values, relative: 1e-6, absolute: 1e-6 * max(1, largest), "\(what): gradient of \(a.name)")
        }
        for (a, b) in zip(split.weights, whole.weights) where !isKeyBias(a.name) {
          expectClose(a.values, b.values, relative: 1e-6, absolute: 1e-6, "\(what): \(a.name) after 5 steps")
        }
      }
    }
  }

  /// The mean of micro-batch means is another number as soon as parts differ in size or weight: the rule matters.
  @Test func aMeanOfMeansWouldDiffer() throws {
    let (logits, targets) = (Tensor([Float(2), 0, 0, 1, 3, 0], shape: [3, 2]), Tensor([1, 0, 0]))
    let loss = ClassificationLoss(.singleLabel, classWeights: [1, 3])
    let whole = loss.sum(logits, targets).item / loss.itemCount(classes: [1, 0, 0])
    let first = loss.sum(logits[0..<1], targets[0..<1]).item / loss.itemCount(classes: [1])
    let rest = loss.sum(logits[1..<3], targets[1..<3]).item / loss.itemCount(classes: [0, 0])
    // By hand: nll = ln(1 + e²), ln(1 + e), ln(1 + e⁻³); weights 3, 1, 1.
    expectClose([whole], [(3 * 2.1269280110429727 + 1.3132616875182228 + 0.04858735157374206) / 5], relative: 1e-6)
    expectClose([(first + rest) / 2], [(2.1269280110429727 + (1.3132616875182228 + 0.04858735157374206) / 2) / 2], relative: 1e-6)
  }

  private func course(_ problem: ProblemType, size: Int, base: String) throws -> Course {
    let labels = problem == .regression ? ["score"] : ["a", "b", "c"]
    let model = try ClassifierModel.load(base, labels: labels, problem: problem, dropout: 0, seed: 3)
    let loss = problem == .singleLabel ? ClassificationLoss(problem, classWeights: [0.5, 2, 1.25], labelSmoothing: 0.1) : ClassificationLoss(problem)
    let examples = TinyBert.examples(
      (0..<16).map { row in
        switch problem {
        case .singleLabel: .label(Int32(row * 5 % 3))
        case .multiLabel: .flags([row % 2, row / 2 % 2, row / 4 % 2].map(Float.init))
        case .regression: .value(Float(row) / 4 - 2)
        }
      })
    let task = ClassificationTask(model, loss: loss, validation: [], names: examples.map { "\($0.index)" })
    let optimizer = AdamW(model.parameters.parameters, .init())
    var plan = TrainingLoop<ClassificationTask>.Plan()
    (plan.batchSize, plan.microBatchSize, plan.steps) = (16, size, 5)
    let loop = TrainingLoop(
      task, examples: examples, optimizer: optimizer, schedule: .init(.constant, peak: 5e-5, warmup: 0, steps: 5), plan: plan, folder: "", seed: 0,
      observer: Recorder())

    var course = Course()
    let batch = Batch(Array(0..<16), of: examples)
    let parts = batch.split(size, of: examples)
    #expect(parts.flatMap(\.rows) == batch.rows && parts.allSatisfy { $0.rows.count <= size })
    let items = parts.reduce(0) { $0 + task.itemCount($1) }
    for part in parts { (task.summedLoss(part, .evaluation) / items).backward() }
    course.gradients = model.parameters.parameters.map { ($0.name, $0.tensor.gradient!.array(Float.self)) }
    optimizer.dropGradients()

    for _ in 0..<5 {
      let record = try loop.step(on: batch)
      course.losses.append(record.loss)
      course.norms.append(record.gradientNorm)
    }
    course.weights = model.parameters.parameters.map { ($0.name, $0.tensor.array(Float.self)) }
    return course
  }
}
