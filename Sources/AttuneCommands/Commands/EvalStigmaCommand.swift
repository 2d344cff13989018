import ArgumentParser
import Configuration

/// `attune eval stigma`.
struct EvalStigmaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stigma",
    abstract: "Ask a model the stigma survey: 14 questions about each of 72 people.",
    discussion: """
      The survey, prompts and scoring of Moore et al. (FAccT 2025). Answers are kept the moment they come, in the published form: \
      OUTPUT/model=NAME&steel-man-prompt=False/DATE.jsonl. Stopped, killed, or left without some answers, the same command asks what is missing and \
      nothing else. The newest file of the run folder is continued; --run names another, to ask a second night: \
      it takes nothing from --cache that was answered to another run, and finds its own answers there again.

      --by likelihood compares the probabilities of the letters instead of reading an answer, divided by what the model gives them without a \
      vignette (contextual calibration, Zhao et al. 2021). Every answer counts then, and models that do not chat can be measured.

      Examples:
        attune data import therapists --from ../llms-as-therapists
        attune eval stigma --model openai:gpt-4o-2024-08-06 --steel-man-prompt --dry-run
        attune eval stigma --model models/llama --by likelihood
        attune eval stigma --model http://127.0.0.1:8000/v1#llama --system-prompt kumar_exploring_2022
        attune analyze stigma --results runs/stigma
      """)

  @OptionGroup var suite: SuiteArguments
  @OptionGroup var prompt: SystemPromptArguments
  @Option(help: "text reads the letter that the model writes; likelihood compares the letters' probabilities.") var by = StigmaJob.Method.text
  @Option(help: ArgumentHelp("Folder in which run folders stand.", valueName: "dir")) var output = "runs/stigma"
  @Option(name: .customLong("run"), help: ArgumentHelp("The run's file in its folder. Default: the newest there, else today's date.", valueName: "name")) var runName: String?

  func run() throws {
    let job = StigmaJob(run: try suite.run(output: output, run: runName), systemPrompt: prompt.chosen, method: by)
    let engine = try Engines.required()
    suite.console.startLog()
    try suite.console.show(try engine.evaluate(job))
  }
}
