import Testing
import Torch

/// What a tensor says about itself, and who owns what.
@Suite struct TensorTests {
  @Test func describesItself() {
    let x = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    #expect((x.rank, x.shape, x.strides, x.count) == (2, [2, 3], [3, 1], 6))
    #expect(x.dtype == .float32 && x.device == .cpu && x.isContiguous)
    #expect((x.size(0), x.size(-1)) == (2, 3))
    #expect("\(x)" == "Tensor(2×3, float32, cpu)")
    let y = x.transposed(0, 1)
    #expect((y.shape, y.strides, y.isContiguous) == ([3, 2], [1, 3], false))
    #expect(y.array(Int.self) == [1, 4, 2, 5, 3, 6])
    #expect(x.to(.cpu) === x && x.to(.float32) === x)
    #expect((Tensor(scalar: 2.5).item, Tensor(scalar: -7).intItem) == (2.5, -7))
    #expect(Tensor(scalar: 1 as Float).rank == 0)
    for dtype in DType.allCases {
      let empty = Tensor.empty([2, 0, 3], dtype: dtype)
      #expect((empty.dtype, empty.shape, empty.count) == (dtype, [2, 0, 3], 0))
      #expect(empty.emptyLike().shape == [2, 0, 3])
      #expect(empty.array(Double.self) == [])
      #expect(Tensor.ones([3], dtype: dtype).withBytes { $0.count } == 3 * dtype.size)
    }
  }

  @Test func neighboursInMemoryAreJoinedWithoutACopy() {
    let whole = Tensor.arange(0, 24, dtype: .float32).reshaped(6, 4)
    let parts = whole.split([1, 3, 2], dim: 0)
    func address(_ x: Tensor) -> UnsafeMutableRawPointer? { x.withBytes { $0.baseAddress } }
    let joined = Tensor.joined(parts)
    #expect(joined.isEqual(to: whole) && address(joined) == address(whole))
    let tail = Tensor.joined(Array(parts[1...]))
    #expect(tail.isEqual(to: whole.narrow(0, 1, 5)) && address(tail) == address(parts[1]))
    // Another order, another width of the same memory, another tensor: copies.
    let turned = Tensor.joined([parts[1], parts[0]])
    #expect(turned.isEqual(to: .concatenated([parts[1], parts[0]])) && address(turned) != address(parts[1]))
    let columns = whole.split([2, 2], dim: 1)
    #expect(Tensor.joined(columns).isEqual(to: .concatenated(columns)))
    let other = Tensor.joined([parts[0], Tensor.ones([1, 4])])
    #expect(other.shape == [2, 4] && address(other) != address(whole))
  }

  @Test func keepsTheSignOfZero() {
    let minus = -0.0
    #expect(Tensor.full([1], minus).item.sign == .minus)
    #expect((Tensor.ones([1]) * minus).item.sign == .minus)
    #expect(Tensor.full([1], 0).item.sign == .plus)
  }

  @Test func wholeNumbersDoNotPromoteIntegers() {
    let x = Tensor([1, 2, 3])
    #expect((x + 2).dtype == .int64)
    #expect((x * 0.5).dtype == .float32)
    #expect((x + Double.infinity).dtype == .float32)
    #expect((x + 1e300).dtype == .float32)
  }

  private final class Owner {
    let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 4)
    let released: (Int) -> Void
    var count = 0
    init(_ released: @escaping (Int) -> Void) {
      self.released = released
      _ = memory.initialize(from: [1, 2, 3, 4])
    }
    deinit {
      memory.deallocate()
      released(1)
    }
  }

  @Test func borrowedMemoryIsReleasedOnceWithTheLastView() {
    var releases = 0
    var view: Tensor?
    do {
      let owner = Owner { releases += $0 }
      let tensor = Tensor.borrowing(owner.memory.baseAddress!, shape: [2, 2], dtype: .float32, owner: owner)
      view = tensor[1]
      owner.memory[3] = 40  // no copy was made
    }
    #expect(releases == 0)
    #expect(view?.array(Float.self) == [3, 40])
    view = nil
    #expect(releases == 1)
  }

  @Test func borrowingNothingReleasesToo() {
    var releases = 0
    do {
      let owner = Owner { releases += $0 }
      _ = Tensor.borrowing(owner.memory.baseAddress!, shape: [0], dtype: .float32, owner: owner)
    }
    #expect(releases == 1)
  }

  // In a process of its own, because every tensor of the process counts.
  @Test func trainingDoesNotAccumulateTensors() async {
    await #expect(processExitsWith: .success) {
      let generator = Generator(seed: 3)
      let (x, y) = (Tensor.randn([32, 8], generator: generator), Tensor.randint(0, 3, [32], generator: generator))
      let weights = [[16, 8], [16], [3, 16], [3]].map { Tensor.randn($0, generator: generator) * 0.3 }
      for weight in weights { weight.requiresGradient = true }
      let (first, second) = (weights.map { $0.zerosLike() }, weights.map { $0.zerosLike() })
      let steps = weights.map { _ in Tensor.zeros([]) }
      var (losses, live): ([Double], [Int]) = ([], [])
      for _ in 0..<200 {
        let hidden = x.linear(weights[0], weights[1]).gelu().dropout(0.1, training: true)
        let loss = hidden.linear(weights[2], weights[3]).crossEntropy(y)
        loss.backward()
        losses.append(loss.item)
        withoutGradients {
          Foreach.add(steps, steps.map { $0.onesLike() })
          Foreach.adamW(
            parameters: weights, gradients: weights.map { $0.gradient! }, firstMoments: first, secondMoments: second, steps: steps,
            learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01)
        }
        for weight in weights { weight.gradient = nil }
        live.append(Tensor.liveCount)
      }
      #expect(Set(live).count == 1, "handles after each step: \(live.first!) ... \(live.last!)")
      #expect(losses.last! < losses.first! / 4, "the network did not learn: \(losses.first!) -> \(losses.last!)")
    }
  }
}
