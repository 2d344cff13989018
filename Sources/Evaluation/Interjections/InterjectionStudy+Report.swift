public import Reports

extension InterjectionStudy {
  /// Tables and page.
  /// - Parameters:
  ///   - facts: where the results are from.
  ///   - validation: people's judgements of the same replies, where there are some.
  ///   - comparison: two of the runs, prompt by prompt, where it was asked for.
  public func output(
    facts: [ClassifierReport.Fact], validation: JudgeValidation? = nil, comparison: RunComparison? = nil
  ) -> StudyOutput {
    var sections: [StudyReport.Section] = []
    let people = measured.filter { $0.run.kind == .therapists }
    let bots = measured.filter { $0.run.kind == .bot }
    for group in measured.filter({ $0.run.kind == .model }).map(\.run.group).distinct {
      let members = measured.filter { $0.run.kind == .model && $0.run.group == group }
      let file = group.file
      var figures = [
        StudyReport.Figure("overall-\(file)", "Appropriate replies", .estimates(overallFigure(members, bots, people))),
        StudyReport.Figure("conditions-\(file)", "By condition", .estimates(conditionFigure(members, people))),
      ]
      figures += messageFigures(members, file)
      sections.append(StudyReport.Section(group.title, figures: figures))
    }
    if !bots.isEmpty { sections.append(StudyReport.Section("Live bots and therapists", figures: [
        StudyReport.Figure("bots", "Live bots and therapists by condition", .estimates(conditionFigure(bots, people))),
      ])) }
    if let validation {
      sections.append(StudyReport.Section("The judge and people", notes: [
        "\(validation.items.count) replies that the judge and \(validation.raters.count - 1) annotators all rated.",
      ], tables: validation.tables.map { $0.page($0.columns) }))
    }
    let counted = arithmetic == .corrected ? "transcripts, people and stimuli" : "rows"
    return StudyOutput(
      kind: "interjections", title: "Appropriate replies to interjections", arithmetic: arithmetic, notes: notes, facts: facts,
      footer: "Shares of appropriate replies in percent, higher is better; whiskers and brackets are 95 % bootstrap intervals over \(counted).",
      sections: sections, comparison: comparison, tables: tables + (validation?.tables ?? []), shown: pageTables,
      printed: [
        ("overall", ["model", "contextualize", "steel_man", "judge", "n", "n_unclassified", "n_correct", "estimate", "estimate_low", "estimate_high"]),
        ("by_condition", ["model", "contextualize", "steel_man", "condition", "n", "n_correct", "estimate", "estimate_low", "estimate_high"]),
        ("rater_agreement", []),
      ])
  }

  private var pageTables: [StudyReport.Table] {
    let run = ["contextualize", "steel_man", "file"]
    let values = ["estimate", "estimate_low", "estimate_high", "n", "n_unclassified", "n_correct"]
    // What a row is about first: on a narrow page the rest is beyond the edge.
    let columns: [(name: String, columns: [String], folded: Bool)] = [
      ("overall", ["model", "contextualize", "steel_man"] + values + ["clusters", "file", "judge", "settings"], false),
      ("by_condition", ["model", "condition"] + values + run, true), ("by_stimulus", ["model", "condition", "interjection", "verification_correct"] + values + run, true),
      ("by_message_number", ["model", "condition", "message_number"] + values + run, true),
      (
        "pairwise",
        [
          "condition", "a", "b", "contextualize", "steel_man", "family", "n_a", "n_b", "z", "p_raw", "p_bonferroni", "p_holm", "difference",
          "difference_ci95_low", "difference_ci95_high", "p_clusters", "p_clusters_holm", "p_mixed", "p_mixed_holm",
        ], true
      ),
    ]
    return columns.flatMap { item in tables.filter { $0.name == item.name }.map { $0.page(item.columns, folded: item.folded) } }
  }

  private static func label(_ item: Measured, among members: [Measured]) -> String {
    if item.run.kind == .therapists { return "therapists" }
    return members.count { $0.run.model == item.run.model } > 1 ? "\(item.run.model) \(item.run.file.prefix(10))" : item.run.model
  }

  private func value(_ cell: InterjectionCell) -> EstimateFigure.Value? {
    let (estimate, interval) = (cell.estimate(arithmetic), cell.interval(arithmetic))
    return estimate.isFinite ? .init(estimate, low: interval?.lowerBound, high: interval?.upperBound) : nil
  }

  private func line(_ item: Measured, _ members: [Measured], _ cells: [InterjectionCell?]) -> EstimateFigure.Line {
    EstimateFigure.Line(Self.label(item, among: members), isPeople: item.run.kind == .therapists, cells.map { $0.flatMap(value) })
  }

  // MARK: Figures

  private static let axis = "appropriate replies, % (higher is better)"

  private func overallFigure(_ members: [Measured], _ bots: [Measured], _ people: [Measured]) -> EstimateFigure {
    let groups = [("models", members), ("live bots", bots), ("people", people)].filter { !$0.1.isEmpty }.map { name, items in
      EstimateFigure.Group(name, items.map { line($0, items, [$0.overall]) })
    }
    return EstimateFigure(title: "Appropriate replies", axis: Self.axis, groups: groups)
  }

  private func conditionFigure(_ members: [Measured], _ people: [Measured]) -> EstimateFigure {
    let conditions = InterjectionCondition.ordered(members.flatMap { $0.conditions.map(\.condition) })
    let groups = conditions.map { condition in
      EstimateFigure.Group(condition, (members + people).map { item in
        line(item, members, [item.conditions.first { $0.condition == condition }?.cell])
      })
    }
    return EstimateFigure(title: "Appropriate replies by condition", axis: Self.axis, groups: groups)
  }

  /// All conditions together, then each. Numbers with one row are not drawn, as published; six models a figure.
  private func messageFigures(_ members: [Measured], _ file: String) -> [StudyReport.Figure] {
    let conditions = [nil] + InterjectionCondition.ordered(members.flatMap { $0.conditions.map(\.condition) }).map(Optional.some)
    return conditions.flatMap { condition in
      stride(from: 0, to: members.count, by: 6).map { start in
        let series = members[start..<min(start + 6, members.count)].map { item in
          SeriesFigure.Series(Self.label(item, among: members), item.messages.filter { $0.condition == condition && $0.cell.total > 1 }.compactMap { point in
            value(point.cell).map { SeriesFigure.Point(Double(point.number), $0) }
          })
        }
        let title = "Appropriate replies by number of messages, \(condition ?? "all conditions")"
        let figure = SeriesFigure(title: title, xName: "messages before the interjection", yName: "appropriate, %", series: series)
        let part = members.count > 6 ? "-\(start / 6 + 1)" : ""
        return StudyReport.Figure("messages-\(file)-\(ReportPage.identifier(condition ?? "all"))\(part)", "By messages before, \(condition ?? "all conditions")", .series(figure))
      }
    }
  }
}
