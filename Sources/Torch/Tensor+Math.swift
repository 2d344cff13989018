internal import CTorch

/// Element-wise functions of one tensor, reductions, order and linear algebra. Shapes: the input's unless said.
extension Tensor {
  /// -x
  public func negated() -> Tensor { make("negated") { ct_neg(handle, $0) } }
  /// |x|
  public func abs() -> Tensor { make("abs") { ct_abs(handle, $0) } }
  /// eˣ
  public func exp() -> Tensor { make("exp") { ct_exp(handle, $0) } }
  /// eˣ - 1, exact near 0
  public func expm1() -> Tensor { make("expm1") { ct_expm1(handle, $0) } }
  /// natural logarithm
  public func log() -> Tensor { make("log") { ct_log(handle, $0) } }
  /// ln(1 + x), exact near 0
  public func log1p() -> Tensor { make("log1p") { ct_log1p(handle, $0) } }
  /// √x
  public func sqrt() -> Tensor { make("sqrt") { ct_sqrt(handle, $0) } }
  /// 1/√x
  public func rsqrt() -> Tensor { make("rsqrt") { ct_rsqrt(handle, $0) } }
  /// x²
  public func squared() -> Tensor { make("squared") { ct_square(handle, $0) } }
  /// 1/x
  public func reciprocal() -> Tensor { make("reciprocal") { ct_reciprocal(handle, $0) } }
  /// sine, radians
  public func sin() -> Tensor { make("sin") { ct_sin(handle, $0) } }
  /// cosine, radians
  public func cos() -> Tensor { make("cos") { ct_cos(handle, $0) } }
  /// hyperbolic tangent
  public func tanh() -> Tensor { make("tanh") { ct_tanh(handle, $0) } }
  /// 1 / (1 + e⁻ˣ)
  public func sigmoid() -> Tensor { make("sigmoid") { ct_sigmoid(handle, $0) } }
  /// ln sigmoid(x), without overflow
  public func logSigmoid() -> Tensor { make("logSigmoid") { ct_log_sigmoid(handle, $0) } }
  /// max(x, 0)
  public func relu() -> Tensor { make("relu") { ct_relu(handle, $0) } }
  /// x · sigmoid(x)
  public func silu() -> Tensor { make("silu") { ct_silu(handle, $0) } }
  /// ln(1 + eˣ)
  public func softplus() -> Tensor { make("softplus") { ct_softplus(handle, $0) } }
  /// error function
  public func erf() -> Tensor { make("erf") { ct_erf(handle, $0) } }
  /// -1, 0 or 1
  public func sign() -> Tensor { make("sign") { ct_sign(handle, $0) } }
  /// largest integer not above
  public func floor() -> Tensor { make("floor") { ct_floor(handle, $0) } }
  /// smallest integer not below
  public func ceil() -> Tensor { make("ceil") { ct_ceil(handle, $0) } }
  /// nearest integer, halves to even
  public func rounded() -> Tensor { make("rounded") { ct_round(handle, $0) } }
  /// true where neither infinite nor NaN
  public func isFinite() -> Tensor { make("isFinite") { ct_isfinite(handle, $0) } }
  /// true where NaN
  public func isNaN() -> Tensor { make("isNaN") { ct_isnan(handle, $0) } }
  /// true where infinite
  public func isInfinite() -> Tensor { make("isInfinite") { ct_isinf(handle, $0) } }
  /// true where zero
  public func logicalNot() -> Tensor { make("logicalNot") { ct_logical_not(handle, $0) } }
  /// complement; of Bool, the negation
  public func bitwiseNot() -> Tensor { make("bitwiseNot") { ct_bitwise_not(handle, $0) } }
  /// indices of the elements that are not zero, (found, rank)
  public func nonzero() -> Tensor { make("nonzero") { ct_nonzero(handle, $0) } }

  // MARK: Two tensors (broadcasting), or a tensor and a number

  public static func + (a: Tensor, b: Tensor) -> Tensor { make("+") { ct_add(a.handle, b.handle, $0) } }
  public static func + (a: Tensor, b: Double) -> Tensor { make("+") { ct_add_scalar(a.handle, b, $0) } }
  public static func - (a: Tensor, b: Tensor) -> Tensor { make("-") { ct_sub(a.handle, b.handle, $0) } }
  public static func - (a: Tensor, b: Double) -> Tensor { make("-") { ct_sub_scalar(a.handle, b, $0) } }
  public static func * (a: Tensor, b: Tensor) -> Tensor { make("*") { ct_mul(a.handle, b.handle, $0) } }
  public static func * (a: Tensor, b: Double) -> Tensor { make("*") { ct_mul_scalar(a.handle, b, $0) } }
  public static func / (a: Tensor, b: Tensor) -> Tensor { make("/") { ct_div(a.handle, b.handle, $0) } }
  public static func / (a: Tensor, b: Double) -> Tensor { make("/") { ct_div_scalar(a.handle, b, $0) } }
  public static func + (a: Double, b: Tensor) -> Tensor { b + a }
  public static func * (a: Double, b: Tensor) -> Tensor { b * a }
  public static func - (a: Double, b: Tensor) -> Tensor { b.negated() + a }
  public static func / (a: Double, b: Tensor) -> Tensor { b.reciprocal() * a }
  public static prefix func - (a: Tensor) -> Tensor { a.negated() }

  /// xʸ
  public func pow(_ other: Tensor) -> Tensor { make("pow") { ct_pow(handle, other.handle, $0) } }
  public func pow(_ other: Double) -> Tensor { make("pow") { ct_pow_scalar(handle, other, $0) } }
  /// x - floor(x/y)·y
  public func remainder(_ other: Tensor) -> Tensor { make("remainder") { ct_remainder(handle, other.handle, $0) } }
  public func remainder(_ other: Double) -> Tensor { make("remainder") { ct_remainder_scalar(handle, other, $0) } }
  /// x = y
  public func equal(to other: Tensor) -> Tensor { make("equal") { ct_eq(handle, other.handle, $0) } }
  public func equal(to other: Double) -> Tensor { make("equal") { ct_eq_scalar(handle, other, $0) } }
  /// x ≠ y
  public func notEqual(to other: Tensor) -> Tensor { make("notEqual") { ct_ne(handle, other.handle, $0) } }
  public func notEqual(to other: Double) -> Tensor { make("notEqual") { ct_ne_scalar(handle, other, $0) } }
  /// x < y
  public func less(than other: Tensor) -> Tensor { make("less") { ct_lt(handle, other.handle, $0) } }
  public func less(than other: Double) -> Tensor { make("less") { ct_lt_scalar(handle, other, $0) } }
  /// x ≤ y
  public func lessOrEqual(than other: Tensor) -> Tensor { make("lessOrEqual") { ct_le(handle, other.handle, $0) } }
  public func lessOrEqual(than other: Double) -> Tensor { make("lessOrEqual") { ct_le_scalar(handle, other, $0) } }
  /// x > y
  public func greater(than other: Tensor) -> Tensor { make("greater") { ct_gt(handle, other.handle, $0) } }
  public func greater(than other: Double) -> Tensor { make("greater") { ct_gt_scalar(handle, other, $0) } }
  /// x ≥ y
  public func greaterOrEqual(than other: Tensor) -> Tensor { make("greaterOrEqual") { ct_ge(handle, other.handle, $0) } }
  public func greaterOrEqual(than other: Double) -> Tensor { make("greaterOrEqual") { ct_ge_scalar(handle, other, $0) } }
  /// larger of the two, element by element
  public func maximum(_ other: Tensor) -> Tensor { make("maximum") { ct_maximum(handle, other.handle, $0) } }
  /// smaller of the two
  public func minimum(_ other: Tensor) -> Tensor { make("minimum") { ct_minimum(handle, other.handle, $0) } }
  /// both not zero
  public func logicalAnd(_ other: Tensor) -> Tensor { make("logicalAnd") { ct_logical_and(handle, other.handle, $0) } }
  /// either not zero
  public func logicalOr(_ other: Tensor) -> Tensor { make("logicalOr") { ct_logical_or(handle, other.handle, $0) } }
  /// bitwise and
  public func bitwiseAnd(_ other: Tensor) -> Tensor { make("bitwiseAnd") { ct_bitwise_and(handle, other.handle, $0) } }
  /// bitwise or
  public func bitwiseOr(_ other: Tensor) -> Tensor { make("bitwiseOr") { ct_bitwise_or(handle, other.handle, $0) } }
  /// Matrix product (..., n, k) · (..., k, m) -> (..., n, m), batch dimensions broadcasting
  public func matmul(_ other: Tensor) -> Tensor { make("matmul") { ct_matmul(handle, other.handle, $0) } }
  /// Matrix product (n, k) · (k, m) -> (n, m)
  public func mm(_ other: Tensor) -> Tensor { make("mm") { ct_mm(handle, other.handle, $0) } }
  /// Batched product (b, n, k) · (b, k, m) -> (b, n, m)
  public func bmm(_ other: Tensor) -> Tensor { make("bmm") { ct_bmm(handle, other.handle, $0) } }
  /// Matrix times vector (n, k) · (k) -> (n)
  public func mv(_ other: Tensor) -> Tensor { make("mv") { ct_mv(handle, other.handle, $0) } }
  /// Inner product of two vectors
  public func dot(_ other: Tensor) -> Tensor { make("dot") { ct_dot(handle, other.handle, $0) } }
  /// Outer product (n), (m) -> (n, m)
  public func outer(_ other: Tensor) -> Tensor { make("outer") { ct_outer(handle, other.handle, $0) } }

  /// `input·beta + alpha·(a·b)`; input broadcasts to (n, m).
  public static func addmm(_ input: Tensor, _ a: Tensor, _ b: Tensor, beta: Double = 1, alpha: Double = 1) -> Tensor {
    make("addmm") { ct_addmm(input.handle, a.handle, b.handle, beta, alpha, $0) }
  }
  /// `input·beta + alpha·(a·b)` per batch; input broadcasts to (b, n, m).
  public static func baddbmm(_ input: Tensor, _ a: Tensor, _ b: Tensor, beta: Double = 1, alpha: Double = 1) -> Tensor {
    make("baddbmm") { ct_baddbmm(input.handle, a.handle, b.handle, beta, alpha, $0) }
  }
  /// Einstein summation, e.g. `bhid,bhjd->bhij`.
  public static func einsum(_ equation: String, _ tensors: Tensor...) -> Tensor {
    withHandles(tensors) { handles, count in make("einsum") { ct_einsum(equation, handles, count, $0) } }
  }

  /// `condition ? a : b`, element by element.
  public static func `where`(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
    make("where") { ct_where(condition.handle, a.handle, b.handle, $0) }
  }
  /// `value` where `mask` is true.
  public func maskedFill(_ mask: Tensor, _ value: Double) -> Tensor { make("maskedFill") { ct_masked_fill(handle, mask.handle, value, $0) } }
  public func clamped(min low: Double? = nil, max high: Double? = nil) -> Tensor {
    withOptional(low) { low in withOptional(high) { high in make("clamped") { ct_clamp(handle, low, high, $0) } } }
  }

  // MARK: In place (never on a leaf that requires a gradient, outside `withoutGradients`)

  public func add(_ other: Tensor) { trap(ct_add_(handle, other.handle), "add") }
  public func add(_ other: Double) { trap(ct_add_scalar_(handle, other), "add") }
  public func subtract(_ other: Tensor) { trap(ct_sub_(handle, other.handle), "subtract") }
  public func subtract(_ other: Double) { trap(ct_sub_scalar_(handle, other), "subtract") }
  public func multiply(by other: Tensor) { trap(ct_mul_(handle, other.handle), "multiply") }
  public func multiply(by other: Double) { trap(ct_mul_scalar_(handle, other), "multiply") }
  public func divide(by other: Tensor) { trap(ct_div_(handle, other.handle), "divide") }
  public func divide(by other: Double) { trap(ct_div_scalar_(handle, other), "divide") }
  public func copy(from other: Tensor) { trap(ct_copy_(handle, other.handle), "copy") }
  public func fill(_ value: Double) { trap(ct_fill_scalar_(handle, value), "fill") }
  /// self += alpha · other
  public func add(_ other: Tensor, alpha: Double) { trap(ct_add_scaled_(handle, other.handle, alpha), "add") }
  /// self += weight · (end - self)
  public func interpolate(to end: Tensor, weight: Double) { trap(ct_lerp_(handle, end.handle, weight), "interpolate") }

  // MARK: Reductions over `dims` (all when none are named)

  /// Sum.
  public func sum(_ dims: Int..., keepDim: Bool = false) -> Tensor {
    make("sum") { ct_sum(handle, int64s(dims), dims.count, keepDim, $0) }
  }
  /// Arithmetic mean.
  public func mean(_ dims: Int..., keepDim: Bool = false) -> Tensor {
    make("mean") { ct_mean(handle, int64s(dims), dims.count, keepDim, $0) }
  }
  /// Largest value.
  public func amax(_ dims: Int..., keepDim: Bool = false) -> Tensor {
    make("amax") { ct_amax(handle, int64s(dims), dims.count, keepDim, $0) }
  }
  /// Smallest value.
  public func amin(_ dims: Int..., keepDim: Bool = false) -> Tensor {
    make("amin") { ct_amin(handle, int64s(dims), dims.count, keepDim, $0) }
  }
  /// ln Σ eˣ, without overflow.
  public func logSumExp(_ dims: Int..., keepDim: Bool = false) -> Tensor {
    make("logSumExp") { ct_logsumexp(handle, int64s(dims), dims.count, keepDim, $0) }
  }
  /// True where every element is not zero.
  public func all(_ dims: Int..., keepDim: Bool = false) -> Tensor {
    make("all") { ct_all(handle, int64s(dims), dims.count, keepDim, $0) }
  }
  /// True where some element is not zero.
  public func any(_ dims: Int..., keepDim: Bool = false) -> Tensor {
    make("any") { ct_any(handle, int64s(dims), dims.count, keepDim, $0) }
  }
  /// Variance; `correction` 1 divides by n - 1 (unbiased), 0 by n.
  public func variance(_ dims: Int..., correction: Int = 1, keepDim: Bool = false) -> Tensor {
    make("variance") { ct_var(handle, int64s(dims), dims.count, Int64(correction), keepDim, $0) }
  }
  /// (Σ |x|ᵖ)^(1/p).
  public func norm(_ dims: Int..., p: Double = 2, keepDim: Bool = false) -> Tensor {
    make("norm") { ct_norm(handle, p, int64s(dims), dims.count, keepDim, $0) }
  }
  public func softmax(dim: Int) -> Tensor { make("softmax") { ct_softmax(handle, Int64(dim), $0) } }
  public func logSoftmax(dim: Int) -> Tensor { make("logSoftmax") { ct_log_softmax(handle, Int64(dim), $0) } }
  public func cumulativeSum(dim: Int) -> Tensor { make("cumulativeSum") { ct_cumsum(handle, Int64(dim), $0) } }
  /// Index of the largest value along `dim`, the first among equals.
  public func argmax(dim: Int, keepDim: Bool = false) -> Tensor { make("argmax") { ct_argmax(handle, Int64(dim), keepDim, $0) } }
  public func argmin(dim: Int, keepDim: Bool = false) -> Tensor { make("argmin") { ct_argmin(handle, Int64(dim), keepDim, $0) } }

  // MARK: Order

  /// The k largest (or smallest) along `dim`, in order.
  public func topk(_ k: Int, dim: Int = -1, largest: Bool = true) -> (values: Tensor, indices: Tensor) {
    pair("topk") { ct_topk(handle, Int64(k), Int64(dim), largest, $0, $1) }
  }
  /// Stable.
  public func sorted(dim: Int = -1, descending: Bool = false) -> (values: Tensor, indices: Tensor) {
    pair("sorted") { ct_sort(handle, Int64(dim), descending, $0, $1) }
  }
  public func max(along dim: Int, keepDim: Bool = false) -> (values: Tensor, indices: Tensor) {
    pair("max") { ct_max_along(handle, Int64(dim), keepDim, $0, $1) }
  }

  private func pair(_ operation: StaticString, _ body: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<OpaquePointer?>) -> ct_status)
    -> (values: Tensor, indices: Tensor)
  {
    var values: OpaquePointer?
    var indices: OpaquePointer?
    trap(body(&values, &indices), operation)
    return (Tensor(owning: values!), Tensor(owning: indices!))
  }
}

/// Lends `value` as the nullable pointer that C takes for an optional number.
func withOptional<R>(_ value: Double?, _ body: (UnsafePointer<Double>?) -> R) -> R {
  guard let value else { return body(nil) }
  return withUnsafePointer(to: value) { body($0) }
}
