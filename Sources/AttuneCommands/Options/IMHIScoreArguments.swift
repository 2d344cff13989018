import ArgumentParser
import Configuration

/// Scores of texts with a network inside, as stages of `attune eval imhi`; `--bert-score-X` is `--X` of `attune score --method bert-score`.
struct IMHIScoreArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Folder of an encoder: score the texts with BERTScore too.", valueName: "dir")) var bertScore: String?
  @Option(help: ArgumentHelp("The layer whose output is compared. Default: bert_score's choice for the folder's name, else the last.", valueName: "n"))
  var bertScoreLayer: Int?
  @Flag(help: "Weigh tokens by how few goldens of a set have them.") var bertScoreIdf = false
  @Option(help: ArgumentHelp("Baselines to rescale by, as bert_score's rescale_baseline has them.", valueName: "file")) var bertScoreBaseline: String?
  @Flag(help: "A space before each text, as bert_score with RoBERTa under transformers 4.") var bertScorePrefixSpace = false
  @Option(help: ArgumentHelp("Folder of a BART or T5: score the texts with BARTScore too.", valueName: "dir")) var bartScore: String?

  func validate() throws {
    if let bertScoreLayer, bertScoreLayer < 0 { throw ValidationError("--bert-score-layer: found \(bertScoreLayer), expected a layer from 0") }
  }

  /// The options given, as settings of the section `scores`.
  var overrides: [Override] {
    var options = OptionOverrides()
    options.set("--bert-score", "scores.bert_score", bertScore)
    options.set("--bert-score-layer", "scores.bert_score_layer", bertScoreLayer)
    options.set(flag: "--bert-score-idf", "scores.bert_score_idf", bertScoreIdf)
    options.set("--bert-score-baseline", "scores.bert_score_baseline", bertScoreBaseline)
    options.set(flag: "--bert-score-prefix-space", "scores.bert_score_prefix_space", bertScorePrefixSpace)
    options.set("--bart-score", "scores.bart_score", bartScore)
    return options.list
  }
}
