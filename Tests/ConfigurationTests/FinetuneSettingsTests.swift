import Configuration
import Files
import TestSupport
import Testing

@Suite struct FinetuneSettingsTests {
  private static let paths = ["model.base=m", "data.paths=d"]

  private func read(_ method: FinetuneMethod, _ overrides: [String]) throws(InputError) -> FinetuneSettings {
    try FinetuneSettings.read(method, recipe: nil, overrides: (Self.paths + overrides).map { Override($0) }).settings
  }

  @Test(arguments: FinetuneMethod.allCases)
  func theRecipeFileHoldsTheDefaultsAndEveryKey(_ method: FinetuneMethod) throws {
    let (settings, configuration) = try FinetuneSettings.read(method, recipe: Fixtures.repository + "/scripts/recipes/\(method.rawValue).yaml")
    var expected = FinetuneSettings(method)
    expected.model.base = "checkpoints/MODEL"
    expected.data.paths = PathList(["."])
    #expect(settings == expected)
    #expect(configuration.entries.allSatisfy { $0.origin != .standard }, "a key that the recipe does not explain")
    #expect(configuration.entries.contains { $0.section == "lora" } == (method == .lora))
  }

  @Test(arguments: FinetuneMethod.allCases)
  func aResolvedConfigurationReadsBackAsItself(_ method: FinetuneMethod) throws {
    let some = method == .lora ? ["lora.target_modules=[q_proj, v_proj]", "lora.rank_pattern={down_proj: 4, \"layers.0.*q\": 2}", "lora.modules_to_save=[lm_head]"] : []
    let (settings, configuration) = try FinetuneSettings.read(
      method, recipe: nil, overrides: (["model.base=a b", "data.paths=[x.csv, \"y z.jsonl\"]", "data.separator=\" \""] + some).map { Override($0) })
    try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/config.yaml", configuration.yaml)
      let again = try FinetuneSettings.read(method, recipe: "\(folder)/config.yaml")
      #expect(again.settings == settings && again.configuration.hasSameValues(as: configuration))
    }
  }

  @Test func theEcosystemsSpellingsAreRead() throws {
    let settings = try read(.lora, [
      "lora_r=8", "lora_alpha=16", "lora_dropout=0.05", "target_modules=q_proj,v_proj", "use_rslora=true", "use_dora=false", "modules_to_save=[embed_tokens]",
      "rank_pattern={down_proj: 4}", "max_seq_length=512", "packing=false", "per_device_train_batch_size=4", "gradient_accumulation_steps=8", "bf16=true",
      "gradient_checkpointing=true", "num_train_epochs=2", "learning_rate=1e-4", "lr_scheduler_type=linear", "warmup_ratio=0.1", "max_grad_norm=0.5",
    ])
    #expect(settings.lora.rank == 8 && settings.lora.alpha == 16 && settings.lora.dropout == 0.05 && settings.lora.useRSLoRA)
    #expect(settings.lora.targets == .names(["q_proj", "v_proj"]) && settings.lora.modulesToSave == ["embed_tokens"])
    #expect(settings.lora.rankPattern.entries.map(\.pattern) == ["down_proj"] && settings.data.maxLength == 512 && !settings.training.packing)
    #expect(settings.training.batchSize == 32 && settings.training.microBatchSize == 4 && settings.training.precision == .bf16)
    #expect(settings.training.gradientCheckpointing && settings.training.epochs == 2 && settings.optimizer.learningRate == 1e-4)
    #expect(settings.schedule.shape == .linear && settings.schedule.warmupRatio == 0.1 && settings.optimizer.maxGradientNorm == 0.5)
  }

  @Test(arguments: [
    ("all-linear", ModuleSelection.allLinear), ("[q_proj]", .names(["q_proj"])), ("q_proj", .names(["q_proj"])), ("\"q_proj, v_proj\"", .names(["q_proj", "v_proj"])),
    ("\".*\\\\.(q|v)_proj\"", .pattern(".*\\.(q|v)_proj")),
  ])
  func targetsAreNamesOrAPattern(_ text: String, _ expected: ModuleSelection) throws {
    #expect(try read(.lora, ["lora.target_modules=\(text)"]).lora.targets == expected)
  }

  @Test(arguments: [
    (["lora.r=0"], "lora.r"), (["lora.rank_pattern={a: 1.5}"], "lora.rank_pattern"), (["lora.alpha=0"], "lora.alpha"), (["data.max_length=4"], "data.max_length"),
    (["lora.rnak=4"], "lora.r"), (["training.best_metric=weighted_f1"], "eval_generate"), (["data.paths=[]"], "--data PATH"), (["model.base=\"\""], "--base DIR"),
    (["training.micro_batch_size=99"], "from 1 to batch_size (16)"),
  ])
  func mistakesAreNamed(_ overrides: [String], _ words: String) throws {
    guard let error = #expect(throws: InputError.self, performing: { try read(.lora, overrides) }) else { return }
    #expect(error.description.contains(words), "\(error)")
  }

  @Test func adapterKeysAreUnknownToFullFinetuning() throws {
    let error = try #require(throws: InputError.self) { try read(.full, ["lora.r=8"]) }
    #expect(error.description.contains("unknown key"))
    #expect(FinetuneSettings(.full).optimizer.learningRate == 2e-5 && FinetuneSettings(.lora).optimizer.learningRate == 2e-4)
  }
}
