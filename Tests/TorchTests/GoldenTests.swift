import Files
import TestSupport
import Testing

/// The instruments themselves: a comparison that cannot fail proves nothing.
@Suite struct GoldenTests {
  @Test(arguments: [
    ([1, 2, .nan], [1, 2, 3]), ([1, 2, 3], [1, .nan, 3]), ([1, .infinity], [1, -.infinity]), ([1], [1, 1]), ([1.000_03], [1]),
    ([3e-5], [0]), ([.infinity], [3e38]),
  ] as [([Float], [Float])])
  func closenessFails(_ actual: [Float], _ expected: [Float]) {
    withKnownIssue { expectClose(actual, expected) }
  }

  @Test func closenessNamesTheWorstElement() {
    withKnownIssue {
      expectClose([1, 2.5, 3.2] as [Double], [1, 2, 3], relative: 0, absolute: 0.1, "logits")
    } matching: { issue in
      issue.comments.contains { $0.rawValue.hasPrefix("logits: element 1 is 2.5, expected 2.0: 5.0 times") && $0.rawValue.contains("2 of 3") }
    }
  }

  @Test func closenessPassesWithinTolerance() {
    expectClose([1.000_01, .infinity, .nan, -0.0, 1e-6] as [Float], [1, .infinity, .nan, 0, 0])
    expectClose([1 + 1e-11], [1] as [Double])
    expectClose([] as [Float], [])
  }

  @Test func goldenFilesAreReadWhole() throws {
    let golden = GeneratorTests.golden
    #expect(golden.metadata["made_by"] == "scripts/reference/torch_operations.py")
    #expect(golden["draws.rand"].dtype == "F32" && golden["draws.rand"].shape == [5])
    #expect(golden["draws.state"].dtype == "U8")
    #expect(golden.names.count == 39 && !golden.has("draws"))
    #expect(throws: InputError.self) { try GoldenTensors(Fixtures.path("torch/operations.json")) }
    #expect(throws: InputError.self) { try GoldenTensors(Fixtures.path("torch/nothing.safetensors")) }
  }
}
