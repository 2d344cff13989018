import Checkpoints
import Configuration
import Datasets
import Files
import Models
import NN
import Reports
import Torch
import Training

/// `--dry-run` of fine-tuning: the resolved configuration, the schedule, what becomes of the rows, predicted memory and time, and the
/// memory of the published LLaMA sizes. Nothing is written.
struct FinetuneDryRun {
  let finetune: Finetune
  let compute: ComputeChoice
  let data: FinetuneData

  func run() throws -> JobResult {
    let plan = finetune.plan(rows: data.examples.count, compute)
    let schedule = finetune.schedule(steps: plan.steps)
    let model = try finetune.makeModel(compute)
    let held = Runtime.residentMemory
    let memory = memory(model, plan)
    let seconds = try seconds(model, plan)
    let needed = Self.withoutModel(held, model) + memory.total
    let gigabytes = { (bytes: Int) in "\(Format.fixed(Double(bytes) / 1e9, 2)) GB" }

    var text = finetune.job.configuration.yaml + "\nComputed on \(compute.summary)\n"
    for note in data.corpus.notes { text += note + "\n" }
    text += """
      \(data.summary)
      \(plan.steps) steps of \(plan.batchSize) rows, at most \(plan.microBatchTokens.map { "\($0) tokens" } ?? "\(plan.microBatchSize ?? plan.batchSize) rows") at once
      learning rate \(schedule.sparkline) 0 to \(Format.short(schedule.peak)) over \(schedule.warmup) steps, then \(schedule.shape.rawValue)
      training \(Format.count(memory.trained)) of \(Format.count(finetune.weights(of: model))) parameters
      predicted: \(Format.duration(seconds)), peak memory \(gigabytes(needed)): weights \(gigabytes(memory.weights)), gradients and moments \
      \(gigabytes(memory.state)), activations \(gigabytes(memory.activations)), head \(gigabytes(memory.head)), the rest the process

      """
    if finetune.settings.method == .lora { text += "\n" + Self.aligned(MemoryModel.publishedTable(rank: finetune.settings.lora.rank)) }
    text += "\nNothing was written.\n"
    return JobResult(
      text: text,
      json: .object([
        "status": "dry run", "rows": .integer(data.train.sequences.count), "validation_rows": .integer(data.validation.sequences.count),
        "tokens": .integer(data.train.tokens), "learned_tokens": .integer(data.train.targets), "shortened_rows": .integer(data.train.shortened),
        "dropped_rows": .integer(data.train.dropped.count), "steps": .integer(plan.steps), "warmup_steps": .integer(schedule.warmup),
        "trained_parameters": .integer(memory.trained), "predicted_seconds": .number(seconds), "predicted_peak_memory_bytes": .integer(needed),
        "predicted_memory": [
          "weights": .integer(memory.weights), "state": .integer(memory.state), "activations": .integer(memory.activations), "head": .integer(memory.head),
        ],
      ]))
  }

  /// Of the largest forward pass of the first epoch.
  private func memory(_ model: any TrainableLanguageModel, _ plan: TrainingPlan) -> MemoryModel {
    let parts = batches(plan).flatMap { Batch($0, of: data.examples).split(plan.microBatchSize, tokens: plan.microBatchTokens, of: data.examples) }
    let largest = parts.max { $0.ids.count < $1.ids.count }
    let targets = (largest?.rows ?? []).reduce(0) { $0 + data.train.sequences[$1].targetCount }
    let trained = model.parameters.trainable.reduce(0) { $0 + $1.tensor.count }
    return MemoryModel(
      shape: .init(model.config), tokens: largest?.ids.count ?? 0, targets: targets, trained: trained, isFull: finetune.settings.method == .full,
      elementBytes: compute.dtype.size, checkpoints: finetune.settings.training.gradientCheckpointing, rank: finetune.settings.method == .lora ? finetune.settings.lora.rank : 0)
  }

  /// Times forward and backward of a batch of the middle size; parameters and random numbers stay as they are.
  private func seconds(_ model: any TrainableLanguageModel, _ plan: TrainingPlan) throws -> Double {
    let task = try finetune.task(model, data)
    let batches = batches(plan).map { Batch($0, of: data.examples) }.sorted { $0.ids.count < $1.ids.count }
    let middle = batches[batches.count / 2]
    let generator = Generator(seed: 0)
    let trained = model.parameters.trainable.map(\.tensor)
    for tensor in trained { tensor.requiresGradient = true }
    func step() -> Double {
      let start = monotonicSeconds()
      for part in middle.split(plan.microBatchSize, tokens: plan.microBatchTokens, of: data.examples) {
        let loss = compute.dtype == .float32
          ? task.summedLoss(part, .training(generator)) : autocast(compute.dtype, on: compute.device) { task.summedLoss(part, .training(generator)) }
        loss.backward()
      }
      for tensor in trained { tensor.gradient = nil }
      return monotonicSeconds() - start
    }
    _ = step()
    let perToken = min(step(), step()) / Double(middle.ids.count)
    let perEpoch = Double(data.train.tokens)
    let epochs = Double(plan.steps) / Double(batches.count)
    let validations = Double(plan.steps) / Double(max(1, plan.validateEvery)) + 1
    return perToken * (perEpoch * epochs + Double(data.validation.tokens) / 3 * validations)
  }

  private func batches(_ plan: TrainingPlan) -> [[Int]] {
    BatchSampler(lengths: data.examples.map { $0.ids.count }, batchSize: plan.batchSize, seed: finetune.settings.training.seed, shuffles: plan.shuffles).batches(ofEpoch: 0)
  }

  /// What the process held besides the weights it has loaded.
  private static func withoutModel(_ held: Int, _ model: any TrainableLanguageModel) -> Int {
    max(0, held - model.parameters.parameters.reduce(0) { $0 + $1.tensor.count * $1.tensor.dtype.size })
  }

  private static func aligned(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}
