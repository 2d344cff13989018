import ArgumentParser
import Configuration
import Testing

@testable import AttuneCommands

/// Options are settings under another name: what each sets, and what `config.yaml` says of where a value is from.
@Suite struct OptionOverridesTests {
  private func texts(_ overrides: [Override]) -> [String] { overrides.map(\.text) }

  @Test func anOptionIsASettingThatNamesIt() {
    var options = OptionOverrides()
    options.set("--seed", "training.seed", UInt64(7))
    options.set("--base", "model.base", "my models/a")
    options.set("--limit", "data.limit", Int?.none)
    options.set("--data", "data.paths", ["a", "b c"])
    options.set("--validation", "data.validation", [])
    options.set(flag: "--compat", "dialogue.compat", true)
    options.set(flag: "--deterministic", "training.deterministic", false)
    #expect(texts(options.list) == ["training.seed=7", #"model.base="my models/a""#, #"data.paths=[a, "b c"]"#, "dialogue.compat=true"])
    #expect(options.list.map { "\($0.origin)" } == ["option --seed 7", #"option --base "my models/a""#, #"option --data a "b c""#, "option --compat"])
  }

  @Test func generateAndTheBenchmarkTakeTheSameOptionsOfAnswering() throws {
    let answering = [
      "--adapter", "a", "--template", "plain", "--batch-size", "4", "--max-new-tokens", "9", "--temperature", "0.5", "--top-k", "5", "--top-p", "0.9", "--min-p", "0.1",
      "--repetition-penalty", "1.2", "--stop", "x", "--stop", "y z", "--seed", "3",
    ]
    let keys = [
      "model.adapter=a", "data.template=plain", "compute.batch_size=4", "generation.max_new_tokens=9", "generation.temperature=0.5", "generation.top_k=5",
      "generation.top_p=0.9", "generation.min_p=0.1", "generation.do_sample=true", "generation.repetition_penalty=1.2", #"generation.stop=[x, "y z"]"#, "generation.seed=3",
    ]
    let generate = try GenerateCommand.parse(answering + ["--model", "m", "--dataset", "imhi", "--device", "cpu", "--deterministic", "generation.top_k=6"]).overrides
    #expect(texts(generate) == ["model.base=m", "data.dataset=imhi"] + keys + ["compute.device=cpu", "compute.deterministic=true", "generation.top_k=6"])
    let read = try GenerateSettings.read(recipe: nil, overrides: generate)
    #expect(read.settings == (try GenerateSettings.read(recipe: nil, overrides: texts(generate).map { Override($0) })).settings)
    #expect(read.settings.generation.doSample && read.settings.generation.topK == 6 && read.settings.generation.stop == ["x", "y z"])
    #expect(read.configuration.entries.first { $0.key == "do_sample" }?.origin == .option("--temperature, --top-k, --top-p or --min-p"))

    let benchmark = try EvalIMHICommand.parse(answering + ["--answers", "x", "--models", "l", "--bert-score", "z", "--retries", "2"]).overrides
    #expect(texts(benchmark) == ["answers.folder=x", "labels.models=l", "scores.bert_score=z"] + keys + ["endpoint.retries=2"])
    #expect(try IMHISettings.read(recipe: nil, overrides: benchmark).settings.generate.generation.maxNewTokens == 9)
    #expect(throws: (any Error).self) { try GenerateCommand.parse(["--batch-size", "0"]) }
  }

  @Test func dialogueSafetyPutsOptionsWhereTheJobReadsThem() throws {
    let shared = ["--model", "m", "--test", "t.json", "--data", "d", "--output", "o", "--seed", "5", "--threads", "2"]
    let training = try EvalDialogueSafetyCommand.parse(shared + ["--train", "r", "--validation", "v", "--folds", "3", "--compat", "--seeds", "2"]).overrides
    #expect(
      texts(training) == [
        "training.threads=2", "model.base=m", "dialogue.train=r", "dialogue.validation=v", "dialogue.folds=3", "dialogue.compat=true", "training.seed=5", "training.seeds=2",
        "dialogue.test=t.json", "data.folder=d", "training.output=o",
      ])
    _ = try DialogueTrainingJob(recipe: nil, overrides: training)
    let asking = try EvalDialogueSafetyCommand.parse(
      shared + ["--shots", "few", "--rounds", "2", "--prompt", "p", "--adapter", "a", "--template", "auto", "--batch-size", "3", "--cache", "c.sqlite", "--tokens-per-minute", "100"]
    ).overrides
    #expect(
      texts(asking) == [
        "compute.threads=2", "model.base=m", "generation.seed=5", "dialogue.shots=few", "dialogue.rounds=2", "dialogue.prompt=p", "model.adapter=a", "data.template=auto",
        "compute.batch_size=3", "endpoint.cache=c.sqlite", "endpoint.tokens_per_minute=100.0", "dialogue.test=t.json", "data.folder=d", "compute.output=o",
      ])
    _ = try DialogueAskJob(recipe: nil, overrides: asking)
  }

  @Test func trainingsReadTheirOptions() throws {
    let classifier = try TrainClassifierCommand.parse(
      ["--dataset", "DR", "--data", "d", "--base", "b", "--input", "post+question", "--method", "lora", "--seed", "1", "--seeds", "2", "--output", "o", "lora.r=16"]
    ).overrides
    #expect(
      texts(classifier) == [
        "data.dataset=DR", "data.folder=d", "model.base=b", #"data.input="post+question""#, "model.method=lora", "training.seed=1", "training.seeds=2", "training.output=o",
        "lora.r=16",
      ])
    #expect(try ClassifierSettings.read(recipe: nil, overrides: classifier).settings.data.input == .postAndQuestion)
    let finetuning = try FinetuneArguments.parse(["--base", "b", "--data", "x", "y z", "lora.r=8", "--validation", "v", "--output", "o", "--seed", "1", "--precision", "fp32"]).overrides
    #expect(
      texts(finetuning) == [
        "training.precision=fp32", "model.base=b", #"data.paths=[x, "y z"]"#, "data.validation=[v]", "training.output=o", "training.seed=1", "lora.r=8",
      ])
    #expect(try FinetuneSettings.read(.lora, recipe: nil, overrides: finetuning).settings.data.paths.paths == ["x", "y z"])
  }
}
