import Testing
import Torch

private struct Stop: Error {}

/// Gradient modes and autocast are scopes: whatever happens inside, the outside is as it was.
@Suite struct AutogradTests {
  private func leaf(_ values: [Float]) -> Tensor {
    let leaf = Tensor(values)
    leaf.requiresGradient = true
    return leaf
  }

  @Test func gradientsAccumulateUntilTheyAreCleared() {
    let x = leaf([1, 2, 3])
    #expect(x.isLeaf && x.gradient == nil)
    x.squared().sum().backward()
    #expect(x.gradient?.array(Float.self) == [2, 4, 6])
    x.sum().backward()
    #expect(x.gradient?.array(Float.self) == [3, 5, 7])
    x.gradient = Tensor([10, 20, 30] as [Float])
    (x * 2).backward(Tensor([1, 0, -1] as [Float]))
    #expect(x.gradient?.array(Float.self) == [12, 20, 28])
    x.gradient = nil
    #expect(x.gradient == nil)
  }

  @Test func resultsRecordAndDetachedTensorsDoNot() {
    let x = leaf([1, 2])
    let y = x * 3
    #expect(y.requiresGradient && !y.isLeaf)
    let z = y.detached()
    #expect(!z.requiresGradient && z.isLeaf)
    z.fill(0)  // shares memory
    #expect(y.array(Float.self) == [0, 0])
  }

  @Test func withoutGradientsRecordsNothing() {
    let x = leaf([1, 2])
    let inside = withoutGradients { x * 2 }
    #expect(!inside.requiresGradient)
    withoutGradients { x.add(1) }  // a leaf may change here
    #expect(x.array(Float.self) == [2, 3])
    let again = withoutGradients { withGradients { x * 2 } }
    #expect(again.requiresGradient)
    #expect((x * 2).requiresGradient)
  }

  @Test func gradientModeIsRestoredAfterAThrow() {
    let x = leaf([1])
    #expect(throws: Stop.self) { try withoutGradients { throw Stop() } }
    #expect((x * 2).requiresGradient)
    withoutGradients {
      #expect(throws: Stop.self) { try withGradients { throw Stop() } }
      #expect(!(x * 2).requiresGradient)
    }
  }

  @Test func autocastComputesProductsInTheLowPrecision() {
    let (x, w) = (Tensor.ones([2, 4]), Tensor.ones([3, 4]))
    let (product, normed) = autocast(.bfloat16, on: .cpu) {
      (x.linear(w), x.layerNorm(weight: nil, bias: nil, epsilon: 1e-5))
    }
    #expect(product.dtype == .bfloat16)
    #expect(normed.dtype == .float32)
    #expect(x.linear(w).dtype == .float32)
  }

  @Test func autocastNestsAndIsRestoredAfterAThrow() {
    let (x, w) = (Tensor.ones([2, 4]), Tensor.ones([3, 4]))
    var seen: [DType] = []
    func note() { seen.append(x.linear(w).dtype) }
    autocast(.bfloat16, on: .cpu) {
      note()
      autocast(.float16, on: .cpu) { note() }
      note()
      #expect(throws: Stop.self) { try autocast(.float16, on: .cpu) { throw Stop() } }
      note()
    }
    note()
    #expect(throws: Stop.self) { try autocast(.bfloat16, on: .cpu) { throw Stop() } }
    note()
    #expect(seen == [.bfloat16, .float16, .bfloat16, .bfloat16, .float32, .float32])
  }

  @Test func autocastSeesWeightsThatChangedBetweenScopes() {
    let (x, w) = (Tensor.ones([1, 2]), leaf([1, 1]).reshaped(1, 2).detached())
    w.requiresGradient = true  // cast weights are cached only for such leaves
    let before = autocast(.bfloat16, on: .cpu) { x.linear(w).item }
    withoutGradients { w.fill(3) }
    let after = autocast(.bfloat16, on: .cpu) { x.linear(w).item }
    #expect((before, after) == (2, 6))
  }
}
