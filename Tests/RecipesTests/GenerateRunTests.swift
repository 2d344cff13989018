import Checkpoints
import Configuration
import Datasets
import Files
import Generation
import Models
import TestSupport
import Testing
import Tokenizers
import Torch

@testable import Recipes

extension RecipesTests {
  /// `attune generate` as a whole, on a random LLaMA that `attune init` makes.
  @Suite(.serialized) struct GenerateRunTests {
    private static let questions = ["How do I sleep?", "I feel tired today, and yesterday too.", "What is stress?", "a", "How do I sleep when it is late and loud?"]

    /// A model and a file of prompts in a folder of their own.
    private func withModel(_ body: (String) throws -> Void) throws {
      try withTemporaryFolder { folder in
        var job = InitJob(architecture: .llama, output: "\(folder)/model")
        job.console = Job.quiet
        try Initialise(job: job).run()
        let lines = Self.questions.map { JSON.object(["prompt": .string($0)]).encoded() + "\n" }
        try AtomicWrite.file("\(folder)/prompts.jsonl", lines.joined())
        try body(folder)
      }
    }

    private func answers(_ folder: String, _ name: String, _ settings: [String] = []) throws -> [String] {
      let all = [
        "model.base=\(folder)/model", "data.dataset=\(folder)/prompts.jsonl", "data.template=plain", "compute.output=\(folder)/\(name)",
        "compute.device=cpu", "compute.precision=fp32", "compute.threads=1", "generation.max_new_tokens=12",
      ]
      let (values, configuration) = try GenerateSettings.read(recipe: nil, overrides: (all + settings).map { Override($0) })
      let result = try TorchEngine().generate(GenerateJob(settings: values, configuration: configuration, console: Job.quiet))
      #expect(result.json["status"] == "done")
      return try GenerationFile.read("\(folder)/\(name)/prompts.csv").generated
    }

    @Test func beamsAreThoseOfTheSearch() throws {
      try withModel { folder in
        let found = try answers(folder, "beams", ["generation.num_beams=3", "generation.length_penalty=0.7"])
        let model = try CausalModel.load("\(folder)/model", frozen: true, frozenType: .float32)
        let marks = try SequenceMarks.read("\(folder)/model")
        let template = try Templates.named("plain", model: "\(folder)/model", separator: nil, tokenizer: model.tokenizer)
        let prompts = GeneratePrompts(template, tokenizer: model.tokenizer, marks: marks, capacity: 256)
        var options = BeamSearchOptions(beams: 3, maximumNewTokens: 12)
        (options.lengthPenalty, options.endIDs) = (0.7, try GenerationConfig.endIDs(folder: "\(folder)/model", model: model))
        for (row, answer) in zip(try PromptFile.read("\(folder)/prompts.jsonl").rows, found) {
          let ids = try prompts.ids(row.prompt, of: "prompts", limit: 200).ids
          let decoder = model.network.decoder(model.config.decoder, slots: 3, capacity: ids.count + 12)
          let best = BeamSearch(options).run(CachedBeams(decoder, prompt: ids), prompt: ids)[0].ids
          #expect(answer == model.tokenizer.decode(best.filter { !options.endIDs.contains($0) }))
        }
        #expect(found != (try answers(folder, "greedy")), "beams changed nothing, so nothing was compared")
      }
    }

    /// What runs on an accelerator gives the kernels' answers, greedily, drawn and by beams.
    @Test(arguments: [[], ["generation.do_sample=true", "generation.top_k=30"], ["generation.num_beams=2"]])
    func theComposedDecoderGivesTheSameAnswers(_ settings: [String]) throws {
      try withModel { folder in
        func run(_ name: String, _ batch: Int) throws -> [String] { try answers(folder, name, settings + ["compute.batch_size=\(batch)"]) }
        let expected = try run("kernels", 2)
        Kernels.areOn = false
        defer { Kernels.areOn = true }
        for batch in [1, 3] { #expect(try run("composed\(batch)", batch) == expected) }
      }
    }
  }
}
