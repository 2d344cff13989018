internal import Glibc

/// The tensors of a new BART or T5, as transformers names and initialises them.
extension RandomWeights {
  static func plan(_ c: BartConfig, classes: Int?) -> Plan {
    let hidden = c.hiddenSize
    func linear(_ name: String, _ input: Int, _ output: Int) -> Plan {
      [("\(name).weight", [output, input], .normal), ("\(name).bias", [output], .zeros)]
    }
    func norm(_ name: String) -> Plan { [("\(name).weight", [hidden], .ones), ("\(name).bias", [hidden], .zeros)] }
    func attention(_ name: String) -> Plan { ["q_proj", "k_proj", "v_proj", "out_proj"].flatMap { linear("\(name).\($0)", hidden, hidden) } }
    func stack(_ name: String, _ stack: BartConfig.Stack, isDecoder: Bool) -> Plan {
      let positions: Plan = [("model.\(name).embed_positions.weight", [c.maxPositions + BartConfig.positionOffset, hidden], .normal)]
      return positions + norm("model.\(name).layernorm_embedding")
        + (0..<stack.layers).flatMap { layer -> Plan in
          let path = "model.\(name).layers.\(layer)"
          let cross = isDecoder ? attention("\(path).encoder_attn") + norm("\(path).encoder_attn_layer_norm") : []
          return attention("\(path).self_attn") + norm("\(path).self_attn_layer_norm") + cross + linear("\(path).fc1", hidden, stack.intermediateSize)
            + linear("\(path).fc2", stack.intermediateSize, hidden) + norm("\(path).final_layer_norm")
        }
    }
    let shared: Plan = [("model.shared.weight", [c.vocabularySize, hidden], .embedding(padding: c.ids.padding))]
    var head: Plan = [("final_logits_bias", [1, c.vocabularySize], .zeros)]
    if !c.tiesEmbeddings { head.append(("lm_head.weight", [c.vocabularySize, hidden], .normal)) }
    if let classes { head = linear("classification_head.dense", hidden, hidden) + linear("classification_head.out_proj", hidden, classes) }
    return shared + stack("encoder", c.encoder, isDecoder: false) + stack("decoder", c.decoder, isDecoder: true) + head
  }

  /// Deviations are Mesh TensorFlow's: a product of unit inputs has unit variance.
  static func plan(_ c: T5Config, classes: Int?) -> Plan {
    let (hidden, inner, factor) = (c.hiddenSize, c.innerSize, c.initializerFactor)
    let root = classes == nil ? "" : "transformer."
    func matrix(_ name: String, _ input: Int, _ output: Int, fan: Int) -> Plan {
      [("\(name).weight", [output, input], .deviating(factor / Double(fan).squareRoot()))]
    }
    func norm(_ name: String) -> Plan { [("\(name).layer_norm.weight", [hidden], .ones)] }
    func attention(_ name: String) -> Plan {
      matrix("\(name).q", hidden, inner, fan: hidden * c.headWidth) + matrix("\(name).k", hidden, inner, fan: hidden)
        + matrix("\(name).v", hidden, inner, fan: hidden) + matrix("\(name).o", inner, hidden, fan: inner)
    }
    func stack(_ name: String, layers: Int, isDecoder: Bool) -> Plan {
      (0..<layers).flatMap { block -> Plan in
        let path = "\(root)\(name).block.\(block).layer"
        var plan = attention("\(path).0.SelfAttention") + norm("\(path).0")
        if block == 0 { plan += matrix("\(path).0.SelfAttention.relative_attention_bias", c.heads, c.buckets, fan: hidden) }
        if isDecoder { plan += attention("\(path).1.EncDecAttention") + norm("\(path).1") }
        let last = "\(path).\(isDecoder ? 2 : 1)"
        for input in c.isGated ? ["wi_0", "wi_1"] : ["wi"] { plan += matrix("\(last).DenseReluDense.\(input)", hidden, c.intermediateSize, fan: hidden) }
        return plan + matrix("\(last).DenseReluDense.wo", c.intermediateSize, hidden, fan: c.intermediateSize) + norm(last)
      } + [("\(root)\(name).final_layer_norm.weight", [hidden], .ones)]
    }
    var head: Plan = c.tiesEmbeddings ? [] : [("lm_head.weight", [c.vocabularySize, hidden], .normal)]
    if let classes {
      head = matrix("classification_head.dense", hidden, hidden, fan: hidden) + [("classification_head.dense.bias", [hidden], .zeros)]
        + matrix("classification_head.out_proj", hidden, classes, fan: hidden) + [("classification_head.out_proj.bias", [classes], .zeros)]
    }
    return [("\(root)shared.weight", [c.vocabularySize, hidden], .normal)] + stack("encoder", layers: c.encoderLayers, isDecoder: false)
      + stack("decoder", layers: c.decoderLayers, isDecoder: true) + head
  }
}
