internal import CTorch

/// Gradient checkpointing (Chen et al. 2016): runs `body` keeping nothing of what happens inside for backward but `inputs`, and
/// runs it again in backward. Memory for time: about a third more of that.
///
/// `body` must do the same both times. Dropout does when its seeds are drawn outside, or again from the same state; autocast is
/// restored. Then gradients are bit-equal to those without. Parameters that `body` reads get their gradients as always, and
/// need not be among the inputs.
/// - Parameters:
///   - inputs: at least one; tensors that gradients flow to, besides parameters.
///   - body: gets the inputs, gives at most 16 tensors.
public func checkpointed(_ inputs: [Tensor], _ body: @escaping ([Tensor]) -> [Tensor]) -> [Tensor] {
  precondition(!inputs.isEmpty, "checkpointed: no inputs")
  let context = Unmanaged.passRetained(CheckpointedBody(body)).toOpaque()
  var outputs = [OpaquePointer?](repeating: nil, count: 16)
  var count = 0
  withHandles(inputs) { handles, inputCount in
    let status = ct_checkpoint(
      handles, inputCount,
      { context, inputs, count, outputs, capacity in
        let body = Unmanaged<CheckpointedBody>.fromOpaque(context!).takeUnretainedValue()
        let results = body.run((0..<count).map { index in make("checkpointed") { ct_alias(inputs![index], $0) } })
        precondition(results.count <= capacity, "checkpointed: \(results.count) results; expected at most \(capacity)")
        for (index, result) in results.enumerated() { trap(ct_alias(result.handle, &outputs![index]), "checkpointed") }
        return results.count
      }, { Unmanaged<CheckpointedBody>.fromOpaque($0!).release() }, context, &outputs, &count)
    trap(status, "checkpointed")
  }
  return outputs.prefix(count).map { Tensor(owning: $0!) }
}

/// The closure as an object that C can hold on to.
private final class CheckpointedBody {
  let run: ([Tensor]) -> [Tensor]
  init(_ run: @escaping ([Tensor]) -> [Tensor]) { self.run = run }
}
