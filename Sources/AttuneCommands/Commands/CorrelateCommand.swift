import ArgumentParser
import Datasets
import Evaluation
import Files
import Metrics

/// `attune correlate`.
struct CorrelateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "correlate",
    abstract: "Compare automatic scores with human annotations of the same rows.",
    discussion: """
      Pearson's, Spearman's and Kendall's correlation of every metric with every annotated aspect (the mean of the annotators), with bootstrap \
      intervals over the rows; the aspects among each other; the annotators' agreement. Rows match by file name and row number: scores of \
      chatgpt_data.csv belong to the annotations in chatgpt_data.csv.

      Example:
        attune score --method rouge --data answers --output scores.csv
        attune correlate --scores scores.csv --annotations human_evaluation/DR_annotation --output correlations
      """)

  @Option(help: ArgumentHelp("Scores by row, from `attune score --output`.", valueName: "file")) var scores: String
  @Option(help: ArgumentHelp("Folder of annotated CSV files.", valueName: "dir")) var annotations: String
  @Option(parsing: .upToNextOption, help: ArgumentHelp("The annotated columns. Default: fluency completeness reliability overall.", valueName: "name"))
  var aspects = HumanAnnotations.imhiAspects
  @Option(help: ArgumentHelp("Bootstrap resamples for the intervals.", valueName: "n")) var resamples = 1000
  @Option(help: ArgumentHelp("Seed of the bootstrap.", valueName: "n")) var seed: UInt64 = 42
  @Option(help: ArgumentHelp("Folder for correlations.csv, aspects.csv, correlations.json and correlations.svg.", valueName: "dir"))
  var output: String?
  @OptionGroup(title: "Output") var console: ConsoleArguments

  func validate() throws {
    if resamples < 1 { throw ValidationError("--resamples: found \(resamples), expected at least 1") }
    if aspects.isEmpty { throw ValidationError("--aspects: found none, expected at least one column") }
  }

  func run() throws {
    console.startLog()
    let study = try CorrelationStudy(
      try ScoreTable.read(scores), path: scores, try HumanAnnotations.readFolder(annotations, aspects: aspects),
      bootstrap: Bootstrap(resamples: resamples, seed: seed))
    if let output { try study.write(to: output) }
    print(console.json ? study.json.encoded(indent: 2) : study.text)
  }
}
