import Configuration

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
    let model = try FinetuneModel(job.settings)
    return try Finetune(job: job, product: "adapter", use: { use($0, model) }, makeModel: model.load).run()
  }

  private func use(_ folder: String, _ model: FinetuneModel) -> String {
    """
      attune generate --model \(job.settings.model.base) --adapter \(folder) --dataset \(model.dataset) --output answers
      attune merge --base \(job.settings.model.base) --adapter \(folder) --output merged
    """
  }
}
