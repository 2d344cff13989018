import Datasets
import Files
import Models
import NN
import TestSupport
import Testing
import Torch

@testable import Training

/// Twenty steps of a run that PyTorch made: torch.optim.AdamW, linear warm-up and decay, clipping, class weights, two
/// micro-batches a step whose losses are Σ w·nll / Σ w over both.
@Suite struct TrajectoryTests {
  static let folder = "b_lora/train_full_weighted_global"

  @Test func twentyStepsFollowPyTorch() throws {
    let trace = try JSON.read(Fixtures.path("\(Self.folder)/trace.json"))
    let hyper = try #require(trace["hyper"])
    func number(_ key: String) throws -> Double { try #require(hyper[key]?.double) }
    let (steps, size, parts) = (Int(try number("steps")), Int(try number("batch")), Int(try number("accum")))
    let rows = try Self.rows(count: steps * parts)

    let model = try ClassifierModel.load(Fixtures.path("a_models/bert_seqcls"), dropout: 0)
    let weights = try #require(hyper["class_weights"]?.array).map { try #require($0.double) }
    let task = ClassificationTask(model, loss: ClassificationLoss(.singleLabel, classWeights: weights), validation: [], names: rows.map { "\($0.index)" })
    let optimizer = AdamW(model.parameters.parameters, .init(epsilon: try number("eps"), weightDecay: try number("weight_decay")))
    var plan = TrainingLoop<ClassificationTask>.Plan()
    (plan.batchSize, plan.microBatchSize, plan.steps, plan.maxGradientNorm) = (size * parts, size, steps, try number("clip"))
    let schedule = LearningRateSchedule(.linear, peak: try number("lr"), warmup: Int(try number("warmup_steps")), steps: steps)
    let loop = TrainingLoop(task, examples: rows, optimizer: optimizer, schedule: schedule, plan: plan, folder: "", seed: 0, observer: Recorder())

    let log = try #require(trace["log"]?.array)
    #expect(log.count == steps)
    for (step, expected) in log.enumerated() {
      let record = try loop.step(on: Batch(Array(step * plan.batchSize..<(step + 1) * plan.batchSize), of: rows))
      func golden(_ key: String) throws -> [Double] { [try #require(expected[key]?.double)] }
      expectClose([record.loss], try golden("loss"), relative: 1e-5, absolute: 0, "loss of step \(step)")
      expectClose([record.gradientNorm], try golden("grad_norm"), relative: 1e-5, absolute: 0, "gradient norm of step \(step)")
      expectClose([record.learningRate], try golden("lr"), relative: 1e-12, absolute: 1e-18, "learning rate of step \(step)")
      if step == 1 { try expectParameters(model, "params_after_step1.safetensors") }
    }
    try expectParameters(model, "final/model.safetensors")
  }

  private func expectParameters(_ model: ClassifierModel, _ file: String) throws {
    let golden = try GoldenTensors(Fixtures.path("\(Self.folder)/\(file)"))
    #expect(Set(golden.names) == Set(model.parameters.parameters.map(\.name)))
    for (name, tensor) in model.parameters.parameters.map({ ($0.name, $0.tensor) }) where !isKeyBias(name) {
      expectClose(tensor.array(Float.self), golden[name].floats, relative: 1e-5, absolute: 1e-5, "\(file): \(name)")
    }
  }

  /// The rows of the micro-batches, in order, without padding.
  private static func rows(count: Int) throws -> [EncodedExample] {
    let batches = try GoldenTensors(Fixtures.path("\(folder)/batches.safetensors"))
    var rows: [EncodedExample] = []
    for batch in 0..<count {
      func tensor(_ name: String) -> GoldenTensors.Entry { batches["mb\(batch < 10 ? "0" : "")\(batch)/\(name)"] }
      let (ids, types, mask, labels) = (tensor("input_ids"), tensor("token_type_ids"), tensor("attention_mask").integers, tensor("labels").integers)
      let width = ids.shape[1]
      for (row, label) in labels.enumerated() {
        let real = (row * width..<(row + 1) * width).filter { mask[$0] == 1 }
        rows.append(
          EncodedExample(
            index: rows.count, ids: real.map { Int32(ids.integers[$0]) }, typeIDs: real.map { Int32(types.integers[$0]) }, target: .label(Int32(label))))
      }
    }
    return rows
  }
}

/// Attention's key biases have no gradient but rounding noise (softmax ignores what is added to a whole row of scores), and
/// AdamW turns noise of any size into full steps: no two correct implementations agree on them.
func isKeyBias(_ name: String) -> Bool { name.hasSuffix("attention.self.key.bias") }
