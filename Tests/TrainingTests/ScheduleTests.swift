import Files
import Metrics
import TestSupport
import Testing

@testable import Training

/// Orders and rates against a second implementation and against transformers (`scripts/reference`).
@Suite struct ScheduleTests {
  @Test func learningRatesAreThoseOfTransformers() throws {
    for golden in try #require(JSON.read(Fixtures.path("training/learning_rates.json")).array) {
      let shape = try #require(golden["shape"]?.string.flatMap(LearningRateSchedule.Shape.init))
      func count(_ key: String) throws -> Int { try #require(golden[key]?.int) }
      let schedule = LearningRateSchedule(
        shape, peak: try #require(golden["peak"]?.double), warmup: try count("warmup"), steps: try count("steps"))
      let expected = try #require(golden["rates"]?.array).map { try #require($0.double) }
      #expect(expected.count == schedule.steps)
      expectClose(expected.indices.map(schedule.rate), expected, relative: 1e-12, absolute: 1e-20, "\(schedule)")
    }
  }

  @Test func batchesAreInTheExpectedOrder() throws {
    for golden in try #require(JSON.read(Fixtures.path("training/batch_order.json")).array) {
      func integers(_ json: JSON?) throws -> [Int] { try #require(json?.array).map { try #require($0.int) } }
      let seed = try #require(golden["seed"]?.string.flatMap(UInt64.init))
      let sampler = BatchSampler(lengths: try integers(golden["lengths"]), batchSize: try #require(golden["size"]?.int), seed: seed)
      let expected = try #require(golden["batches"]?.array).map { try integers($0) }
      #expect(sampler.batches(ofEpoch: try #require(golden["epoch"]?.int)) == expected)
      #expect(sampler.batchesPerEpoch == expected.count)
    }
  }

  @Test func anEpochHoldsEveryRowOnceInBatchesOfLikeLength() {
    var random = SplitMix64(seed: 1)
    let lengths = (0..<1003).map { _ in Int.random(in: 1...256, using: &random) }
    let sampler = BatchSampler(lengths: lengths, batchSize: 16, seed: 42)
    for epoch in 0..<3 {
      let batches = sampler.batches(ofEpoch: epoch)
      #expect(batches.flatMap { $0 }.sorted() == Array(lengths.indices))
      #expect(batches.count { $0.count == 16 } == 62 && batches.count { $0.count == 11 } == 1)
      // Padded to its longest row, a batch would hold few positions more than tokens; in random order half as many again.
      let padded = batches.reduce(0) { $0 + $1.count * $1.map { lengths[$0] }.max()! }
      #expect(Double(padded) < 1.05 * Double(lengths.reduce(0, +)))
    }
    #expect(sampler.batches(ofEpoch: 0) != sampler.batches(ofEpoch: 1))
  }
}
