import ArgumentParser
import Configuration
import Files

/// `attune merge`.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Add a LoRA adapter to its base model's weights.",
    discussion: """
      Writes a whole model, in the base model's precision and shards, that transformers and attune load without the adapter. \
      LoRA, rsLoRA, DoRA, patterns, biases, embeddings and modules that were trained whole are all added; an adapter that does \
      not fit, or whose update rounds to nothing, is refused. What was changed is listed in OUTPUT/merge.json.

      --rounding peft rounds the update to the base model's precision and adds it there, as merge_and_unload(safe_merge=True); \
      fp32 adds in single precision and rounds once, as merge_and_unload() does with float32 adapters. They differ for half-precision models only.

      Example:
        attune merge --base checkpoints/llama --adapter runs/imhi/best --output merged/ --verify 32 --data texts.txt
      """)

  @Option(help: ArgumentHelp("Folder of the base model.", valueName: "dir")) var base: String
  @Option(help: ArgumentHelp("Folder of the adapter, as PEFT or attune saves it.", valueName: "dir")) var adapter: String
  @Option(help: ArgumentHelp("Folder for the merged model.", valueName: "dir")) var output: String
  @Option(help: "How half-precision weights are rounded: peft or fp32.") var rounding = MergeJob.Rounding.peft
  @Option(help: ArgumentHelp("Compare merged and adapted model on this many rows.", valueName: "rows")) var verify = 0
  @Option(help: ArgumentHelp("Texts to compare on, one a line; JSONL with a key text where the name ends in .jsonl. Without it rows are made up.", valueName: "file"))
  var data: String?
  @Flag(help: "Replace the output if it exists.") var overwrite = false
  @OptionGroup var runtime: RuntimeArguments
  @OptionGroup var console: ConsoleArguments

  func validate() throws {
    if verify < 0 { throw ValidationError("--verify needs a number of rows, from 0") }
    if data != nil, verify == 0 { throw ValidationError("--data needs --verify, the number of rows to compare") }
  }

  func run() throws {
    try InputCheck.folder(base, expected: "the folder of a model")
    try InputCheck.folder(adapter, expected: "the folder of an adapter")
    if let data { try InputCheck.file(data, expected: "a file with one text a line") }
    let engine = try Engines.required()
    console.startLog()
    let job = MergeJob(
      base: base, adapter: adapter, output: output, rounding: rounding, verify: verify, data: data, overwrite: overwrite, runtime: runtime.options,
      console: console.options)
    try console.show(try engine.merge(job))
  }
}
