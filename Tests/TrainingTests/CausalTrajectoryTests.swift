import Checkpoints
import Datasets
import Files
import Models
import NN
import TestSupport
import Testing
import Torch

@testable import Training

/// Twenty steps of runs that PyTorch made: full fine-tuning of a small LLaMA (`scripts/reference/causal_training.py`), and LoRA by PEFT.
/// AdamW, linear warm-up and decay, clipping to norm 1, two micro-batches a step, loss over learned tokens. With the CPU's kernels and
/// optimizer, and composed of ordinary operations as on an accelerator.
@Suite(.serialized) struct CausalTrajectoryTests {
  @Test(arguments: [true, false]) func fullFinetuningFollowsPyTorchForTwentySteps(_ kernels: Bool) throws {
    Kernels.areOn = kernels
    defer { Kernels.areOn = true }
    let folder = Fixtures.path("training/causal_full")
    let trace = try JSON.read("\(folder)/trace.json")
    let rows = try #require(trace["rows"]?.array).enumerated().map { index, row in
      EncodedExample(
        index: index, ids: try #require(row["ids"]?.array).map { Int32(try #require($0.int)) },
        target: .tokens(try #require(row["learned"]?.array).map { $0.int == 1 }))
    }
    try withTemporaryFolder { base in
      for file in ["config.json", "model.safetensors"] { try FileSystem.linkOrCopy("\(folder)/\(file)", to: "\(base)/\(file)") }
      try TinyLlama.addTokenizer(to: base)
      let model = try CausalModel.load(base)
      let hyper = try #require(trace["hyper"])
      try follow(
        trace, hyper, model, rows, parts: try #require(hyper["parts"]?.int), size: try #require(hyper["rows"]?.int),
        checks: [4: "\(folder)/step4.safetensors", 19: "\(folder)/final.safetensors"]) { $0 }
    }
  }

  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: [true, false])
  func loraFollowsPEFTForTwentySteps(_ kernels: Bool) throws {
    Kernels.areOn = kernels
    defer { Kernels.areOn = true }
    let folder = Fixtures.path("b_lora/train_lora")
    let trace = try JSON.read("\(folder)/trace.json")
    let hyper = try #require(trace["hyper"])
    let (steps, parts) = (try #require(hyper["steps"]?.int), try #require(hyper["accum"]?.int))
    let batches = try GoldenTensors("\(folder)/batches.safetensors")
    var rows: [EncodedExample] = []
    for batch in 0..<steps * parts {
      func tensor(_ name: String) -> GoldenTensors.Entry { batches["mb\(batch < 10 ? "0" : "")\(batch)/\(name)"] }
      let (ids, mask, labels) = (tensor("input_ids"), tensor("attention_mask").integers, tensor("labels").integers)
      let width = ids.shape[1]
      for row in 0..<ids.shape[0] {
        let real = (row * width..<(row + 1) * width).filter { mask[$0] == 1 }
        // The first token of a row is never a target, whatever its label says: nothing stands before it.
        let learned = real.enumerated().map { $0 > 0 && labels[$1] != -100 }
        rows.append(EncodedExample(index: rows.count, ids: real.map { Int32(ids.integers[$0]) }, target: .tokens(learned)))
      }
    }
    let checks = [1: "\(folder)/params_after_step1.safetensors", 4: "\(folder)/params_after_step4.safetensors", 19: "\(folder)/adapter_final/adapter_model.safetensors"]
    try withTemporaryFolder { base in
      for file in ["config.json", "model.safetensors"] { try FileSystem.linkOrCopy(Fixtures.path("a_models/llama_gqa/\(file)"), to: "\(base)/\(file)") }
      try TinyLlama.addTokenizer(to: base)
      let model = try CausalModel.load(base, adapter: "\(folder)/adapter_init")
      try follow(trace, hyper, model, rows, parts: parts, size: try #require(hyper["batch"]?.int), checks: checks) { name in
        name.replacing(".default.weight", with: ".weight")
      }
    }
  }

  /// Takes the steps of `trace` and compares every figure, and all trained parameters after the steps of `checks`.
  private func follow(
    _ trace: JSON, _ hyper: JSON, _ model: CausalModel, _ rows: [EncodedExample], parts: Int, size: Int, checks: [Int: String],
    name: (String) -> String
  ) throws {
    func number(_ key: String) throws -> Double { try #require(hyper[key]?.double) }
    let betas = try #require(hyper["betas"]?.array).map { try #require($0.double) }
    let trained = model.parameters.trainable
    let optimizer = AdamW(
      trained, .init(beta1: betas[0], beta2: betas[1], epsilon: try number("eps"), weightDecay: try number("weight_decay")))
    let task = LanguageModelTask(model, validation: [], names: rows.map { "\($0.index)" })
    let steps = Int(try number("steps"))
    var plan = TrainingPlan()
    (plan.batchSize, plan.microBatchSize, plan.steps, plan.maxGradientNorm) = (parts * size, size, steps, try number("clip"))
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
      guard let file = checks[step] else { continue }
      let golden = try GoldenTensors(file)
      #expect(Set(golden.names.map(name)) == Set(trained.map(\.name)))
      for key in golden.names {
        let expected = golden[key].floats
        let largest = Double(expected.reduce(0) { max($0, $1.magnitude) })
        let tensor = try #require(trained.first { $0.name == name(key) }).tensor
        expectClose(tensor.array(Float.self), expected, relative: 1e-5, absolute: max(1e-6, 1e-5 * largest), "after step \(step): \(key)")
      }
    }
  }
}
