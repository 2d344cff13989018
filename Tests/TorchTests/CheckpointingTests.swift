import Testing

@testable import Torch

/// Checkpointed parts against the same parts run as they are: bit-equal results, gradients and random numbers, less memory.
@Suite(.serialized) struct CheckpointingTests {
  let fused = FusedKernelTests()

  func leaf(_ shape: [Int], seed: UInt64) -> Tensor {
    let tensor = fused.random(shape, seed: seed) * 0.3
    tensor.requiresGradient = true
    return tensor
  }

  /// A block with dropout: two results, of which the loss uses both.
  func block(_ inputs: [Tensor], _ weight: Tensor, seed: UInt64) -> [Tensor] {
    let y = (inputs[0] + inputs[1]).linear([weight], nil).fusedGELU().dropout(0.2, seed: seed)
    return [y, y * inputs[1]]
  }

  @Test(arguments: [false, true])
  func gradientsAreBitEqual(bfloat16: Bool) {
    func run(_ checkpoints: Bool) -> [[Float]] {
      let leaves = [leaf([40, 16], seed: 1), leaf([40, 16], seed: 2), leaf([16, 16], seed: 3), leaf([16, 16], seed: 4)]
      func forward() -> Tensor {
        var state = [leaves[0], leaves[1]]
        for layer in 0..<2 {
          let body = { (inputs: [Tensor]) in block(inputs, leaves[2 + layer], seed: UInt64(layer)) }
          state = checkpoints ? checkpointed(state, body) : body(state)
        }
        return (state[0] * state[1]).sum()
      }
      let loss = bfloat16 ? autocast(.bfloat16, on: .cpu, forward) : forward()
      loss.backward()
      return [[Float(loss.item)]] + leaves.map { $0.gradient!.array(Float.self) }
    }
    #expect(run(true) == run(false))
  }

  /// The input wants no gradient, as that of a first layer above frozen embeddings: parameters inside must get theirs.
  @Test func parametersInsideGetGradientsWithoutOneAtTheInput() {
    let (x, weight) = (fused.random([5, 8], seed: 5), leaf([8, 8], seed: 6))
    checkpointed([x]) { [$0[0].linear([weight], nil)] }[0].sum().backward()
    let found = weight.gradient!.array(Float.self)
    weight.gradient = nil
    x.linear([weight], nil).sum().backward()
    #expect(found == weight.gradient!.array(Float.self))
  }

  @Test func nothingInsideIsKeptAndTheBodyIsReleased() {
    final class Witness {}
    weak var witness: Witness?
    let x = leaf([64, 64], seed: 7)
    var runs = 0
    do {
      let held = Witness()
      witness = held
      let y = checkpointed([x]) { inputs in
        withExtendedLifetime(held) { runs += 1 }
        return [(0..<10).reduce(inputs[0]) { value, _ in value.fusedGELU() }]
      }
      #expect(runs == 1 && y[0].requiresGradient)
      y[0].sum().backward()
      #expect(runs == 2)
    }
    #expect(witness == nil)
    withoutGradients {
      let y = checkpointed([x]) { inputs in runs += 1; return [inputs[0] * 2] }
      #expect(!y[0].requiresGradient && runs == 3)
    }
  }

  /// A factor made inside is needed by backward: without a checkpoint its memory lives until then, with one it is made again.
  @Test(arguments: [false, true])
  func memoryOfTheInsideIsFreedBeforeBackward(checkpoints: Bool) {
    final class Memory {
      let bytes = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 64)
      init() { for i in 0..<64 { bytes.storeBytes(of: 3, toByteOffset: 4 * i, as: Float.self) } }
      deinit { bytes.deallocate() }
    }
    weak var memory: Memory?
    let x = leaf([64], seed: 8)
    func body(_ inputs: [Tensor]) -> [Tensor] {
      let owner = Memory()
      memory = owner
      return [inputs[0] * Tensor.borrowing(owner.bytes, shape: [64], dtype: .float32, owner: owner)]
    }
    let y = checkpoints ? checkpointed([x], body) : body([x])
    #expect((memory == nil) == checkpoints)
    y[0].sum().backward()
    #expect(x.gradient!.array(Float.self) == [Float](repeating: 3, count: 64))
  }
}
