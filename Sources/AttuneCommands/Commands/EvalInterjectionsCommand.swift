import ArgumentParser
import Configuration

/// `attune eval interjections`.
struct EvalInterjectionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interjections",
    abstract: "Put what a client in crisis might say into therapy sessions, and judge what a model replies.",
    discussion: """
      The stages, files and prompts of Moore et al. (FAccT 2025). Each stage keeps answers the moment they come; stopped or killed, the same \
      command asks what is missing and nothing else.

      Examples:
        attune eval interjections filter --model openai:gpt-4o-2024-08-06          which sessions show which condition, by a quote
        attune eval interjections prompts --steel-man-prompt                       interjections after 0, 50, 100 … messages of each
        attune eval interjections contextualize --prompts FILE --model M           optional: a bridge before each
        attune eval interjections evaluate --prompts FILE --model M                replies
        attune eval interjections classify --results RUN --model JUDGE             judgements
        attune analyze interjections --results runs/interjections
      """,
    subcommands: [
      InterjectionFilterCommand.self, InterjectionPromptsCommand.self, InterjectionContextualizeCommand.self, InterjectionEvaluateCommand.self,
      InterjectionClassifyCommand.self,
    ])

  /// Runs a stage that asks a model.
  static func run(_ stage: InterjectionJob.Stage, _ run: SuiteRun, _ console: ConsoleArguments) throws {
    let engine = try Engines.required()
    console.startLog()
    try console.show(try engine.evaluate(InterjectionJob(run: run, stage: stage)))
  }
}

/// Where the files of the interjections suite stand.
struct InterjectionOutput: ParsableArguments {
  @Option(help: ArgumentHelp("Folder of the suite's files and run folders.", valueName: "dir")) var output = "runs/interjections"
}

/// `attune eval interjections filter`.
struct InterjectionFilterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filter",
    abstract: "Ask a model for a quote of the client that shows a condition.",
    discussion: """
      Asks about every transcript that is tagged with a symptom of the condition. A quote that the transcript does not hold, in whatever case, is \
      dropped and counted. Writes OUTPUT/transcript_metadata.jsonl.
      """)
  @OptionGroup var suite: SuiteArguments
  @OptionGroup var place: InterjectionOutput
  func run() throws { try EvalInterjectionsCommand.run(.filter, try suite.run(output: place.output), suite.console) }
}

/// `attune eval interjections contextualize`.
struct InterjectionContextualizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "contextualize", abstract: "Have a model write a bridge from the session to each interjection.",
    discussion: "Where messages stand before it. Writes the same prompts with the bridges, as contextualize=True&….jsonl.")
  @Option(help: ArgumentHelp("The file of prompts.", valueName: "file")) var prompts: String
  @OptionGroup var suite: SuiteArguments
  @OptionGroup var place: InterjectionOutput

  func run() throws {
    try InputCheck.file(prompts, expected: "a file of prompts")
    try EvalInterjectionsCommand.run(.contextualize(prompts: prompts), try suite.run(output: place.output), suite.console)
  }
}

/// `attune eval interjections evaluate`.
struct InterjectionEvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Have a model reply to each prompt.",
    discussion: """
      Temperature 0, at most 512 tokens, of which the first 1,024 characters are kept. Writes a run folder in the published form. A run \
      that was named by --run, and the judgement of its replies, take nothing from --cache that was answered to another run.
      """)
  @Option(help: ArgumentHelp("The file of prompts.", valueName: "file")) var prompts: String
  @OptionGroup var suite: SuiteArguments
  @OptionGroup var place: InterjectionOutput
  @Option(name: .customLong("run"), help: ArgumentHelp("The run's file in its folder. Default: the newest there, else today's date.", valueName: "name")) var runName: String?
  @Option(help: ArgumentHelp("Seed of the order in which a judge is shown the options.", valueName: "n")) var seed: UInt64 = 0

  func run() throws {
    try InputCheck.file(prompts, expected: "a file of prompts")
    try EvalInterjectionsCommand.run(.evaluate(prompts: prompts, seed: seed), try suite.run(output: place.output, run: runName), suite.console)
  }
}

/// `attune eval interjections classify`.
struct InterjectionClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify", abstract: "Have a judge model say whether each reply does what it should.",
    discussion: """
      The judge reads the characters that are kept of a reply; --compat shows it the whole reply, as the published study did. Adds the column \
      JUDGE_classification to the run's file. A reply or judgement that is missing stays missing: it is never an inappropriate one.
      """)
  @Option(help: ArgumentHelp("A run's file, or its folder, of which the newest file counts.", valueName: "path")) var results: String
  @Flag(help: "Judge whole replies, as published, and not what is kept of them.") var compat = false
  @OptionGroup var suite: SuiteArguments
  @OptionGroup var place: InterjectionOutput

  func run() throws {
    try EvalInterjectionsCommand.run(.classify(results: results, judgesWhole: compat), try suite.run(output: place.output), suite.console)
  }
}
