import Checkpoints
import Models
import NN
import TestSupport
import Testing
import Torch

/// A decoder that keeps only its layers' inputs, against the same one keeping everything.
@Suite(.serialized) struct CheckpointedModelTests {
  struct EveryProjection: AdapterPlan {
    func update(ofLayer path: String) -> LowRankUpdate? {
      path.hasSuffix("_proj") ? LowRankUpdate(rank: 4, scale: 2, dropout: 0.3, start: .random) : nil
    }
    func trainsWhole(_ name: String) -> Bool { name.hasSuffix("layernorm.weight") }
  }

  /// Bits of the loss and of every gradient, and the generator's next number.
  @Test(arguments: [DType.float32, .bfloat16], [true, false])
  func checkpointingChangesNoBit(compute: DType, kernels: Bool) throws {
    Kernels.areOn = kernels
    defer { Kernels.areOn = true }
    let config = try ModelConfig.read(folder: Fixtures.path("a_models/llama_seqcls")).decoder
    let store = ParameterStore(source: nil, adapters: AdapterSetup(EveryProjection()), frozenType: compute, seed: 1)
    let model = LlamaModel(config, at: store.root["model"])
    for parameter in store.trainable { parameter.tensor.requiresGradient = true }
    let batch = PackedTokens(ids: (0..<40).map { Int32($0 * 37 % config.vocabularySize) }, lengths: [23, 1, 16])
    func run(_ checkpoints: Bool) -> (Double, [[Float]], UInt64) {
      let generator = Generator(seed: 2)
      func forward() -> Tensor { model(batch, .training(generator), checkpoints: checkpoints).to(.float32).squared().sum() }
      let loss = compute == .bfloat16 ? autocast(.bfloat16, on: .cpu, forward) : forward()
      loss.backward()
      defer { for parameter in store.trainable { parameter.tensor.gradient = nil } }
      return (loss.item, store.trainable.map { $0.tensor.gradient?.array(Float.self) ?? [] }, generator.next())
    }
    let (whole, again) = (run(false), run(true))
    #expect(whole.0 == again.0 && whole.1 == again.1 && whole.2 == again.2)
    #expect(whole.1.filter { $0.contains { $0 != 0 } }.count == whole.1.count, "a trained tensor without gradient")
  }
}
