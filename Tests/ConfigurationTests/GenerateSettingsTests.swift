import Configuration
import TestSupport
import Testing

@Suite struct GenerateSettingsTests {
  @Test func theRecipeExplainsEveryKeyAndHasTheDefaults() throws {
    let (settings, configuration) = try GenerateSettings.read(recipe: Fixtures.repository + "/scripts/recipes/generate.yaml")
    #expect(configuration.entries.allSatisfy { $0.origin != .standard }, "a key that the recipe does not explain")
    var expected = GenerateSettings()
    expected.model.base = "checkpoints/MODEL"
    expected.data.dataset = "imhi"
    expected.compute.output = "runs/answers"
    #expect(settings == expected)
  }

  @Test func transformersSpellingsAreRead() throws {
    let words = ["max_new_tokens=30", "do_sample=true", "temperature=0.7", "top_k=5", "top_p=0.9", "repetition_penalty=1.1", "num_beams=1", "batch_size=3"]
    let settings = try GenerateSettings.read(recipe: nil, overrides: words.map { Override($0) }).settings
    #expect(settings.generation.maxNewTokens == 30 && settings.generation.doSample && settings.generation.temperature == 0.7)
    #expect(settings.generation.topK == 5 && settings.generation.topP == 0.9 && settings.generation.repetitionPenalty == 1.1)
    #expect(settings.compute.batchSize == 3)
  }
}
