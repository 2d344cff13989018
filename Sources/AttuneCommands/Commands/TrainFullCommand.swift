import ArgumentParser
import Configuration

/// `attune train full`.
struct TrainFullCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "full",
    abstract: "Fine-tune every weight of a language model.",
    discussion: """
      The model ends in OUTPUT/best, as transformers reads it, and OUTPUT/model is another name for it. Settings come from the \
      defaults, then --recipe, then options and section.key=value in the order given; the last one wins. scripts/recipes/full.yaml \
      lists every key with its effect. A run folder that exists is continued if its configuration is the same.

      Examples:
        attune train full --base MODEL --data . --output runs/full
        attune train full --base MODEL --data rows.jsonl --output runs/mine training.gradient_checkpointing=true
      """)

  @OptionGroup var arguments: FinetuneArguments

  func run() throws { try arguments.run(.full) }
}
