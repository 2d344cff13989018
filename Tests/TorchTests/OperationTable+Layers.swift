import Torch

/// Shapes, indices, layers, creation and lists.
extension OperationTable {
  static let shapes: [String: @Sendable (Arguments) -> Tensor] = [
    "reshape": { $0[0].reshaped($0.ints("sizes")) },
    "view": { let n = $0.ints("sizes"); return $0[0].view(n[0], n[1]) },
    "expand": { let n = $0.ints("sizes"); return $0[0].expanded(n[0], n[1], n[2]) },
    "permute": { let n = $0.ints("sizes"); return n.count == 2 ? $0[0].permuted(n[0], n[1]) : $0[0].permuted(n[0], n[1], n[2]) },
    "repeat": { let n = $0.ints("sizes"); return n.count == 2 ? $0[0].tiled(n[0], n[1]) : $0[0].tiled(n[0], n[1], n[2]) },
    "flip": { let n = $0.ints("sizes"); return n.count == 1 ? $0[0].flipped(n[0]) : $0[0].flipped(n[0], n[1]) },
    "pad": {
      let n = $0.ints("sizes")
      return n.count == 2 ? $0[0].padded(n[0], n[1], value: $0.value) : $0[0].padded(n[0], n[1], n[2], n[3], value: $0.value)
    },
    "transpose": { $0[0].transposed($0.int("a"), $0.int("b")) }, "squeeze": { $0[0].squeezed($0.dim) },
    "unsqueeze": { $0[0].unsqueezed($0.dim) }, "flatten": { $0[0].flattened($0.int("first"), $0.int("last")) },
    "repeat_interleave": { $0[0].repeatInterleaved($0.int("count"), dim: $0.dim) },
    "roll": { $0[0].rolled($0.int("shift"), dim: $0.dim) },
    "tril": { $0[0].lowerTriangle(diagonal: $0.int("diagonal")) }, "triu": { $0[0].upperTriangle(diagonal: $0.int("diagonal")) },
    "cat": { Tensor.concatenated($0.list, dim: $0.dim) }, "stack": { Tensor.stacked($0.list, dim: $0.dim) },
    "narrow": { $0[0].narrow($0.dim, $0.int("start"), $0.int("length")) },
    "slice": { $0[0].sliced($0.dim, from: $0.int("start"), to: $0.int("end"), step: $0.int("step")) },
    "select": { $0[0].select($0.dim, $0.int("index")) },
  ]

  static let indexing: [String: @Sendable (Arguments) -> Tensor] = [
    "index_select": { $0[0].indexSelect($0.dim, $0[1]) }, "gather": { $0[0].gather($0.dim, $0[1]) },
    "scatter": { $0[0].scattered($0.dim, $0[1], $0[2]) }, "scatter_add": { $0[0].scatterAdded($0.dim, $0[1], $0[2]) },
    "index_add": { $0[0].indexAdded($0.dim, $0[1], $0[2]) },
    "index_copy_": { $0[0].indexCopy($0.dim, $0[1], $0[2]); return $0[0] },
    "index": { $0[0][Array($0.tensors.dropFirst())] },
    "index_put_": { $0[0].indexPut(Array($0.tensors.dropFirst(2)), $0[1], accumulate: $0.bool("accumulate")); return $0[0] },
    "masked_select": { $0[0].maskedSelect($0[1]) }, "one_hot": { $0[0].oneHot($0.int("classes")) },
  ]

  static let layers: [String: @Sendable (Arguments) -> Tensor] = [
    "linear": { $0[0].linear($0[1], $0.tensors[2]) }, "embedding": { $0[0].embedding($0[1], paddingIndex: $0.int("padding")) },
    "layer_norm": { $0[0].layerNorm(weight: $0.tensors[1], bias: $0.tensors[2], epsilon: $0.double("epsilon")) },
    "rms_norm": { $0[0].rmsNorm(weight: $0.tensors[1], epsilon: $0.double("epsilon")) },
    "scaled_dot_product_attention": {
      Tensor.scaledDotProductAttention(
        $0[0], $0[1], $0[2], mask: $0.tensors[3], causal: $0.has("causal"), scale: $0.optional("scale"),
        grouped: $0.has("grouped"))
    },
    "gelu": { $0[0].gelu(tanhApproximation: $0.bool("tanh")) }, "dropout": { $0[0].dropout($0.double("p"), training: $0.bool("train")) },
    "cross_entropy": {
      $0[0].crossEntropy(
        $0[1], weight: $0.tensors[2], reduction: $0.reduction, ignoring: $0.int("ignoring", or: -100),
        labelSmoothing: $0.optional("smoothing") ?? 0)
    },
    "binary_cross_entropy_with_logits": {
      $0[0].binaryCrossEntropyWithLogits($0[1], weight: $0.tensors[2], positiveWeight: $0.tensors[3], reduction: $0.reduction)
    },
    "mse_loss": { $0[0].meanSquaredError($0[1], reduction: $0.reduction) },
  ]

  static let creation: [String: @Sendable (Arguments) -> Tensor] = [
    "full": { Tensor.full($0.ints("sizes"), $0.value, dtype: $0.dtype) },
    "arange": { Tensor.arange($0.double("start"), $0.double("end"), step: $0.double("step"), dtype: $0.dtype) },
    "eye": { Tensor.eye($0.int("n"), dtype: $0.dtype) }, "to_dtype": { $0[0].to($0.dtype) },
    "rand": { Tensor.rand($0.ints("sizes"), generator: $0.generator, dtype: $0.dtype) },
    "randn": { Tensor.randn($0.ints("sizes"), generator: $0.generator, dtype: $0.dtype) },
    "randint": { Tensor.randint($0.int("low"), $0.int("high"), $0.ints("sizes"), generator: $0.generator) },
    "randperm": { Tensor.randperm($0.int("n"), generator: $0.generator) },
    "bernoulli": { $0[0].bernoulli(generator: $0.generator) },
    "multinomial": { $0[0].multinomial($0.int("count"), replacement: $0.bool("replacement"), generator: $0.generator) },
  ]

  /// Operations with several results, and those over lists. A list operation with two lists has them one after the other.
  static let several: [String: @Sendable (Arguments) -> [Tensor]] = [
    "topk": { let r = $0[0].topk($0.int("k"), dim: $0.dim, largest: $0.bool("largest")); return [r.values, r.indices] },
    "sort": { let r = $0[0].sorted(dim: $0.dim, descending: $0.bool("descending")); return [r.values, r.indices] },
    "max_along": { let r = $0[0].max(along: $0.dim, keepDim: $0.keep); return [r.values, r.indices] },
    "split": { $0[0].split($0.ints("sizes"), dim: $0.dim) },
    "foreach_add_": { let (a, b) = halves($0.list); Foreach.add(a, b, alpha: $0.double("alpha")); return a },
    "foreach_copy_": { let (a, b) = halves($0.list); Foreach.copy(a, from: b); return a },
    "foreach_mul_scalar_": { Foreach.multiply($0.list, by: $0.double("scalar")); return $0.list },
    "foreach_mul_tensor_": { let a = Array($0.list.dropLast()); Foreach.multiply(a, by: $0.list.last!); return a },
    "foreach_zero_": { Foreach.zero($0.list); return $0.list },
    "foreach_norm": { Foreach.norms($0.list, p: $0.double("p")) },
  ]

  private static func halves(_ all: [Tensor]) -> ([Tensor], [Tensor]) {
    (Array(all.prefix(all.count / 2)), Array(all.suffix(all.count / 2)))
  }
}
