import Checkpoints
import Configuration
import Models
import Torch
import Training

/// The model that is fine-tuned: a decoder, or an encoder-decoder, as its folder says.
struct FinetuneModel {
  let config: ModelConfig
  private let settings: FinetuneSettings

  init(_ settings: FinetuneSettings) throws {
    self.settings = settings
    config = try LanguageModels.config(of: settings.model.base)
  }

  /// What is asked of the model afterwards.
  var dataset: String { config.family.isEncoderDecoder ? "imhi-completion" : "imhi" }

  /// What PEFT would be asked for; nil where an adapter is trained on.
  private var newAdapter: AdapterConfig? {
    guard settings.method == .lora, settings.model.adapter == nil else { return nil }
    return AdapterConfig(settings.lora, task: config.family.isEncoderDecoder ? .sequenceToSequence : .causalLM)
  }

  /// Frozen matrices in the precision of the computation, what is trained in float32.
  func load(_ compute: ComputeChoice) throws -> any TrainableLanguageModel {
    let (model, seed) = (settings.model, settings.training.seed)
    let frozen = settings.method == .lora ? compute.dtype : nil
    if config.family.isEncoderDecoder {
      return try EncoderDecoderModel.load(
        model.base, adapter: model.adapter, newAdapter: newAdapter, frozenType: frozen, dropout: model.dropout, device: compute.device, seed: seed)
    }
    return try CausalModel.load(
      model.base, adapter: model.adapter, newAdapter: newAdapter, frozenType: frozen, dropout: model.dropout, device: compute.device, seed: seed)
  }
}
