import Checkpoints
import Files
import Glibc
import Models
import NN
import Torch

/// `attune-bench adapter`: logits of a model with an adapter on rows of ids, for `scripts/reference/peft_roundtrip.py`.
///
/// `--model DIR --ids FILE` and `--adapter DIR`, or `--new FILE` for a new adapter of that `adapter_config.json`, whose B is drawn at
/// random; `--save DIR` writes the adapter again. Prints `{"logits": […], "keys": […]}`, the logits of every row end to end.
enum AdapterExchange {
  static func run(_ arguments: [String]) throws {
    var options: [String: String] = [:]
    for (name, value) in zip(arguments, arguments.dropFirst()) where name.hasPrefix("--") { options[name] = value }
    guard let model = options["--model"], let path = options["--ids"] else {
      print("usage: attune-bench adapter --model DIR --ids FILE [--adapter DIR | --new FILE] [--save DIR] [--labels a,b,c]")
      exit(64)
    }
    let rows = try JSON.read(path).array?.map { $0.array?.compactMap(\.int).map(Int32.init) ?? [] } ?? []
    let new = try options["--new"].map { try AdapterConfig(try JSON.read($0), path: $0) }
    let found = try load(model, options["--adapter"], new, labels: options["--labels"]?.split(separator: ",").map(String.init))
    if new != nil {
      let generator = Generator(seed: 11)
      for parameter in found.parameters.trainable where parameter.name.contains("lora_B") || parameter.name.hasSuffix("lora_embedding_A") {
        parameter.tensor.copy(from: .randn(parameter.tensor.shape, generator: generator) * 0.1)
      }
    }
    if let folder = options["--save"] { try AtomicWrite.folder(folder) { try found.save($0) } }
    let logits = withoutGradients { rows.flatMap { found.logits(PackedTokens(ids: $0, lengths: [$0.count])).array(Float.self) } }
    let keys = found.parameters.adapterTensors.map { JSON.string($0.name) }
    print(JSON.object(["logits": .array(logits.map { .number(Double($0)) }), "keys": .array(keys)]).encoded())
  }

  private struct Loaded {
    let parameters: ParameterStore
    let logits: (PackedTokens) -> Tensor
    let save: (String) throws -> Void
  }

  private static func load(_ folder: String, _ adapter: String?, _ new: AdapterConfig?, labels: [String]?) throws -> Loaded {
    let config = try adapter.map { try AdapterConfig.read(folder: $0) } ?? new
    if config?.task == .sequenceClassification {
      let model = try ClassifierModel.load(folder, adapter: adapter, newAdapter: new, labels: labels)
      return Loaded(parameters: model.parameters, logits: { model.network.logits($0, .evaluation) }, save: model.save)
    }
    let model = try CausalModel.load(folder, adapter: adapter, newAdapter: new)
    return Loaded(parameters: model.parameters, logits: { model.network.logits($0) }, save: model.save)
  }
}
