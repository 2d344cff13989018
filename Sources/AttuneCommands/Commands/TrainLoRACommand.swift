import ArgumentParser
import Configuration

/// `attune train lora`.
struct TrainLoRACommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lora",
    abstract: "Fine-tune a language model with low-rank adapters, as PEFT reads them.",
    discussion: """
      The model stays frozen; the adapter ends in OUTPUT/best, and OUTPUT/adapter is another name for it. Settings come from the \
      defaults, then --recipe, then options and section.key=value in the order given; the last one wins. scripts/recipes/lora.yaml \
      lists every key with its effect. A run folder that exists is continued if its configuration is the same.

      Examples:
        attune train lora --base MODEL --data . --output runs/lora
        attune train lora --base MODEL --data rows.jsonl --output runs/mine lora.r=8 optimizer.learning_rate=1e-4
        attune train lora --base MODEL --data . --output runs/lora --dry-run
      """)

  @OptionGroup var arguments: FinetuneArguments

  func run() throws { try arguments.run(.lora) }
}
