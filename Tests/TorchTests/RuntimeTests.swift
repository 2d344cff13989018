import Testing

@testable import Torch

/// The library that is loaded, the machine, and the words of what goes wrong.
@Suite struct RuntimeTests {
  @Test func loadedLibraryIsTheOneTheShimWasBuiltFor() throws {
    try Runtime.checkVersion()
    #expect(Runtime.version.hasPrefix("2."))
    #expect(["AVX512", "AVX2", "DEFAULT"].contains(Runtime.cpuCapability))
  }

  @Test func anotherReleaseIsRefusedAndAnotherBuildIsNot() throws {
    try Runtime.checkVersion(loaded: "2.13.0+cu130", compiled: "2.13.0+cpu")
    #expect(throws: TorchError("start", "built for libtorch 2.13.0 but loaded 2.12.1+cpu; run scripts/setup and build again")) {
      try Runtime.checkVersion(loaded: "2.12.1+cpu", compiled: "2.13.0")
    }
    #expect(throws: TorchError.self) { try Runtime.checkVersion(loaded: "2.13.01", compiled: "2.13.0") }
  }

  @Test func devicesAreNamedAsOnTheCommandLine() throws {
    #expect(try Device(named: "cpu") == .cpu)
    #expect(try Device(named: "auto") == (Runtime.acceleratorCount > 0 ? .accelerator() : .cpu))
    for wrong in ["gpu", "cuda:x", "cuda:-1", "cuda:", ":cuda", "CPU", "", "cuda:0:1"] {
      #expect(throws: TorchError("choose device '\(wrong)'", "expected auto, cpu, cuda or cuda:N")) { try Device(named: wrong) }
    }
    let (found, version) = (Runtime.acceleratorCount, Runtime.version)
    let error = #expect(throws: TorchError.self) { try Device(named: "cuda:\(found)") }
    #expect(
      error?.description
        == "choose device 'cuda:\(found)': found \(found) accelerators with libtorch \(version); use --device cpu, or a CUDA build of libtorch")
  }

  @Test func memoryOfTheHostIsMeasured() throws {
    let page = 4096
    #expect(Runtime.residentMemory > page && Runtime.peakResidentMemory >= page)
    let large = Tensor.ones([1 << 22])  // 16 MiB, every page written
    #expect(Runtime.peakResidentMemory > large.count * 4)
    Runtime.keepFreedMemory()
    Runtime.releaseFreedMemory()
    try Runtime.synchronize(.cpu)
    try Runtime.resetPeakMemory(of: .cpu)
  }

  @Test func threadsAreSetForTheWholeProcess() async {
    await #expect(processExitsWith: .success) {
      Runtime.threads = 2
      #expect(Runtime.threads == 2)
      Runtime.threads = 1
      #expect(Runtime.threads == 1)
      Runtime.setDeterministic(true)
      #expect((Tensor.ones([3]) + 1).array(Int.self) == [2, 2, 2])
    }
  }

  @Test func misfittingShapesTrapWithTheOperationAndTheReason() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).matmul(Tensor.ones([4, 5]))
    }
    let words = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(words.contains("Tensor.matmul: mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"))
    #expect(!words.contains("C++ CapturedTraceback"))
  }

  @Test func runningOutOfMemoryEndsInWordsForTheUser() async throws {
    let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
      _ = Tensor.empty([1 << 40, 1 << 10])
    }
    let words = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(words.contains("attune: out of memory in empty: "))
    #expect(words.contains("Lower training.microBatchSize"))
  }

  @Test func aNonContiguousTensorDoesNotLendItsMemory() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Tensor.ones([2, 3]).transposed(0, 1).withBytes { _ in }
    }
    let words = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(words.contains("Tensor.withBytes: the tensor is not contiguous"))
  }

  @Test func listsOfDifferentLengthsTrap() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Foreach.add([Tensor.ones([2]), Tensor.ones([3])], [Tensor.ones([2])])
    }
    let words = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(words.contains("Foreach.add: lists of 2 and 1 tensors"))
  }
}
