import Metrics
import TestSupport
import Testing
import Torch

/// The address range for large tensors: holes are found again, merged, and never handed out twice.
@Suite(.serialized) struct LargeMemoryTests {
  @Test func tensorsThatComeAndGoKeepTheirValues() {
    Runtime.keepFreedMemory()
    var random = SplitMix64(seed: 7)
    var held: [(value: Double, tensor: Tensor)] = []
    for round in 0..<400 {
      let count = 10_000 + Int(random.next() % 400_000)  // 40 KB to 1.6 MB: on both sides of the smallest size that goes there
      held.append((Double(round), .full([count], Double(round))))
      if held.count > 20 { held.remove(at: Int(random.next() % 20)) }
      for (value, tensor) in held where round % 20 == 0 {
        #expect(tensor.amin().item == value && tensor.amax().item == value)
      }
    }
  }

  @Test func memoryOfVaryingSizesDoesNotPileUp() {
    Runtime.keepFreedMemory()
    var random = SplitMix64(seed: 11)
    func step() {
      let tensors = (0..<8).map { _ in Tensor.ones([1_000_000 + Int(random.next() % 1_000_000)]) }  // 4 to 8 MB each
      _ = tensors.map { $0 + 1 }
    }
    for _ in 0..<5 { step() }
    let before = Runtime.residentMemory
    for _ in 0..<100 { step() }
    #expect(Runtime.residentMemory - before < 64 << 20)
  }

  @Test func releasedMemoryGoesBackToTheSystem() {
    Runtime.keepFreedMemory()
    do { _ = Tensor.ones([50_000_000]) }
    let held = Runtime.residentMemory
    Runtime.releaseFreedMemory()
    #expect(held - Runtime.residentMemory > 150 << 20)
  }
}
