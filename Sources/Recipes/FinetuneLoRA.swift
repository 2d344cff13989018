import Checkpoints
import Configuration
import Models
import Torch

/// `attune train lora`: low-rank updates (Hu et al. 2021) of a frozen model, saved as PEFT saves them.
///
/// The base keeps the precision of the computation, its matrices in bf16 where that is what is multiplied; the adapters are fp32.
/// ```
/// runs/NAME/  config.yaml  manifest.json  metrics.jsonl  trainer_state.json  events…  results.json  checkpoints/step-N/
///   best/     the adapter of the best validation; `adapter` is another name for it
/// ```
struct FinetuneLoRA {
  let job: FinetuneJob

  func run() throws -> JobResult {
    try Finetune(job: job, product: "adapter", use: use) { compute in
      try CausalModel.load(
        job.settings.model.base, adapter: job.settings.model.adapter, newAdapter: job.settings.model.adapter == nil ? adapter : nil, frozenType: compute.dtype, dropout: job.settings.model.dropout, device: compute.device,
        seed: job.settings.training.seed)
    }.run()
  }

  private func use(_ folder: String) -> String {
    """
      attune generate --model \(job.settings.model.base) --adapter \(folder) --dataset imhi --output answers
      attune merge --base \(job.settings.model.base) --adapter \(folder) --output merged
    """
  }

  /// What PEFT would be asked for.
  var adapter: AdapterConfig { AdapterConfig(job.settings.lora, task: .causalLM) }
}
