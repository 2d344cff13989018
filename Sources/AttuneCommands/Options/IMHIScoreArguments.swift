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
    var result: [Override] = []
    func set(_ option: String, _ key: String, _ value: (some SettingValue)?) {
      if let value { result.append(Override(option: "\(option) \(value.yaml)", "scores.\(key)=\(value.yaml)")) }
    }
    set("--bert-score", "bert_score", bertScore)
    set("--bert-score-layer", "bert_score_layer", bertScoreLayer)
    set("--bert-score-idf", "bert_score_idf", bertScoreIdf ? true : nil)
    set("--bert-score-baseline", "bert_score_baseline", bertScoreBaseline)
    set("--bert-score-prefix-space", "bert_score_prefix_space", bertScorePrefixSpace ? true : nil)
    set("--bart-score", "bart_score", bartScore)
    return result
  }
}
