import Configuration

/// `attune train full`: every weight of a language model, in fp32 with matrix products in the run's precision.
/// ```
/// runs/NAME/  config.yaml  manifest.json  metrics.jsonl  trainer_state.json  events…  results.json  checkpoints/step-N/
///   best/     the model of the best validation, as transformers reads it; `model` is another name for it
/// ```
struct FinetuneFull {
  let job: FinetuneJob

  func run() throws -> JobResult {
    let model = try FinetuneModel(job.settings)
    return try Finetune(
      job: job, product: "model", use: { "  attune generate --model \($0) --dataset \(model.dataset) --output answers" }, makeModel: model.load
    ).run()
  }
}
