import Checkpoints
import Configuration
import Datasets
import Models
import NN
import Reports
import Torch
import Training

/// What a fine-tuning run will take of memory, by formula, once its model is loaded.
struct FinetuneCost {
  let memory: MemoryModel
  /// What the process holds besides the weights; 0 for a device of its own.
  let process: Int

  /// - Parameter held: bytes that the process held after loading the model and before the first step.
  init(_ finetune: Finetune, _ model: any TrainableLanguageModel, _ data: FinetuneData, _ plan: TrainingPlan, _ compute: ComputeChoice, held: Int) {
    let parts = Self.batches(finetune, data, plan).flatMap {
      Batch($0, of: data.examples).split(plan.microBatchSize, tokens: plan.microBatchTokens, of: data.examples)
    }
    let largest = parts.max { $0.ids.count < $1.ids.count }
    let isLoRA = finetune.settings.method == .lora
    memory = MemoryModel(
      shape: .init(model.config), tokens: largest?.ids.count ?? 0,
      targets: (largest?.rows ?? []).reduce(0) { $0 + data.train.sequences[$1].targetCount },
      trained: model.parameters.trainable.reduce(0) { $0 + $1.tensor.count }, isFull: !isLoRA, elementBytes: compute.dtype.size,
      checkpoints: finetune.settings.training.gradientCheckpointing, rank: isLoRA ? finetune.settings.lora.rank : 0)
    let weights = model.parameters.parameters.reduce(0) { $0 + $1.tensor.count * $1.tensor.dtype.size }
    process = compute.device.isCPU ? max(0, held - weights) + MemoryModel.firstStep : 0
  }

  /// The rows of each step of the first epoch.
  static func batches(_ finetune: Finetune, _ data: FinetuneData, _ plan: TrainingPlan) -> [[Int]] {
    BatchSampler(lengths: data.examples.map { $0.ids.count }, batchSize: plan.batchSize, seed: finetune.settings.training.seed, shuffles: plan.shuffles)
      .batches(ofEpoch: 0)
  }

  var total: Int { memory.total + process }

  var parts: [(name: String, bytes: Int)] {
    [
      ("weights", memory.weights), ("gradients and moments", memory.state), ("activations", memory.activations), ("head", memory.head),
      ("the rest of the process", process),
    ].filter { $0.bytes > 0 }
  }
}
