import ArgumentParser
import Datasets
import Evaluation
import Files
import Metrics

/// `attune score`.
struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Measure generated explanations against their goldens.",
    discussion: """
      Reads DATASET.csv files with the columns goldens,generated_text (upstream's layout), or JSONL with these keys. Rows without a \
      generation are counted and left out; empty generations are counted and earn nothing. BLEU (0 to 100, as sacrebleu; hf_bleu, 0 to 1, as \
      Hugging Face evaluate), chrF and TER come with sacrebleu's signature; ROUGE is the mean F of rouge_score.

      Examples:
        attune score --method rouge --data answers
        attune score --method chrf --word-order 2 --data answers/DR.csv --output scores.csv
      """)

  @Option(help: "What to compute: bleu, rouge, chrf or ter.") var method: String
  @Option(help: ArgumentHelp("A CSV or JSONL file, or a folder of them.", valueName: "path")) var data: String
  @Option(help: ArgumentHelp("The column with the references.", valueName: "name")) var golden = "goldens"
  @Option(help: ArgumentHelp("The column with the generations.", valueName: "name")) var generated = "generated_text"
  @Option(help: "BLEU's words: 13a, intl, char, zh or none.") var tokenize = BLEUTokenization.mteval13a
  @Option(help: "BLEU's smoothing: exp, floor, add-k or none.") var smooth = TextScorer.Smoothing.exp
  @Flag(help: "Lower-case first (BLEU, chrF).") var lowercase = false
  @Flag(help: "Porter's stemmer (ROUGE).") var stemmer = false
  @Option(help: ArgumentHelp("Word n-grams in chrF; 2 is chrF++.", valueName: "n")) var wordOrder = 0
  @Option(help: "hf-mid: ROUGE as Hugging Face evaluate reports it, the median of 1,000 bootstrap means.") var compat: TextScorer.Compatibility?
  @Option(help: ArgumentHelp("Seed of hf-mid.", valueName: "n")) var seed: UInt32 = 42
  @Option(help: ArgumentHelp("CSV file for the scores by row: dataset, row and numbers, no text.", valueName: "file")) var output: String?
  @OptionGroup(title: "Output") var console: ConsoleArguments

  func validate() throws {
    let later = ["bert-score", "bart-score", "gpt-score"]
    if later.contains(method) { throw ValidationError("--method \(method) is not in this version yet; there are \(names)") }
    guard let method = TextScorer.Method(rawValue: method) else {
      let nearest = nearestName(to: method, among: TextScorer.Method.allCases.map(\.rawValue))
      throw ValidationError("--method: found '\(method)', expected \(names)\(nearest.map { "; nearest is '\($0)'" } ?? "")")
    }
    if compat == .hfMid && method != .rouge { throw ValidationError("--compat hf-mid is about ROUGE; use it with --method rouge") }
    if wordOrder < 0 || wordOrder > 9 { throw ValidationError("--word-order: found \(wordOrder), expected 0 to 9") }
  }

  func run() throws {
    console.startLog()
    guard let method = TextScorer.Method(rawValue: method) else { return }
    let scorer = TextScorer(
      method: method, tokenization: tokenize, smoothing: smooth, lowercase: lowercase, stemming: stemmer, wordOrder: wordOrder,
      compatibility: compat, seed: seed)
    var results: [TextScorer.Result] = []
    for file in try GenerationRows.readAll(data, golden: golden, generated: generated) { results.append(try scorer.score(file)) }
    if let output { try ScoreTable(metrics: scorer.rowMetrics, rows: results.flatMap(\.rows)).write(to: output) }
    if console.json {
      print(JSON.object(["method": .string(method.rawValue), "files": .array(results.map(\.json))]).encoded(indent: 2))
    } else {
      print(results.text, terminator: "")
    }
  }

  private var names: String { TextScorer.Method.allCases.map(\.rawValue).joined(separator: ", ") }
}
