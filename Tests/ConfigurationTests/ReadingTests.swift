import Configuration
import Files
import TestSupport
import Testing

@Suite struct ReadingTests {
  @Test func anEmptyRecipeGivesTheDefaults() throws {
    for text in ["", "# nothing\n", "optimizer:\n", "---\n...\n", "null"] {
      let (settings, configuration) = try read(text)
      #expect(settings == ClassifierSettings())
      #expect(configuration.entries.allSatisfy { $0.origin == .standard })
    }
  }

  @Test func sectionsAndTypesAreRead() throws {
    let (settings, _) = try read(
      """
      model: {base: "my encoder", max_length: 128, dropout: 0.2}
      data:
        dataset: SAD
        input: reasoning
        on_unmatched: drop
      optimizer:
        learning_rate: 3e-5
      schedule: {shape: cosine, warmup_steps: 20}
      training:
        eval_every: 50
        class_weights: {yes: 2, "no": 0.5}
        best_metric: macro_f1
        device: cuda:1
        deterministic: true
      """)
    #expect(settings.model.base == "my encoder")
    #expect(settings.model.maxLength == 128)
    #expect(settings.model.dropout == 0.2)
    #expect(settings.data.dataset == .named("SAD"))
    #expect(settings.data.input == .reasoning)
    #expect(settings.data.onUnmatched == .drop)
    #expect(settings.optimizer.learningRate == 3e-5)
    #expect(settings.schedule.shape == .cosine)
    #expect(settings.schedule.warmupSteps == 20)
    #expect(settings.training.evalEvery == .steps(50))
    // YAML 1.1 readers make booleans of yes and no; here they are labels.
    #expect(settings.training.classWeights == .named([.init("yes", 2), .init("no", 0.5)]))
    #expect(settings.training.bestMetric == .macroF1)
    #expect(settings.training.device == .cuda(1))
    #expect(settings.training.deterministic)
  }

  @Test func overridesWinInOrder() throws {
    let (settings, configuration) = try read(
      "training: {epochs: 2}", overrides: ["training.epochs=4", "training.epochs=5", "class_weights={a: 1.5}", "model.dropout=null"])
    #expect(settings.training.epochs == 5)
    #expect(settings.training.classWeights == .named([.init("a", 1.5)]))
    #expect(settings.model.dropout == nil)
    #expect(configuration.entries.first { $0.key == "epochs" }?.origin == .override("training.epochs=5"))
  }

  /// Yams 6 reads freed memory for short strings; every value here is short enough to show it.
  @Test func shortOverridesAreReadWhole() throws {
    for value in 1...200 {
      #expect(try read("", overrides: ["training.epochs=\(value)"]).settings.training.epochs == value)
    }
  }

  @Test(arguments: [
    ("learning_rate: 1e-4", "optimizer.learning_rate", "0.0001"), ("lr: 1e-4", "optimizer.learning_rate", "0.0001"),
    ("adam_beta1: 0.8", "optimizer.beta1", "0.8"), ("adam_beta2: 0.98", "optimizer.beta2", "0.98"),
    ("adam_epsilon: 1e-6", "optimizer.epsilon", "1e-06"), ("max_grad_norm: 0.5", "optimizer.max_gradient_norm", "0.5"),
    ("weight_decay: 0.1", "optimizer.weight_decay", "0.1"), ("warmup_ratio: 0.06", "schedule.warmup_ratio", "0.06"),
    ("label_smoothing_factor: 0.1", "training.label_smoothing", "0.1"), ("num_train_epochs: 7", "training.epochs", "7"),
    ("per_device_train_batch_size: 8", "training.batch_size", "8"), ("max_seq_length: 64", "model.max_length", "64"),
    ("save_total_limit: 2", "training.keep", "2"), ("bf16: false", "training.precision", "fp32"),
    ("per_device_train_batch_size: 8\ngradient_accumulation_steps: 4", "training.batch_size", "32"),
  ])
  func theEcosystemsSpellingsAreRead(text: String, name: String, value: String) throws {
    let set = try read(text).configuration.entries.filter { $0.origin != .standard }.map { "\($0.section).\($0.key)=\($0.yaml)" }
    #expect(set.contains("\(name)=\(value)"))
  }

  @Test func theEcosystemsSpellingsReachTheSettings() throws {
    let (settings, _) = try read(
      """
      model_name_or_path: there
      output_dir: runs/x
      bf16: true
      lr_scheduler_type: constant
      metric_for_best_model: loss
      seed: 18446744073709551615
      per_device_train_batch_size: 8
      gradient_accumulation_steps: 2
      """)
    #expect(settings.model.base == "there")
    #expect(settings.training.output == "runs/x")
    #expect(settings.training.precision == .bf16)
    #expect(settings.schedule.shape == .constant)
    #expect(settings.training.bestMetric == .loss)
    #expect(settings.training.seed == .max)
    #expect(settings.training.batchSize == 16)
    #expect(settings.training.microBatchSize == 8)
  }

  /// The recipe that the repository ships explains every key, and states the defaults.
  @Test func theShippedRecipeSetsEveryKeyToItsDefault() throws {
    let (settings, configuration) = try ClassifierSettings.read(recipe: Fixtures.repository + "/scripts/recipes/classifier.yaml")
    #expect(settings == ClassifierSettings())
    #expect(configuration.entries.filter { $0.origin == .standard }.map(\.key) == [])
  }
}

@Suite struct DialogueSettingsTests {
  /// The shipped recipe states the published training, which is the default.
  @Test func theShippedRecipeIsTheDefault() throws {
    let (settings, dialogue, _) = try DialogueTrainingJob.read(recipe: Fixtures.repository + "/scripts/recipes/dialogue-safety.yaml")
    #expect(settings == .dialogueSafety.with(head: .firstToken) && dialogue == DialogueSettings())
    guard case .named(let weights) = settings.training.classWeights else { return #expect(Bool(false)) }
    #expect(weights.map(\.weight) == [2, 2, 0.5, 2, 2, 2, 2, 0.5])
  }

  @Test func theHeadFollowsTheModelAndCompatChoosesByAccuracy() throws {
    func head(_ overrides: String...) throws -> EncoderHead { try DialogueTrainingJob.read(recipe: nil, overrides: overrides.map { Override($0) }).settings.model.head }
    #expect(try head() == .firstToken)
    #expect(try head("model.base=x/chinese-roberta-wwm-ext-large") == .dense)
    #expect(try head("model.base=x/chinese-RoBERTa/", "model.head=pooler") == .pooler)
    #expect(try head("model.method=lora") == .pooler)
    let (settings, dialogue, configuration) = try DialogueTrainingJob.read(recipe: nil, overrides: [Override("dialogue.compat=true")])
    #expect(dialogue.compat && settings.training.bestMetric == .accuracy && configuration.yaml.contains("dialogue:\n"))
  }
}

extension ClassifierSettings {
  fileprivate func with(head: EncoderHead) -> ClassifierSettings {
    var copy = self
    copy.model.head = head
    return copy
  }
}
