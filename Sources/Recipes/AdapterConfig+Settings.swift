import Checkpoints
import Configuration

extension AdapterConfig {
  /// What PEFT would be asked for.
  init(_ settings: LoRASettings, task: Task) {
    self.init()
    self.task = task
    rank = settings.rank
    alpha = settings.alpha
    dropout = settings.dropout
    switch settings.targets {
    case .allLinear: targets = .allLinear
    case .names, .pattern: targets = .modules(.init(settings.targets))
    }
    excluded = settings.excluded.map { .init($0) }
    useRSLoRA = settings.useRSLoRA
    useDoRA = settings.useDoRA
    modulesToSave = settings.modulesToSave
    switch settings.bias {
    case .none: bias = .none
    case .all: bias = .all
    case .loraOnly: bias = .loraOnly
    }
    ranks = settings.rankPattern.entries.map { .init($0.pattern, $0.value) }
    alphas = settings.alphaPattern.entries.map { .init($0.pattern, $0.value) }
    layers = settings.layers
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
