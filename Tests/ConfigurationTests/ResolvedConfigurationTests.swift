import Configuration
import Files
import TestSupport
import Testing

@Suite struct ResolvedConfigurationTests {
  @Test func everyValueIsPrintedWithItsOrigin() throws {
    let (_, configuration) = try read("optimizer:\n  lr: 2e-5\n", overrides: ["training.epochs=9"])
    let lines = configuration.yaml.split(separator: "\n").map { $0.split(separator: "#", maxSplits: 1).map { $0.trimmed } }
    #expect(lines.contains(["training:"]))
    #expect(lines.contains(["epochs: 9", "override training.epochs=9"]))
    #expect(lines.contains(["batch_size: 16", "default"]))
    let rate = try #require(lines.first { $0[0] == "learning_rate: 2e-05" })
    #expect(rate[1].hasSuffix("recipe.yaml:2"))
  }

  @Test func thePrintedConfigurationReadsBackAsTheSameSettings() throws {
    let overrides = [
      "model.base=a folder/with: traps # \"and\" \\ quotes", "data.dataset=\"no\"", "training.class_weights={\"yes, often\": 2, no: 1, 7: 3}",
      "training.device=cuda:3", "schedule.warmup_steps=0", "training.output=\"null\"", "optimizer.epsilon=1.0000000000000002e-8",
      "training.seed=18446744073709551615", "training.eval_every=25",
    ]
    // The first is YAML too, so the text must be quoted to hold a colon and a hash.
    let quoted = ["model.base='a folder/with: traps # \"and\" \\ quotes\u{7}'"].map { $0.replacing("\u{7}", with: "") } + overrides.dropFirst()
    let (settings, configuration) = try read("", overrides: quoted)
    let (again, second) = try read(configuration.yaml)
    #expect(again == settings)
    #expect(second.hasSameValues(as: configuration))
    #expect(settings.model.base == "a folder/with: traps # \"and\" \\ quotes")
    #expect(settings.data.dataset == .named("no"))
    #expect(settings.training.output == "null")
  }

  @Test func differencesNameTheKeyAndBothValues() throws {
    let first = try read("", overrides: ["training.epochs=4", "training.threads=2"]).configuration
    let second = try read("").configuration
    #expect(first.differences(from: second) == ["training.epochs: 4, 3", "training.threads: 2, null"])
    #expect(first.differences(from: second, ignoring: ["training.threads"]) == ["training.epochs: 4, 3"])
    #expect(!first.hasSameValues(as: second))
  }

  /// Whatever happens to a recipe, reading gives settings or an `InputError` that names the file.
  @Test func twoThousandCorruptionsGiveSettingsOrAnError() throws {
    let file = try MappedFile(Fixtures.repository + "/scripts/recipes/classifier.yaml")
    let bytes = withExtendedLifetime(file) { Array(file.bytes) }
    var errors = 0
    for seed in 0..<2000 as Range<UInt64> {
      do throws(InputError) {
        let (settings, configuration) = try read(bytes: Corruption.mutate(bytes, seed: seed))
        #expect(try read(configuration.yaml).settings == settings, "seed \(seed)")
      } catch {
        errors += 1
        #expect(error.path == "recipe.yaml", "seed \(seed): \(error)")
      }
    }
    #expect(errors > 500)
  }
}

extension Substring {
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
