import Files
import TestSupport
import Testing
import Torch

@testable import NN

/// The buckets and the padded rows of disentangled attention.
@Suite struct DistanceTests {
  /// Every distance of published sizes against microsoft/DeBERTa's function as transformers has it (scripts/reference/deberta.py).
  @Test func bucketsAreThoseOfTheReference() throws {
    let cases = try #require(JSON.read(Fixtures.path("deberta/buckets.json")).array)
    #expect(cases.count == 4)
    for item in cases {
      let expected = item["of"]!.array!.map { $0.int! }
      let positions = DisentangledAttention.Positions(
        contentToPosition: true, positionToContent: true, sharesKeys: true, buckets: item["buckets"]!.int!, furthest: item["furthest"]!.int!)
      #expect(DistanceRows.buckets(upTo: expected.count, positions) == expected)
      #expect(DistanceRows.buckets(upTo: 3, positions) == [0, 1, 2])
    }
  }

  @Test func shortRowsNeedFewDistances() {
    let positions = DisentangledAttention.Positions(contentToPosition: true, positionToContent: true, sharesKeys: true, buckets: nil, furthest: 4)
    let rows = DistanceRows(rowStarts: Tensor([0, 2, 5] as [Int32]), positions: positions, device: .cpu)
    #expect((rows.firstDistance, rows.distances) == (2, 5))
    #expect(rows.index.array(Int.self) == [2, 1, 0, 3, 2, 1, 4, 3, 2])
    let long = DistanceRows(rowStarts: Tensor([0, 9] as [Int32]), positions: positions, device: .cpu)
    #expect((long.firstDistance, long.distances) == (0, 8), "farther distances count as the farthest")
    #expect(long.index.array(Int.self)[0..<9] == [4, 3, 2, 1, 0, 0, 0, 0, 0])
  }

  @Test func paddingGoesAndComes() {
    let rows = DistanceRows(rowStarts: Tensor([0, 2, 5] as [Int32]), positions: nil, device: .cpu)
    let x = Tensor((1...10).map(Float.init), shape: [5, 2])
    let padded = rows.padded(x)
    #expect(padded.shape == [2, 3, 2])
    #expect(padded.array(Float.self) == [1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 9, 10])
    #expect(rows.packed(padded).isEqual(to: x))
    #expect(rows.padding?.array(Float.self) == [0, 0, 1, 0, 0, 0])
    let even = DistanceRows(rowStarts: Tensor([0, 2, 4] as [Int32]), positions: nil, device: .cpu)
    #expect(even.padding == nil && even.padded(x[0..<4]).shape == [2, 2, 2])
  }
}
