import Datasets
@testable import Evaluation
import Files
import Metrics
import TestSupport
import Testing

@Suite struct IMHIComparisonTests {
  /// A set of `count` rows with two labels; `right` says which rows an answer has right.
  private func samples(_ name: String, _ count: Int, right: (Int) -> Bool, score: (Int) -> Double, digest: String = "d") -> [IMHISample] {
    (1...count).map { row in
      let gold = row % 3 == 0 ? 1 : 0
      return IMHISample(
        dataset: name, row: row, digest: "\(digest)\(row)", state: .answered, gold: gold, rule: right(row) ? gold : 1 - gold, label: nil,
        scores: ["rougeL": score(row)])
    }
  }

  private func set(_ samples: [IMHISample]) throws -> IMHISet {
    try IMHISet(samples, name: samples[0].dataset, labels: ["no", "yes"], isLabelled: false, texts: .init(values: [], signatures: [:]), notes: [])
  }

  @Test func eachMeasureIsThatOfTheStatisticsOverSharedRows() throws {
    let first = samples("DR", 40, right: { $0 % 4 != 0 }, score: { Double($0 % 7) / 7 })
    // The second has eight rows more, and one whose gold is another.
    var second = samples("DR", 48, right: { $0 % 2 == 0 }, score: { Double($0 % 5) / 5 })
    second[0] = IMHISample(dataset: "DR", row: 1, digest: "other", state: .answered, gold: 1, rule: 1, label: nil, scores: ["rougeL": 1])
    let comparison = try IMHIComparison([try set(first)], other: ["DR": second], named: "b", exchanges: 500)
    #expect(comparison.lines.map(\.measure) == ["accuracy", "weighted_f1", "rougeL"] && comparison.lines.allSatisfy { $0.rows == 39 })

    let (one, two) = (Array(first.dropFirst()), Array(second[1..<40]))
    let rights = (one.map { $0.rule == $0.gold }, two.map { $0.rule == $0.gold })
    let accuracy = comparison.lines[0]
    let expected = try PairedComparison(
      rights.0.map { $0 ? 1 : 0 }, rights.1.map { $0 ? 1 : 0 }, bootstrap: Bootstrap(resamples: 2000, seed: 0), exchanges: 500)
    #expect(abs(accuracy.difference - expected.difference) < 1e-12 && accuracy.interval == expected.interval)
    #expect(accuracy.randomisationP == expected.randomisationP && accuracy.bootstrapP == expected.bootstrapP)
    let mcNemar = try #require(accuracy.mcNemar)
    #expect(mcNemar.onlyFirst == zip(rights.0, rights.1).count { $0 && !$1 } && mcNemar.onlySecond == zip(rights.0, rights.1).count { !$0 && $1 })
    #expect(mcNemar.p == PairedTests.mcNemar(onlyFirst: mcNemar.onlyFirst, onlySecond: mcNemar.onlySecond).p)

    func weighted(_ samples: [IMHISample]) throws -> Double {
      try ConfusionMatrix(true: samples.compactMap(\.gold), predicted: samples.compactMap(\.rule)).scores(.weighted).f1
    }
    #expect(try abs(comparison.lines[1].first - weighted(one)) < 1e-12 && abs(comparison.lines[1].second - weighted(two)) < 1e-12)
    #expect(comparison.lines[1].interval.contains(comparison.lines[1].difference) && comparison.lines[1].mcNemar == nil)
    #expect(abs(comparison.lines[2].first - one.reduce(0) { $0 + ($1.scores["rougeL"] ?? 0) } / 39) < 1e-12)
  }

  @Test func pValuesAreAdjustedOverTheSetsByHolm() throws {
    let names = ["A", "B", "C"]
    let sets = try names.enumerated().map { index, name in try set(samples(name, 60, right: { $0 % (index + 3) != 0 }, score: { _ in 0.5 })) }
    let others = Dictionary(uniqueKeysWithValues: names.map { ($0, samples($0, 60, right: { $0 % 2 == 0 }, score: { _ in 0.5 })) })
    let comparison = try IMHIComparison(sets, other: others, named: "b", exchanges: 500)
    for measure in ["accuracy", "weighted_f1", "rougeL"] {
      let lines = comparison.lines.filter { $0.measure == measure }
      #expect(lines.map(\.set) == names)
      #expect(try lines.map(\.adjustedP) == MultipleTesting.holm.adjusted(lines.map(\.randomisationP)))
    }
    let tests = comparison.lines.compactMap(\.mcNemar)
    #expect(try tests.map(\.adjustedP) == MultipleTesting.holm.adjusted(tests.map(\.p)) && tests.count == 3)
  }

  @Test func aSystemDoesNotDifferFromItself() throws {
    let own = samples("DR", 30, right: { $0 % 2 == 0 }, score: { Double($0) })
    let comparison = try IMHIComparison([try set(own)], other: ["DR": own], named: "itself", exchanges: 100)
    #expect(comparison.lines.allSatisfy { $0.difference == 0 && $0.randomisationP == 1 && $0.interval == 0...0 })
    #expect(comparison.lines[0].mcNemar?.p == 1)
  }

  @Test func runsWithoutACommonRowAreRefusedAndSetsLeftOutAreNamed() throws {
    let own = samples("DR", 10, right: { _ in true }, score: { _ in 1 })
    let foreign = samples("DR", 10, right: { _ in true }, score: { _ in 1 }, digest: "x")
    let error = #expect(throws: InputError.self) { try IMHIComparison([try set(own)], other: ["DR": foreign], named: "b") }
    #expect(error?.description.contains("shares no row with this run") == true)
    let both = try IMHIComparison([try set(own), try set(samples("SAD", 4, right: { _ in true }, score: { _ in 1 }))], other: ["DR": own], named: "b", exchanges: 10)
    #expect(both.left == ["SAD"])
  }

  @Test func aSampleIsReadBackAsItWasWritten() throws {
    let sample = IMHISample(dataset: "DR", row: 3, digest: "ab", state: .empty, gold: 1, rule: nil, label: 0, scores: ["chrf": 12.5])
    #expect(try IMHISample(try JSON.parse(sample.json.encoded(), source: "line"), path: "samples.jsonl", line: 1) == sample)
    let error = #expect(throws: InputError.self) { try IMHISample(["row": 1], path: "samples.jsonl", line: 7) }
    #expect(error?.location == "line 7")
  }

  @Test func thePublishedTableIsTheTranscribedOne() throws {
    let table = try CSVReader.read("\(Fixtures.embedded)/imhi/published.csv")
    #expect(table.header.dropFirst(3).map { $0.lowercased() } == PublishedScores.sets.map { $0.lowercased() })
    #expect(table.rows.count == PublishedScores.systems.count)
    for (fields, system) in zip(table.rows, PublishedScores.systems) {
      #expect([system.group, system.name, system.parameters] == Array(fields[..<3]))
      #expect(fields.dropFirst(3).map(Double.init) == PublishedScores.sets.map { system.weightedF1[$0] }, "\(system.name)")
    }
    #expect(PublishedScores.best(on: "CAMS")?.name == "MentalRoBERTa" && PublishedScores.best(on: "sample-stress") == nil)
  }
}
