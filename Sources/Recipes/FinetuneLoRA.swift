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
        job.settings.model.base, newAdapter: adapter, frozenType: compute.dtype, dropout: job.settings.model.dropout, device: compute.device,
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
  var adapter: AdapterConfig {
    let settings = job.settings.lora
    var config = AdapterConfig()
    config.task = .causalLM
    config.rank = settings.rank
    config.alpha = settings.alpha
    config.dropout = settings.dropout
    switch settings.targets {
    case .allLinear: config.targets = .allLinear
    case .names, .pattern: config.targets = .modules(.init(settings.targets))
    }
    config.excluded = settings.excluded.map { .init($0) }
    config.useRSLoRA = settings.useRSLoRA
    config.useDoRA = settings.useDoRA
    config.modulesToSave = settings.modulesToSave
    config.bias = switch settings.bias { case .none: .none; case .all: .all; case .loraOnly: .loraOnly }
    config.ranks = settings.rankPattern.entries.map { .init($0.pattern, $0.value) }
    config.alphas = settings.alphaPattern.entries.map { .init($0.pattern, $0.value) }
    config.layers = settings.layers
    return config
  }
}

extension AdapterConfig.Modules {
  fileprivate init(_ selection: ModuleSelection) {
    switch selection {
    case .allLinear: self = .names(["all-linear"])
    case .names(let names): self = .names(names)
    case .pattern(let pattern): self = .pattern(pattern)
    }
  }
}
