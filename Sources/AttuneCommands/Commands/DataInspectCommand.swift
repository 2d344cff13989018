public import ArgumentParser
public import Datasets
import Files
import Reports
import Tokenizers

/// `attune data inspect`.
struct DataInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show one row as the model sees it: tokens, ids, segments and label, or which tokens are learned.",
    discussion: """
      A row is shown to a language model (LlamaForCausalLM and its like) with its loss mask, to any other model as a classifier's \
      input. The one command that prints a row's text, as tokens on standard output.
      """)

  /// What a row is shown as.
  enum Task: String, CaseIterable, ExpressibleByArgument { case classifier, languageModel = "language-model" }

  @Argument(help: ArgumentHelp("A CSV or JSONL file.", valueName: "path")) var path: String
  @Option(help: ArgumentHelp("Row, from 1; a header does not count.", valueName: "n")) var row: Int
  @Option(help: ArgumentHelp("Folder with the tokenizer.", valueName: "dir")) var model: String
  @Option(help: ArgumentHelp("Tokens the input is cut to. Default: 256, for a language model 1024.", valueName: "n")) var maxLength: Int?
  @Option(help: "Show the row as a classifier or a language model reads it. Default: by the model's config.json.") var task: Task?
  @Option(help: "Tokens a language model learns: completion or all.") var loss = SequenceEncoder.Loss.completion
  @Option(help: ArgumentHelp("Of a language model: plain, or a chat template by name. Default: the model's own, else plain.", valueName: "name")) var template = "auto"
  @Option(help: ArgumentHelp("Between prompt and completion. Default: what suits the tokenizer.", valueName: "text")) var separator: String?
  @Option(help: "The text to read: full, reasoning, post or post+question.") var input = TextView.full
  @OptionGroup(title: "Output") var console: ConsoleArguments

  func validate() throws {
    if let maxLength, maxLength < 8 { throw ValidationError("--max-length: found \(maxLength), expected at least 8") }
  }

  func run() throws {
    if task == .languageModel || task == nil && LanguageInspection.isLanguageModel(model) {
      let shown = try LanguageInspection(
        path: path, row: row, model: model, maxLength: maxLength ?? 1024, template: template, separator: separator, loss: loss)
      return print(console.json ? shown.json.encoded(indent: 2) : shown.text(hasColour: Terminal.standardOutput().hasColour))
    }
    let file = try DataSelection.file(path)
    guard file.rows.indices.contains(row - 1) else {
      throw InputError(path, "has no row \(row), expected 1 to \(file.rows.count)")
    }
    let tokenizer = try Tokenizers.load(model)
    let item = file.rows[row - 1]
    let example = Example(id: item.id, post: item.post, question: item.question, text: item.text, label: item.reading.label ?? 0)
    let segments = input.segments(of: example, labels: file.labels)
    let whole = try tokenizer.encode(segments.first, pair: segments.second)
    let strategy: Truncation.Strategy = segments.second == nil ? .longestFirst : .onlySecond
    let truncation = Truncation(maximumLength: maxLength ?? 256, strategy: strategy)
    let encoding = try tokenizer.encode(segments.first, pair: segments.second, options: EncodingOptions(truncation: truncation))
    let tokens = encoding.ids.map { tokenizer.token(of: $0) ?? "?" }
    let label = item.reading.label.map { "\($0) \(file.labels.names[$0])" } ?? "\(item.reading)"

    if console.json {
      print(
        JSON.object([
          "id": .string(item.id.description), "line": .integer(item.line), "label": item.reading.label.map(JSON.integer) ?? .null,
          "label_name": item.reading.label.map { .string(file.labels.names[$0]) } ?? .null, "length": .integer(whole.count),
          "cut": .integer(whole.count - encoding.count), "tokens": .array(tokens.map(JSON.string)),
          "input_ids": .array(encoding.ids.map { .integer(Int($0)) }), "token_type_ids": .array(encoding.typeIDs.map { .integer(Int($0)) }),
        ]).encoded(indent: 2))
    } else {
      print("\(item.id), line \(item.line)\nlabel   \(label): the loss is of this one label, not of tokens")
      print("length  \(whole.count) tokens\(whole.count > encoding.count ? ", \(whole.count - encoding.count) cut" : "")\n")
      for (position, id) in encoding.ids.enumerated() {
        print("\(position)\t\(id)\t\(encoding.typeIDs.isEmpty ? 0 : encoding.typeIDs[position])\t\(tokens[position])")
      }
    }
  }
}

extension SequenceEncoder.Loss: ExpressibleByArgument {}
