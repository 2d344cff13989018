import Torch

/// The Swift spelling of each C function, by the name of the C function.
enum OperationTable {
  typealias Operation = (Arguments) -> [Tensor]

  /// Every operation the golden cases may name.
  static func operation(_ name: String) -> Operation? {
    if let body = unary[name] { return { [body($0[0])] } }
    if let body = binary[name] { return { [body($0[0], $0[1])] } }
    if let body = scalar[name] { return { [body($0[0], $0.value)] } }
    if let body = inPlace[name] {
      return { body($0[0], $0[1]); return [$0[0]] }
    }
    if let body = inPlaceScalar[name] {
      return { body($0[0], $0.value); return [$0[0]] }
    }
    if let body = reductions[name] { return { [reduce($0, body)] } }
    if let body = math[name] ?? shapes[name] ?? indexing[name] ?? layers[name] ?? creation[name] { return { [body($0)] } }
    return several[name]
  }

  static let unary: [String: @Sendable (Tensor) -> Tensor] = [
    "neg": { -$0 }, "abs": { $0.abs() }, "exp": { $0.exp() }, "expm1": { $0.expm1() }, "log": { $0.log() }, "log1p": { $0.log1p() },
    "sqrt": { $0.sqrt() }, "rsqrt": { $0.rsqrt() }, "square": { $0.squared() }, "reciprocal": { $0.reciprocal() }, "sin": { $0.sin() },
    "cos": { $0.cos() }, "tanh": { $0.tanh() }, "sigmoid": { $0.sigmoid() }, "log_sigmoid": { $0.logSigmoid() }, "relu": { $0.relu() },
    "silu": { $0.silu() }, "softplus": { $0.softplus() }, "erf": { $0.erf() }, "sign": { $0.sign() }, "floor": { $0.floor() },
    "ceil": { $0.ceil() }, "round": { $0.rounded() }, "isfinite": { $0.isFinite() }, "isnan": { $0.isNaN() },
    "isinf": { $0.isInfinite() }, "logical_not": { $0.logicalNot() }, "bitwise_not": { $0.bitwiseNot() }, "clone": { $0.clone() },
    "detach": { $0.detached() }, "contiguous": { $0.contiguous() }, "zeros_like": { $0.zerosLike() }, "ones_like": { $0.onesLike() },
    "nonzero": { $0.nonzero() },
  ]

  static let binary: [String: @Sendable (Tensor, Tensor) -> Tensor] = [
    "add": { $0 + $1 }, "sub": { $0 - $1 }, "mul": { $0 * $1 }, "div": { $0 / $1 }, "pow": { $0.pow($1) },
    "remainder": { $0.remainder($1) }, "maximum": { $0.maximum($1) }, "minimum": { $0.minimum($1) }, "eq": { $0.equal(to: $1) },
    "ne": { $0.notEqual(to: $1) }, "lt": { $0.less(than: $1) }, "le": { $0.lessOrEqual(than: $1) }, "gt": { $0.greater(than: $1) },
    "ge": { $0.greaterOrEqual(than: $1) }, "logical_and": { $0.logicalAnd($1) }, "logical_or": { $0.logicalOr($1) },
    "bitwise_and": { $0.bitwiseAnd($1) }, "bitwise_or": { $0.bitwiseOr($1) }, "matmul": { $0.matmul($1) }, "mm": { $0.mm($1) },
    "bmm": { $0.bmm($1) }, "mv": { $0.mv($1) }, "dot": { $0.dot($1) }, "outer": { $0.outer($1) },
    "equal": { Tensor(scalar: $0.isEqual(to: $1)) },
  ]

  /// The four that begin with r have the number on the left.
  static let scalar: [String: @Sendable (Tensor, Double) -> Tensor] = [
    "add_scalar": { $0 + $1 }, "sub_scalar": { $0 - $1 }, "mul_scalar": { $0 * $1 }, "div_scalar": { $0 / $1 },
    "pow_scalar": { $0.pow($1) }, "remainder_scalar": { $0.remainder($1) }, "eq_scalar": { $0.equal(to: $1) },
    "ne_scalar": { $0.notEqual(to: $1) }, "lt_scalar": { $0.less(than: $1) }, "le_scalar": { $0.lessOrEqual(than: $1) },
    "gt_scalar": { $0.greater(than: $1) }, "ge_scalar": { $0.greaterOrEqual(than: $1) }, "radd_scalar": { $1 + $0 },
    "rsub_scalar": { $1 - $0 }, "rmul_scalar": { $1 * $0 }, "rdiv_scalar": { $1 / $0 },
  ]

  static let inPlace: [String: @Sendable (Tensor, Tensor) -> Void] = [
    "add_": { $0.add($1) }, "sub_": { $0.subtract($1) }, "mul_": { $0.multiply(by: $1) }, "div_": { $0.divide(by: $1) },
    "copy_": { $0.copy(from: $1) },
  ]

  static let inPlaceScalar: [String: @Sendable (Tensor, Double) -> Void] = [
    "add_scalar_": { $0.add($1) }, "sub_scalar_": { $0.subtract($1) }, "mul_scalar_": { $0.multiply(by: $1) },
    "div_scalar_": { $0.divide(by: $1) }, "fill_scalar_": { $0.fill($1) },
  ]

  /// The methods take their dimensions as a variable list, so none, one and two are spelled out.
  struct Reducer: Sendable {
    let none: @Sendable (Tensor, Arguments) -> Tensor
    let one: @Sendable (Tensor, Int, Arguments) -> Tensor
    let two: @Sendable (Tensor, Int, Int, Arguments) -> Tensor
  }
  static func reduce(_ a: Arguments, _ body: Reducer) -> Tensor {
    let dims = a.ints("dims")
    switch dims.count {
    case 0: return body.none(a[0], a)
    case 1: return body.one(a[0], dims[0], a)
    default: return body.two(a[0], dims[0], dims[1], a)
    }
  }
  static let reductions: [String: Reducer] = [
    "sum": Reducer(none: { $0.sum(keepDim: $1.keep) }, one: { $0.sum($1, keepDim: $2.keep) }, two: { $0.sum($1, $2, keepDim: $3.keep) }),
    "mean": Reducer(none: { $0.mean(keepDim: $1.keep) }, one: { $0.mean($1, keepDim: $2.keep) }, two: { $0.mean($1, $2, keepDim: $3.keep) }),
    "amax": Reducer(none: { $0.amax(keepDim: $1.keep) }, one: { $0.amax($1, keepDim: $2.keep) }, two: { $0.amax($1, $2, keepDim: $3.keep) }),
    "amin": Reducer(none: { $0.amin(keepDim: $1.keep) }, one: { $0.amin($1, keepDim: $2.keep) }, two: { $0.amin($1, $2, keepDim: $3.keep) }),
    "logsumexp": Reducer(
      none: { $0.logSumExp(keepDim: $1.keep) }, one: { $0.logSumExp($1, keepDim: $2.keep) }, two: { $0.logSumExp($1, $2, keepDim: $3.keep) }),
    "all": Reducer(none: { $0.all(keepDim: $1.keep) }, one: { $0.all($1, keepDim: $2.keep) }, two: { $0.all($1, $2, keepDim: $3.keep) }),
    "any": Reducer(none: { $0.any(keepDim: $1.keep) }, one: { $0.any($1, keepDim: $2.keep) }, two: { $0.any($1, $2, keepDim: $3.keep) }),
    "var": Reducer(
      none: { $0.variance(correction: $1.int("correction"), keepDim: $1.keep) },
      one: { $0.variance($1, correction: $2.int("correction"), keepDim: $2.keep) },
      two: { $0.variance($1, $2, correction: $3.int("correction"), keepDim: $3.keep) }),
    "norm": Reducer(
      none: { $0.norm(p: $1.double("p"), keepDim: $1.keep) }, one: { $0.norm($1, p: $2.double("p"), keepDim: $2.keep) },
      two: { $0.norm($1, $2, p: $3.double("p"), keepDim: $3.keep) }),
  ]

  static let math: [String: @Sendable (Arguments) -> Tensor] = [
    "softmax": { $0[0].softmax(dim: $0.dim) }, "log_softmax": { $0[0].logSoftmax(dim: $0.dim) },
    "cumsum": { $0[0].cumulativeSum(dim: $0.dim) }, "argmax": { $0[0].argmax(dim: $0.dim, keepDim: $0.keep) },
    "argmin": { $0[0].argmin(dim: $0.dim, keepDim: $0.keep) },
    "add_scaled_": { $0[0].add($0[1], alpha: $0.double("alpha")); return $0[0] },
    "lerp_": { $0[0].interpolate(to: $0[1], weight: $0.double("weight")); return $0[0] },
    "clamp": { $0[0].clamped(min: $0.optional("low"), max: $0.optional("high")) },
    "where": { Tensor.where($0[0], $0[1], $0[2]) }, "masked_fill": { $0[0].maskedFill($0[1], $0.value) },
    "addmm": { Tensor.addmm($0[0], $0[1], $0[2], beta: $0.double("beta"), alpha: $0.double("alpha")) },
    "baddbmm": { Tensor.baddbmm($0[0], $0[1], $0[2], beta: $0.double("beta"), alpha: $0.double("alpha")) },
    "einsum": {
      $0.tensors.count == 1 ? Tensor.einsum($0.string("equation"), $0[0]) : Tensor.einsum($0.string("equation"), $0[0], $0[1])
    },
  ]
}

extension Arguments {
  var keep: Bool { bool("keep") }
}
