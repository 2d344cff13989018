import Checkpoints
import Files
import Generation
import Models
import NN
import Torch

/// The two decoders: the CPU's kernels, and what runs elsewhere.
enum DecoderKind: CaseIterable, Sendable {
  case kernels, composed
}

/// A random LLaMA of a few thousand weights: grouped queries, sizes that fill no vector, and what a case asks for beyond.
struct TinyModel {
  let config: LlamaConfig
  let network: LlamaForCausalLM
  /// The same weights in float32.
  private let reference: LlamaForCausalLM

  /// - Parameters:
  ///   - type: of the stored weights.
  ///   - keys: of config.json, over the defaults.
  init(type: DType = .float32, _ keys: JSONObject = [:], seed: UInt64 = 1) throws {
    var json: JSONObject = [
      "model_type": "llama", "vocab_size": 97, "hidden_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
      "intermediate_size": 52, "max_position_embeddings": 512, "initializer_range": 0.2, "tie_word_embeddings": false, "bos_token_id": 1, "eos_token_id": 2,
    ]
    for (key, value) in keys { json[key] = value }
    config = try ModelConfig(.object(json), path: "config.json").decoder
    let made = ParameterStore(source: nil, seed: seed)
    _ = LlamaForCausalLM(config, at: made.root)
    let generator = Generator(seed: seed + 1)
    // Norms of 1 would hide a norm that is left out.
    let tensors = made.parameters.map { parameter in
      (parameter.name, (parameter.tensor.rank == 1 ? parameter.tensor + Tensor.randn(parameter.tensor.shape, generator: generator) * 0.2 : parameter.tensor).to(type))
    }
    let store = ParameterStore(source: Tensors(tensors), frozen: true)
    network = LlamaForCausalLM(config, at: store.root)
    try store.finish()
    reference = LlamaForCausalLM(config, at: ParameterStore(source: Tensors(tensors), frozen: true, frozenType: .float32).root)
  }

  func decoder(slots: Int = 4, capacity: Int = 128) -> CausalDecoder { network.decoder(config, slots: slots, capacity: capacity) }

  func backend(_ kind: DecoderKind, slots: Int = 4, capacity: Int = 128) -> any CausalBackend {
    switch kind {
    case .kernels: network.decoder(config, slots: slots, capacity: capacity)
    case .composed: network.composedDecoder(config, slots: slots, capacity: capacity)
    }
  }

  /// Logits of every token of one row, by the training-style forward pass in float32: (tokens, vocabulary).
  func logits(_ ids: [Int32]) -> [Float] {
    withoutGradients { reference.logits(PackedTokens(ids: ids, lengths: [ids.count])) }.array(Float.self)
  }

  /// The answer of the slow way: the whole sequence again for every token.
  func greedy(_ prompt: [Int32], _ count: Int) -> [Int32] {
    var ids = prompt
    for _ in 0..<count {
      let last = logits(ids).suffix(config.vocabularySize)
      ids.append(Int32(last.indices.max { last[$0] < last[$1] }! - last.startIndex))
    }
    return Array(ids.dropFirst(prompt.count))
  }

  private struct Tensors: ParameterSource {
    let names: [String]
    let tensors: [String: Tensor]
    init(_ pairs: [(String, Tensor)]) {
      names = pairs.map(\.0)
      tensors = Dictionary(uniqueKeysWithValues: pairs)
    }
    func description(of name: String) -> (shape: [Int], dtype: DType)? { tensors[name].map { ($0.shape, $0.dtype) } }
    func tensor(_ name: String) -> Tensor { tensors[name]! }
  }
}

/// Ids that look random and are the same every time.
func ids(_ count: Int, from seed: Int, vocabulary: Int = 97) -> [Int32] {
  (0..<count).map { Int32((($0 * 31 + seed * 57) ^ ($0 * seed + 13)) % (vocabulary - 3) + 3) }
}

extension CausalBackend {
  /// The logits of every token of a prompt, (tokens, vocabulary).
  func prompt(_ ids: [Int32], slot: Int = 0, from position: Int = 0) -> [Float] {
    var tokens = CausalDecoder.Tokens()
    for (i, id) in ids.enumerated() { tokens.append(id, slot: slot, position: position + i, isWanted: true) }
    var logits: [Float] = []
    _ = run(tokens, isPrompt: true, logits: &logits)
    return Array(logits.prefix(ids.count * vocabularySize))
  }
}
