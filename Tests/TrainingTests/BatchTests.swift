import Datasets
import Glibc
import Models
import TestSupport
import Testing
import Torch

@testable import Training

/// How rows reach the model, in training and in prediction.
@Suite(.serialized) struct BatchTests {
  @Test func rowsGoEndToEndWithTheirSegments() {
    let examples = [
      EncodedExample(index: 0, ids: [1, 2, 3], typeIDs: [0, 0, 1], target: .label(1)), EncodedExample(index: 1, ids: [9], target: .label(0)),
      EncodedExample(index: 2, ids: [4, 5], target: .label(2)),
    ]
    let batch = Batch([2, 0, 1], of: examples)
    #expect(batch.ids == [4, 5, 1, 2, 3, 9] && batch.types == [0, 0, 0, 0, 1, 0] && batch.lengths == [2, 3, 1])
    #expect(batch.targets == [.label(2), .label(1), .label(0)])
    let tokens = batch.tokens(on: .cpu)
    #expect(tokens.positions.array(Int.self).prefix(6) == [0, 1, 0, 1, 2, 0] && tokens.ids.array(Int32.self).prefix(6) == batch.ids[...])
    // Behind the rows, short ones of id 0 up to a round number of tokens.
    #expect(tokens.rowStarts.array(Int32.self) == [0, 2, 5, 6, 16] && tokens.ids.array(Int.self).dropFirst(6).allSatisfy { $0 == 0 })
    #expect(tokens.firsts.array(Int.self) == [0, 2, 5])
    #expect(batch.split(2, of: examples).map(\.rows) == [[2, 0], [1]])
    #expect(batch.split(nil, of: examples).map(\.rows) == [[2, 0, 1]] && batch.split(7, of: examples).count == 1)
  }

  @Test func aPredictionDoesNotDependOnItsBatch() throws {
    try withTemporaryFolder { folder in
      try TinyBert.write(to: folder)
      let model = try ClassifierModel.load(folder)
      let rows = TinyBert.examples((0..<40).map { _ in .label(0) })
      let alone = rows.map { Predictor(model).logits([$0])[0] }
      for budget in [1, 30, 4096] {
        let together = Predictor(model, tokenBudget: budget).logits(rows)
        for (row, logits) in together.enumerated() { expectClose(logits, alone[row], relative: 0, absolute: 1e-6, "row \(row), budget \(budget)") }
      }
    }
  }

  @Test func predictionBatchesHoldRowsOfLikeLengthWithinTheBudget() throws {
    try withTemporaryFolder { folder in
      try TinyBert.write(to: folder)
      let predictor = Predictor(try ClassifierModel.load(folder), tokenBudget: 50)
      let lengths = (0..<60).map { ($0 * 29) % 41 + 1 } + [70]  // one beyond the budget is a batch of its own
      let batches = predictor.batches(lengths)
      #expect(batches.flatMap { $0 }.sorted() == Array(lengths.indices))
      #expect(batches[0] == [60])
      for batch in batches.dropFirst() { #expect(batch.reduce(0) { $0 + lengths[$1] } <= 50) }
      let order = batches.flatMap { $0.map { lengths[$0] } }
      #expect(order == order.sorted(by: >))
      #expect(predictor.batches([]).isEmpty && predictor.logits([]).isEmpty)

      var seen = 0
      let rows = TinyBert.examples((0..<30).map { _ in .label(0) })
      #expect(!predictor.forEach(rows, shouldStop: { seen >= 2 }) { _, _ in seen += 1 })
      #expect(seen == 2)
    }
  }

  @Test func prefetchedBatchesAreTheSamplersFromAnyCursor() {
    let examples = ScriptedTask.examples(23)
    let sampler = BatchSampler(lengths: examples.map { $0.ids.count }, batchSize: 5, seed: 8)
    let expected = (0..<4).flatMap { sampler.batches(ofEpoch: $0) }
    for start in [0, 3, 5, 12] {
      let prefetcher = Prefetcher(sampler, examples: examples, from: .init(epoch: start / 5, batch: start % 5), depth: 2)
      defer { prefetcher.cancel() }
      for rows in expected.dropFirst(start) { #expect(prefetcher.next().rows == rows) }
    }
  }

  @Test func aCancelledPrefetcherEndsItsThread() {
    let examples = ScriptedTask.examples(9)
    let sampler = BatchSampler(lengths: examples.map { $0.ids.count }, batchSize: 2, seed: 8)
    /// Threads that started and have not ended, after those that are about to.
    func threads(atMost limit: Int) -> Int {
      var count = 0
      for _ in 0..<2000 {
        guard let folder = opendir("/proc/self/task") else { return -1 }
        count = -2  // . and ..
        while readdir(folder) != nil { count += 1 }
        closedir(folder)
        if count <= limit { break }
        usleep(1000)
      }
      return count
    }
    let before = threads(atMost: 0)
    weak var last: Prefetcher?
    for taken in 0..<20 {
      let prefetcher = Prefetcher(sampler, examples: examples, from: .init())
      for _ in 0..<taken { _ = prefetcher.next() }
      prefetcher.cancel()
      last = prefetcher
    }
    #expect(threads(atMost: before) <= before)
    #expect(last == nil, "the thread keeps its prefetcher alive")
  }
}
