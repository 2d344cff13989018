internal import Datasets
public import Files
internal import Reports

// `results.json` and the tables, every number with all its digits. What is not known or not finite is null, in tables empty.

extension IMHIEvaluation {
  /// The version of the schema below.
  public static let schema = 1

  public var json: JSON {
    [
      "schema": .integer(Self.schema), "kind": "imhi", "notice": .string(ReportPage.notice), "dataset": .string(dataset),
      "facts": .object(JSONObject(facts.map { ($0.name, JSON.string($0.value)) })), "sets": .array(sets.map(\.json)),
      "published": showsPublished ? published : .null, "comparison": comparison?.json ?? .null, "correlation": correlation?.json ?? .null,
      "problems": .array(problems.map { .string($0.description) }),
    ]
  }

  private var published: JSON {
    [
      "source": .string(PublishedScores.source), "unit": "percent",
      "systems": .array(PublishedScores.systems.map { system in
        [
          "name": .string(system.name), "group": .string(system.group), "parameters": .string(system.parameters),
          "weighted_f1": .object(JSONObject(PublishedScores.sets.compactMap { set in system.weightedF1[set].map { (set, JSON.number($0)) } })),
        ]
      }),
    ]
  }

  /// A line a system and, in columns, the sets: weighted F1 in percent, with who measured it.
  var table: [UInt8] {
    let names = sets.map(\.name)
    var writer = CSVWriter()
    writer.write(["system", "source"] + names)
    for row in systems { writer.write([row.name, row.source] + row.scores.map { $0.map { "\($0)" } ?? "" }) }
    return writer.bytes
  }

  /// Ours first, then the majority class, then the paper's.
  var systems: [(name: String, source: String, scores: [Double?])] {
    var rows: [(name: String, source: String, scores: [Double?])] = []
    func add(_ name: String, _ source: String, _ score: (IMHISet) -> Double?) {
      let scores = sets.map(score)
      if scores.contains(where: { $0 != nil }) { rows.append((name, source, scores)) }
    }
    add("this run, labelled", "measured") { $0.labelled.map { 100 * $0.weightedF1 } }
    add("this run, by rule", "measured") { $0.rules.map { 100 * $0.weightedF1 } }
    add("majority class", "measured") { $0.majority.map { 100 * $0.weightedF1 } }
    guard showsPublished else { return rows }
    for system in PublishedScores.systems { add(system.name, "published") { system.weightedF1[$0.name] } }
    return rows
  }

  var comparisonTable: [UInt8] {
    var writer = CSVWriter()
    writer.write([
      "set", "measure", "rows", "this", "other", "difference", "low", "high", "bootstrap_p", "randomisation_p", "randomisation_p_holm", "only_this",
      "only_other", "mcnemar_p", "mcnemar_p_holm",
    ])
    for line in comparison?.lines ?? [] {
      let numbers = [
        line.first, line.second, line.difference, line.interval.lowerBound, line.interval.upperBound, line.bootstrapP, line.randomisationP, line.adjustedP,
      ]
      let test = line.mcNemar.map { ["\($0.onlyFirst)", "\($0.onlySecond)", "\($0.p)", "\($0.adjustedP)"] } ?? ["", "", "", ""]
      writer.write([line.set, line.measure, "\(line.rows)"] + numbers.map { "\($0)" } + test)
    }
    return writer.bytes
  }
}

extension IMHISet {
  var json: JSON {
    [
      "name": .string(name), "rows": .integer(rows),
      "states": .object(JSONObject(AnswerState.allCases.map { ($0.rawValue, JSON.integer(counts[$0] ?? 0)) })),
      "unread_golds": .integer(unreadGolds), "labels": .array(labels.map(JSON.string)), "labelled": labelled.map { $0.json(labels) } ?? .null,
      "rules": rules.map { $0.json(labels) } ?? .null,
      "majority": majority.map { ["accuracy": .number($0.accuracy), "weighted_f1": .number($0.weightedF1), "macro_f1": .number($0.macroF1)] } ?? .null,
      "texts": texts.json, "notes": .array(notes.map(JSON.string)),
    ]
  }
}

extension AnswerScores {
  func json(_ labels: [String]) -> JSON {
    [
      "rows": .integer(rows), "covered": .integer(covered), "accuracy": .number(accuracy), "weighted_f1": .number(weightedF1),
      "weighted_f1_low": .number(interval.lowerBound), "weighted_f1_high": .number(interval.upperBound), "macro_f1": .number(macroF1),
      "classes": .array(zip(labels, classes).map { label, item in
        [
          "label": .string(label), "rows": .integer(item.support), "precision": .number(item.precision), "recall": .number(item.recall),
          "f1": .number(item.f1), "f1_low": .number(item.interval.lowerBound), "f1_high": .number(item.interval.upperBound),
        ]
      }),
      "confusion": .array(confusion.map { .array($0.map(JSON.integer)) }),
    ]
  }
}

extension IMHIComparison {
  var json: JSON {
    [
      "other": .string(other), "labels": .string(comparesLabelled ? "labelled" : "rules"), "left_out": .array(left.map(JSON.string)),
      "lines": .array(lines.map { line in
        [
          "set": .string(line.set), "measure": .string(line.measure), "rows": .integer(line.rows), "this": .number(line.first), "other": .number(line.second),
          "difference": .number(line.difference), "low": .number(line.interval.lowerBound), "high": .number(line.interval.upperBound),
          "bootstrap_p": .number(line.bootstrapP), "randomisation_p": .number(line.randomisationP), "randomisation_p_holm": .number(line.adjustedP),
          "mcnemar": line.mcNemar.map {
            [
              "only_this": .integer($0.onlyFirst), "only_other": .integer($0.onlySecond), "p": .number($0.p),
              "p_holm": $0.adjustedP.isFinite ? .number($0.adjustedP) : .null,
            ]
          } ?? .null,
        ]
      }),
    ]
  }
}
