import Files
import NN
import TestSupport
import Testing
import Torch

@Suite struct RelativePositionBiasTests {
  /// `_relative_position_bucket` of transformers, distances -300 to 300 (`scripts/reference/seq2seq_reference.py`).
  @Test func bucketsAreTransformersBuckets() throws {
    let cases = try #require(try JSON.read(Fixtures.path("seq2seq/buckets.json")).array)
    #expect(cases.count == 6)
    for item in cases {
      let (count, longest) = (try #require(item["buckets"]?.int), try #require(item["maximum_distance"]?.int))
      let table = ParameterStore(source: nil)
      let bias = RelativePositionBias(
        buckets: count, heads: 2, maximumDistance: longest, bidirectional: item["bidirectional"]?.bool == true, deviation: 1, at: table.root["bias"])
      // A table that says its own row, and for the second head its negative.
      let rows = (0..<count).flatMap { [Float($0), -Float($0)] }
      withoutGradients { bias.weight.copy(from: Tensor(rows, shape: [count, 2])) }
      let found = withoutGradients { bias(below: 301) }
      let expected = try #require(item["values"]?.array).map { Float(try #require($0.int)) }
      #expect(found.shape == [2, 601])
      #expect(found[0].array(Float.self) == expected)
      #expect(found[1].array(Float.self) == expected.map { -$0 })
    }
  }
}
