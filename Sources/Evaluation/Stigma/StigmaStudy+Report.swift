public import Reports

extension StigmaStudy {
  /// Tables and page.
  /// - Parameters:
  ///   - facts: where the results are from.
  ///   - comparison: two of the runs, prompt by prompt, where it was asked for.
  public func output(facts: [ClassifierReport.Fact], comparison: RunComparison? = nil) -> StudyOutput {
    var sections: [StudyReport.Section] = []
    for group in runs.map(\.group).distinct {
      let members = runs.indices.filter { runs[$0].group == group }
      let file = group.file
      var figures = [StudyReport.Figure("overall-\(file)", "Stigma by condition", .estimates(overallFigure(members)))]
      figures += questionFigures(members, scored: true, "questions-\(file)", "Single questions of the score")
      figures += questionFigures(members, scored: false, "causes-\(file)", "Causes and other questions, in no score")
      figures += subgroupFigures(members, "subgroups-\(file)")
      sections.append(StudyReport.Section(group.title, figures: figures))
    }
    func page(_ name: String, _ columns: [String], folded: Bool = false) -> [StudyReport.Table] {
      tables.filter { $0.name == name }.map { $0.page(columns, folded: folded) }
    }
    let shown =
      page("overall", [
        "model", "condition", "steel_man", "estimate", "estimate_low", "estimate_high", "n_used", "n_total", "lower_bound_if_dropped_0",
        "upper_bound_if_dropped_1", "questions_used", "file", "settings",
      ])
      + page("formatting", ["model", "steel_man", "rows", "correctly_formatted", "do_not_know", "output_null", "stigma_rows_dropped", "file", "settings"])
      + page("human_2018", ["condition", "estimate", "upstream_mean", "if_csv_is_unwilling_mean"])
      + page("subgroup_differences", [
        "model", "attribute", "a", "b", "steel_man", "balanced_difference", "difference_ci95_low", "difference_ci95_high", "p_matched", "p_matched_holm", "file",
      ], folded: true)
      + page("pairwise", [
        "condition", "a", "b", "steel_man", "family", "mean_a", "mean_b", "welch_t", "p_raw", "p_bonferroni", "p_holm", "balanced_difference",
        "difference_ci95_low", "difference_ci95_high", "p_vignettes", "p_vignettes_holm", "p_mixed", "p_mixed_holm",
      ], folded: true)
    let counted = arithmetic == .corrected ? "vignettes" : "rows"
    return StudyOutput(
      kind: "stigma", title: "Stigma toward mental illness", arithmetic: arithmetic, notes: notes, facts: facts,
      footer: "Shares of stigmatising answers in percent, lower is better; whiskers and brackets are 95 % bootstrap intervals over \(counted), of single questions over their rows.",
      sections: sections, comparison: comparison, tables: tables, shown: shown,
      printed: [
        ("formatting", ["model", "steel_man", "file", "rows", "correctly_formatted", "do_not_know", "output_null", "stigma_rows_dropped"]),
        (
          "overall",
          [
            "model", "steel_man", "condition", "n_used", "n_total", "estimate", "estimate_low", "estimate_high", "lower_bound_if_dropped_0",
            "upper_bound_if_dropped_1",
          ]
        ), ("human_2018", []),
      ])
  }

  private func label(_ run: Int, among members: [Int]) -> String {
    members.count { runs[$0].model == runs[run].model } > 1 ? "\(runs[run].model) \(runs[run].file.prefix(10))" : runs[run].model
  }

  // MARK: Figures

  private func overallFigure(_ members: [Int]) -> EstimateFigure {
    let conditions = StigmaCondition.ordered(members.flatMap { runs[$0].rows.map(\.condition) }) + [StigmaCondition.overall]
    let groups = conditions.map { condition in
      var lines = members.map { index -> EstimateFigure.Line in
        let value = measured[index].cell(condition).flatMap { cell -> EstimateFigure.Value? in
          let (estimate, interval) = (estimate(cell), interval(cell))
          guard estimate.isFinite else { return nil }
          let isOpen = cell.dropped > 0
          return .init(
            estimate, low: interval?.lowerBound, high: interval?.upperBound, lowest: isOpen ? cell.lowest : nil, highest: isOpen ? cell.highest : nil)
        }
        return EstimateFigure.Line(label(index, among: members), [value])
      }
      if let mean = human?.means.first(where: { $0.condition == condition }) {
        lines.append(EstimateFigure.Line("people, 2018", isPeople: true, [.init(arithmetic == .corrected ? mean.unwilling : mean.upstream)]))
      }
      return EstimateFigure.Group(condition, lines)
    }
    return EstimateFigure(title: "Stigma by condition", axis: stigmaAxis, groups: groups)
  }

  /// Says how people's answers are read where they are shown.
  private var stigmaAxis: String {
    let people = human == nil ? "" : arithmetic == .corrected ? "; people read as unwilling" : "; people inverted as published"
    return "stigmatising answers, % (lower is better\(people))"
  }

  /// Three questions a figure, over the conditions and models.
  private func questionFigures(_ members: [Int], scored: Bool, _ name: String, _ caption: String) -> [StudyReport.Figure] {
    let all = members.flatMap { answers[$0] }
    let questions = all.filter { ($0.kind != .unscored) == scored }.map(\.question).distinct.sorted { (StigmaQuestion.rank($0), $0) < (StigmaQuestion.rank($1), $1) }
    let conditions = StigmaCondition.ordered(all.map(\.condition))
    return stride(from: 0, to: questions.count, by: 3).map { start in
      let part = Array(questions[start..<min(start + 3, questions.count)])
      let groups = conditions.map { condition in
        var lines = members.map { index in
          EstimateFigure.Line(label(index, among: members), part.map { question in
            answers[index].first { $0.question == question && $0.condition == condition }.flatMap { shown($0, scored: scored) }
          })
        }
        let people = part.map { question in human?.shares[question]?[condition].map { EstimateFigure.Value(peopleShare($0, question)) } }
        if people.contains(where: { $0 != nil }) { lines.append(EstimateFigure.Line("people, 2018", isPeople: true, people)) }
        return EstimateFigure.Group(condition, lines)
      }
      let figure = EstimateFigure(
        title: "\(caption): \(part.map(StigmaQuestion.name).joined(separator: ", "))",
        axis: scored ? stigmaAxis : "answers that agree, %", columns: part.map(StigmaQuestion.name), groups: groups)
      return StudyReport.Figure("\(name)-\(start / 3 + 1)", "\(caption), \(start / 3 + 1) of \((questions.count + 2) / 3)", .estimates(figure))
    }
  }

  private func shown(_ cell: StigmaAnswers, scored: Bool) -> EstimateFigure.Value? {
    guard !cell.codes.isEmpty else { return nil }
    guard scored, cell.kind == .negative else { return .init(cell.agree, low: cell.interval?.lowerBound, high: cell.interval?.upperBound) }
    return .init(cell.stigma, low: cell.interval.map { 1 - $0.upperBound }, high: cell.interval.map { 1 - $0.lowerBound })
  }

  /// The file's social-distance rows hold unwillingness, which is stigma as it stands.
  private func peopleShare(_ share: Double, _ question: String) -> Double {
    StigmaKind(question) == .negative && arithmetic == .upstream ? 1 - share : share
  }

  /// Three models a figure, over the values of each attribute.
  private func subgroupFigures(_ members: [Int], _ name: String) -> [StudyReport.Figure] {
    let answered = members.filter { measured[$0].cell(StigmaCondition.overall).map { $0.used > 0 } == true }
    guard let table = tables.first(where: { $0.name == "subgroups" }) else { return [] }
    return stride(from: 0, to: answered.count, by: 3).map { start in
      let part = Array(answered[start..<min(start + 3, answered.count)])
      let groups = StigmaAttribute.allCases.map { attribute in
        EstimateFigure.Group(attribute.rawValue, attribute.values(runs[part[0]].rows).map { value in
          EstimateFigure.Line(value, part.map { table.subgroup(runs[$0], attribute, value) })
        })
      }
      let figure = EstimateFigure(
        title: "Stigma by race, gender and education of the person in the vignette", axis: "stigmatising answers, % (not control)",
        columns: part.count == 1 ? [""] : part.map { label($0, among: members) }, groups: groups)
      let caption = "By race, gender and education" + (part.count == 1 ? ", \(label(part[0], among: members))" : "")
      return StudyReport.Figure(answered.count > 3 ? "\(name)-\(start / 3 + 1)" : name, caption, .estimates(figure))
    }
  }
}

extension ResultTable {
  /// The figure shows what the table has.
  fileprivate func subgroup(_ run: StigmaRun, _ attribute: StigmaAttribute, _ value: String) -> EstimateFigure.Value? {
    let wanted: [(String, Cell)] = [
      ("model", .text(run.model)), ("steel_man", .flag(run.name.steelMan)), ("file", .text(run.file)), ("settings", .text(run.name.otherSettings)),
      ("attribute", .text(attribute.rawValue)), ("value", .text(value)),
    ]
    guard let row = rows.indices.first(where: { row in wanted.allSatisfy { cell(row, $0.0) == $0.1 } }) else { return nil }
    func number(_ column: String) -> Double? { if case .number(let value)? = cell(row, column), value.isFinite { value } else { nil } }
    return number("estimate").map { .init($0, low: number("estimate_low"), high: number("estimate_high")) }
  }
}
