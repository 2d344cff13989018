import ArgumentParser
import Evaluation
import Files

/// `attune analyze stigma`.
struct AnalyzeStigmaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stigma",
    abstract: "How much models stigmatise: by condition, question, race, gender and education, with tests.",
    discussion: """
      Reads runs of `attune eval stigma` and the published ones. Of rows without an answer, the bounds say where a mean could be. Tests are \
      those of the paper (Welch; Bonferroni and Holm), and what the design allows: bootstrap over vignettes and a mixed model. \
      --compare tests two runs prompt by prompt and lists what flipped, by key. No answer's text is in any output.

      Examples:
        attune analyze stigma --results llms-as-therapists/results --output runs/stigma-report
        attune analyze stigma --results llms-as-therapists/results --compat --tables overall pairwise
        attune analyze stigma --results runs/stigma --compare runs/stigma/model=a\\&steel-man-prompt=False/2026-01-01.jsonl \\
          runs/stigma/model=a\\&steel-man-prompt=False/2026-01-02.jsonl
      """)

  @OptionGroup(title: "Analysis") var analysis: AnalysisArguments
  @Option(help: ArgumentHelp("People's answers of 2018. Default: human_data_2018.csv of the checkout or as imported, if there.", valueName: "file"))
  var human: String?
  @OptionGroup(title: "Output") var console: ConsoleArguments

  func run() throws {
    console.startLog()
    let runs = try StigmaRun.readAll(analysis.results, selection: analysis.selection)
    let people = try (human ?? nearby).map { path in try HumanStigma.read(path) }
    let study = try StigmaStudy(runs, human: people, arithmetic: analysis.arithmetic, bootstrap: analysis.bootstrap)
    let pair = try analysis.compared(among: runs, names: { [$0.model, $0.name.model] }, describe: { "\($0.name.folder)/\($0.file)" }) { path in
      try StigmaRun.readAll(path)
    }
    let comparison = try pair.map { try RunComparison($0.0, $0.1, seed: analysis.seed) }
    try console.show(try analysis.finish(study.output(facts: analysis.facts, comparison: comparison)))
  }

  /// In the checkout that the results are of, or as `attune data import therapists` left it.
  private var nearby: String? {
    let root = FileSystem.trimmed(analysis.results)
    let checkouts = ["\(root)/..", "\(root)/../..", "\(root)/../../.."].map { "\($0)/external_data/human_data_2018.csv" }
    return (checkouts + ["test_data/therapists/human_data_2018.csv"]).first(where: FileSystem.isFile)
  }
}
