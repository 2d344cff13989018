import ArgumentParser
import Configuration
import Files

/// What the methods of `attune score` with a network need.
struct ScoreModelArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Folder of the encoder of bert-score, or of the BART or T5 of bart-score.", valueName: "dir")) var model: String?
  @Option(help: "bart-score: hypo-ref scores the golden given the generation, as the paper; ref-hypo and src-hypo the generation, given the golden or what was asked; f is the mean of the first two.")
  var direction = ScoreJob.Direction.hypothesisToReference
  @Option(help: ArgumentHelp("The column of what was asked (src-hypo).", valueName: "name")) var source = "query"
  @Option(help: ArgumentHelp("The layer whose output is compared. Default: bert_score's choice for the folder's name, else the last.", valueName: "n")) var layer: Int?
  @Flag(help: "Weigh tokens by how few goldens have them.") var idf = false
  @Option(help: ArgumentHelp("Baselines to rescale by, as bert_score's rescale_baseline has them.", valueName: "file")) var baseline: String?
  @Flag(help: "A space before each text, as bert_score with RoBERTa under transformers 4.") var prefixSpace = false
  @OptionGroup var runtime: RuntimeArguments

  func validate() throws {
    if let layer, layer < 0 { throw ValidationError("--layer: found \(layer), expected a layer from 0") }
  }

  /// - Throws: `ValidationError` without a model, `InputError` for files that are not there.
  func job(_ method: ScoreJob.Method, data: String, golden: String, generated: String, output: String?, console: ConsoleArguments) throws -> ScoreJob {
    guard let model else { throw ValidationError("--method \(method.rawValue) needs --model, the folder of a model") }
    try InputCheck.folder(model, expected: "the folder of a model")
    if let baseline { try InputCheck.file(baseline, expected: "a file of baselines") }
    return ScoreJob(
      method: method, model: model, data: data, golden: golden, generated: generated, source: source, direction: direction, layer: layer, usesIDF: idf, baseline: baseline,
      addsPrefixSpace: prefixSpace, output: output, runtime: runtime.options, console: console.options)
  }
}
