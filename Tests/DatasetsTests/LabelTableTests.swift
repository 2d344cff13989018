import Datasets
import Files
import TestSupport
import Testing

@Suite struct LabelTableTests {
  @Test(arguments: [
    ("^yes", "  Yes, the poster", true), ("^yes", "yesterday", false), ("^yes", "Well, yes", false), ("^yes", "YES", true), ("^yes", "\u{A0}yes.", true),
    ("suicid*", "suicidal thoughts", true), ("suicid*", "nonsuicidal", false), ("work", "work-related", true), ("work", "homework", false),
    ("work", "work’s", true), ("work", "workés", false), ("work", "éwork", false), ("emotion[al] turmoil", "emotion turmoil", true),
    ("emotion[al] turmoil", "Emotional turmoil.", true), ("emotion[al] turmoil", "emotions turmoil", false),
    ("other [stress ]cause[s]", "other stress causes", true), ("other [stress ]cause[s]", "other cause", true),
    ("other [stress ]cause[s]", "another cause", false), ("ptsd", "", false),
  ])
  func phrasesMatchAsTheirRegularExpressions(_ pattern: String, _ text: String, _ matches: Bool) throws {
    let phrase = try #require(Phrase(pattern))
    let table = try LabelTable(dataset: "t", labels: [
      .init(id: 0, name: pattern.filter { !"^*[]".contains($0) }, shortName: "a", phrases: [phrase]),
      .init(id: 1, name: "zzz", shortName: "zzz", phrases: [try #require(Phrase("zzz"))]),
    ])
    #expect(table.read(text) == (matches ? .label(0) : .unmatched))
  }

  @Test(arguments: ["", "^", "*", "Yes", "a[b", "a]b", "[]", "a.b", " a", "a ", "x[ y]z["])
  func malformedPhrasesAreRefused(_ pattern: String) { #expect(Phrase(pattern) == nil) }

  @Test func everyIMHITableReadsItsOwnNames() throws {
    for dataset in IMHILabels.datasets {
      let table = try #require(IMHILabels.table(dataset))
      for label in table.labels {
        #expect(table.read(label.name) == .label(label.id))
        #expect(table.id(named: label.shortName.uppercased()) == label.id)
        #expect(table.id(named: String(label.id)) == label.id)
      }
      #expect(table.id(named: String(table.count)) == nil)
      #expect(table.id(named: "01") == nil)
    }
    #expect(IMHILabels.table("nothing") == nil)
  }

  @Test func aTableWhoseRulesOverlapIsRefused() throws {
    let phrase = try #require(Phrase("work"))
    #expect(throws: LabelTableError.self) {
      try LabelTable(dataset: "t", labels: [
        .init(id: 0, name: "work", shortName: "a", phrases: [phrase]), .init(id: 1, name: "work load", shortName: "b", phrases: [phrase]),
      ])
    }
  }

  @Test(arguments: [
    ("DR", "\n\nYes, the poster does. Reasoning: They say no.", 1), ("DR", "Reasoning: The post says yes.", nil),
    ("DR", "\nNo, the poster does not. The post is calm.", 0), ("MultiWD", "Reasoning: No. The post is about work.", 0),
    ("MultiWD", "\n\nA. Yes, this dimension exists. Reasoning: It does.", 1), ("DR", "The poster says yes to everything.", nil),
    ("SAD", "\n\nAnswer: This post shows the stress cause related to school. Reasoning: Exams.", 0),
    ("SAD", "\n\nA) School\nB) Work\nC) Family issues\n\nCorrect answer: Work. Reasoning: A deadline.", 4),
    ("SAD", "\n\nA) School\nB) Work\n\nReasoning: A deadline at school.", nil),
    ("SAD", "\n\nAnswer: The appropriate label for this post is Family issues. The post mentions school.", 2),
    ("SAD", "Reasoning: The post mentions work and a boss.", nil), ("SAD", "This post mentions health issues.", nil),
    ("CAMS", "none. Reasoning: There is no cause.", 0), ("t-sid", "This post shows PTSD. Reasoning: Dreams.", 3),
  ] as [(String, String, Int?)])
  func verdictsAreReadOnlyWhereTheyAreStated(_ dataset: String, _ text: String, _ label: Int?) throws {
    #expect(try #require(IMHILabels.table(dataset)).verdict(of: text) == label)
  }

  @Test(arguments: [
    ("DR", "Yes, it does. Reasoning: The post is sad.", "The post is sad."), ("DR", "No, it does not. The post is calm.", "The post is calm."),
    ("DR", "\n\nReasoning: Yes, it does. It is sad. ", "It is sad."), ("DR", "The post is sad.", "The post is sad."), ("DR", "Yes.", "Yes."),
    ("DR", "", ""), ("DR", "Yes. Reasoning:", "Yes. Reasoning:"), ("SAD", "This post shows the stress cause of work. A boss is rude.", "A boss is rude."),
    ("SAD", "This post mentions work. A boss is rude.", "This post mentions work. A boss is rude."),
  ])
  func strippedReasoningHidesTheVerdictAndNothingElse(_ dataset: String, _ text: String, _ stripped: String) throws {
    #expect(try #require(IMHILabels.table(dataset)).strippedReasoning(text) == stripped)
  }
}

/// The corrected and the upstream rules against the reference tables, row for row.
@Suite(.enabled(if: Public.hasData, Public.hint)) struct IMHIGoldTests {
  @Test func everyReleasedFileGivesTheReferenceDistribution() throws {
    var files: [String: DataFile] = [:]
    var compared = 0
    for row in try Public.reference("imhi_label_distribution") {
      let (split, dataset) = (row["split"]!, row["dataset"]!)
      if files["\(split) \(dataset)"] == nil { files["\(split) \(dataset)"] = try Public.file(split, dataset) }
      guard let file = files["\(split) \(dataset)"] else { continue }
      #expect(DataStats(file).labelCounts[Int(row["label_id"]!)!] == Int(row["count"]!), "\(split) \(dataset) \(row["label"]!)")
      compared += 1
    }
    #expect(compared >= 130)  // of 150: the expert files of four sets are not in the public copy
  }

  @Test func correctedAndUpstreamRulesMissWhatTheAuditSays() throws {
    var compared = 0
    for row in try Public.reference("imhi_gold_rule_audit") {
      let dataset = row["dataset"]!
      guard let file = try Public.file(row["split"]!, dataset) else { continue }
      let corrected = file.rows.map(\.reading)
      #expect(file.rows.count == Int(row["rows"]!))
      #expect(corrected.filter { $0 == .unmatched }.count == Int(row["corrected_unmatched"]!))
      #expect(corrected.filter { if case .ambiguous = $0 { true } else { false } }.count == Int(row["corrected_ambiguous"]!))
      for (script, column) in [(UpstreamRules.Script.imhi, "imhi"), (.labelInference, "label_inference")] {
        let rules = try #require(UpstreamRules(script, dataset: dataset))
        let read = file.rows.map { rules.goldLabel($0.text) }
        #expect(read.filter { $0 == nil }.count == Int(row["\(column)_unmatched"]!), "\(row)")
        #expect(zip(read, corrected).filter { $0 != nil && $0 != $1.label }.count == Int(row["\(column)_wrong"]!), "\(row)")
      }
      let rules = try #require(UpstreamRules(.imhi, dataset: dataset))
      let output = file.rows.map { rules.outputLabel($0.text) }
      #expect(output.filter { $0 == nil }.count == Int(row["imhi_output_rule_on_gold_unmatched"]!), "\(row)")
      let wrong = zip(output, corrected).filter { ($0 ?? rules.defaultLabel) != $1.label }.count
      #expect(wrong == Int(row["imhi_output_rule_on_gold_wrong"]!), "\(row)")
      compared += 1
    }
    #expect(compared == 37)  // of 41: the expert files of CAMS, loneliness, swmh and t-sid are not in the public copy
  }

  @Test func perfectTextAndMajorityScoreWhatTheReferenceSays() throws {
    var compared = 0
    for row in try Public.reference("imhi_rule_ceiling_and_majority") {
      let dataset = row["dataset"]!
      guard let file = try Public.file(row["split"]!, dataset) else { continue }
      let rules = try #require(UpstreamRules(.imhi, dataset: dataset))
      let gold = file.rows.compactMap(\.reading.label)
      let ceiling = Scores(gold: gold, predicted: file.rows.map { rules.outputLabel($0.text) ?? rules.defaultLabel })
      #expect(abs(ceiling.accuracy - Double(row["perfect_text_acc_upstream_output_rule"]!)!) < 1e-12, "\(row)")
      #expect(abs(ceiling.weightedF1 - Double(row["perfect_text_weighted_f1"]!)!) < 1e-12, "\(row)")
      let majority = DataStats(file).majority
      #expect(abs(majority.accuracy - Double(row["majority_acc"]!)!) < 1e-12, "\(row)")
      #expect(abs(majority.weightedF1 - Double(row["majority_weighted_f1"]!)!) < 1e-12, "\(row)")
      #expect(abs(majority.macroF1 - Double(row["majority_macro_f1"]!)!) < 1e-12, "\(row)")
      compared += 1
    }
    #expect(compared == 21)
  }

  @Test func upstreamsExamplesScoreWhatTheReferenceSays() throws {
    for row in try Public.reference("imhi_example_scores") {
      let dataset = row["dataset"]!
      let table = try #require(IMHILabels.table(dataset))
      let isRule = row["labeller"]!.hasPrefix("IMHI.py")
      let folder = isRule ? "response_generation_examples" : "label_data_examples"
      let file = try GenerationFile.read("\(Public.root)/examples/\(folder)/\(dataset).csv")
      let gold = try file.goldens.map { try #require(table.reading(of: $0).label) }
      let predicted: [Int]
      if isRule {
        let rules = try #require(UpstreamRules(.imhi, dataset: dataset))
        let read = file.generated.map(rules.outputLabel)
        #expect(read.filter { $0 == nil }.count == Int(row["unmatched_outputs"]!))
        predicted = read.map { $0 ?? rules.defaultLabel }
      } else {
        predicted = try (#require(file.labels)).map { try #require(table.id(named: $0)) }
      }
      let scores = Scores(gold: gold, predicted: predicted)
      #expect(gold.count == Int(row["n"]!))
      #expect(abs(scores.accuracy - Double(row["accuracy"]!)!) < 1e-12)
      #expect(abs(scores.weightedF1 - Double(row["weighted_f1"]!)!) < 1e-12)
      #expect(abs(scores.macroF1 - Double(row["macro_f1"]!)!) < 1e-12)
    }
  }
}

@Suite struct UpstreamRulesTests {
  @Test func releasedClassifiersHaveTheirOwnOrder() throws {
    let tsid = try #require(UpstreamRules.classifierOrder("t-sid")).map { IMHILabels.table("t-sid")!.shortNames[$0] }
    #expect(tsid == ["depression", "suicide", "ptsd", "control"])
    let swmh = try #require(UpstreamRules.classifierOrder("swmh")).map { IMHILabels.table("swmh")!.shortNames[$0] }
    #expect(swmh == ["depression", "suicide", "anxiety", "bipolar", "no mental"])
    #expect(UpstreamRules.classifierOrder("SAD") == Array(0..<9))
    #expect(UpstreamRules.classifierOrder("none") == nil)
  }

  // Python 3.11: round(x * 100, 2).
  @Test(arguments: [(0.5623025623, 56.23), (1.0, 100.0), (0.00005, 0.01), (0.000049, 0.0), (2.0 / 3, 66.67), (0.80125, 80.12), (0.125 / 1000, 0.01)])
  func percentagesRoundAsPythonDoes(_ fraction: Double, _ percent: Double) { #expect(UpstreamRules.percent(fraction) == percent) }

  @Test func outputsAreReadBySubstringsBeforeTheMarker() throws {
    let rules = try #require(UpstreamRules(.imhi, dataset: "DR"))
    #expect(rules.outputLabel("Reasoning: yes") == nil)
    #expect(rules.outputLabel("\n\nNo. Reasoning: yes") == 0)
    #expect(rules.outputLabel("I know") == 0)  // the substring "no"
    #expect(rules.outputLabel("Yesterday, or not") == 1)  // "yes" is looked for first
    #expect(UpstreamRules(.imhi, dataset: "SAD")?.defaultLabel == 8)
    #expect(UpstreamRules(.imhi, dataset: "other") == nil)
  }

  // The line of src/IMHI.py for the DR example, from the reference scores (IMHI.py prints round(x * 100, 2)).
  @Test(.enabled(if: Public.hasData, Public.hint)) func resultLineIsUpstreams() throws {
    let rules = try #require(UpstreamRules(.imhi, dataset: "DR"))
    let file = try GenerationFile.read("\(Public.root)/examples/response_generation_examples/DR.csv")
    let pairs = rules.pairs(goldens: file.goldens, outputs: file.generated)
    let scores = Scores(gold: pairs.gold, predicted: pairs.output)
    let line = rules.resultLine(
      accuracy: scores.accuracy, weightedF1: scores.weightedF1, microF1: scores.accuracy, macroF1: scores.macroF1,
      outOfDistribution: pairs.outOfDistribution)
    #expect(line == "Dataset: DR, average acc:57.14, weighted F1 56.23, micro F1 57.14, macro F1 57.0, OOD count: 24")
    #expect(pairs.unreadGolds.isEmpty)
  }

  @Test func unreadGoldsAreLeftOutAndListed() throws {
    let rules = try #require(UpstreamRules(.imhi, dataset: "CAMS"))
    let pairs = rules.pairs(goldens: ["no causes. Reasoning: a", "medication. Reasoning: b"], outputs: ["none", "?"])
    #expect(pairs.gold == [3] && pairs.output == [0] && pairs.outOfDistribution == 1 && pairs.unreadGolds == [0])
  }
}
