internal import CTorch

/// Autograd: which tensors want gradients, and scopes that switch recording off for this thread.
extension Tensor {
  /// Whether gradients accumulate in `gradient` (leaves) or flow through (results).
  public var requiresGradient: Bool {
    get { ct_requires_grad(handle) }
    set { trap(ct_set_requires_grad(handle, newValue), "requiresGradient") }
  }

  public var isLeaf: Bool { ct_is_leaf(handle) }

  /// What `backward` accumulated, or nil. Setting nil frees it.
  public var gradient: Tensor? {
    get {
      var out: OpaquePointer?
      trap(ct_grad(handle, &out), "gradient")
      return out.map(Tensor.init(owning:))
    }
    set { trap(ct_set_grad(handle, newValue?.handle), "gradient") }
  }

  /// Accumulates d self / d leaf into every leaf's `gradient`. `seed` (same shape) is needed unless self has one element.
  public func backward(_ seed: Tensor? = nil) { trap(ct_backward(handle, seed?.handle), "backward") }

  /// The same values outside the graph, sharing memory.
  public func detached() -> Tensor { make("detached") { ct_detach(handle, $0) } }
}

/// Runs `body` without recording operations for `backward`, on this thread.
public func withoutGradients<R>(_ body: () throws -> R) rethrows -> R {
  let was = ct_grad_enabled()
  ct_set_grad_enabled(false)
  defer { ct_set_grad_enabled(was) }
  return try body()
}

/// Runs `body` recording operations again inside `withoutGradients`.
public func withGradients<R>(_ body: () throws -> R) rethrows -> R {
  let was = ct_grad_enabled()
  ct_set_grad_enabled(true)
  defer { ct_set_grad_enabled(was) }
  return try body()
}
