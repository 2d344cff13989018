import Configuration
import Files
import Testing

@Suite struct ErrorTests {
  @Test(arguments: [
    ("optimizer:\n  learning_rat: 1e-4", "recipe.yaml: line 2: optimizer.learning_rat: unknown key. Nearest is optimizer.learning_rate"),
    ("training:\n  learning_rate: 1e-4", "recipe.yaml: line 2: training.learning_rate: unknown key. Nearest is optimizer.learning_rate"),
    ("num_train_epoch: 3", "recipe.yaml: line 1: num_train_epoch: unknown key. Nearest is training.epochs"),
    ("optimiser:\n  beta1: 0.9", "recipe.yaml: line 2: optimiser.beta1: unknown key. Nearest is optimizer.beta1"),
    ("colour: red", "recipe.yaml: line 1: colour: unknown key. The recipe files in scripts/recipes list every key"),
    ("\noptimizer:\n  learning_rate: fast", "recipe.yaml: line 3: optimizer.learning_rate: found fast, expected a number above 0, at most 1"),
    ("training:\n  epochs: \"3\"", "recipe.yaml: line 2: training.epochs: found the text \"3\", expected a whole number above 0"),
    ("training:\n  epochs: 2.5", "recipe.yaml: line 2: training.epochs: found 2.5, expected a whole number above 0"),
    ("training:\n  epochs:", "recipe.yaml: line 2: training.epochs: found nothing, expected a whole number above 0"),
    ("training:\n  epochs: [1, 2]", "recipe.yaml: line 2: training.epochs: found a list of 2, expected a whole number above 0"),
    ("training:\n  deterministic: yes", "recipe.yaml: line 2: training.deterministic: found yes, expected true or false"),
    ("data:\n  input: whole", "recipe.yaml: line 2: data.input: found whole, expected one of full, reasoning, both, post, post+question, context+response"),
    ("training:\n  batch_size: 4\n  micro_batch_size: 8",
     "recipe.yaml: line 3: training.micro_batch_size: found 8, expected a whole number or null from 1 to batch_size (4)"),
    ("optimizer:\n  lr: 1e-4\nlearning_rate: 2e-4",
     "recipe.yaml: line 3: learning_rate: sets optimizer.learning_rate again; line 2 sets it as optimizer.lr. Keep one of the two"),
    ("gradient_accumulation_steps: 2",
     "recipe.yaml: line 1: gradient_accumulation_steps: found without per_device_train_batch_size. Set training.batch_size (items a step) and training.micro_batch_size (items at once)"),
    ("optimizer: {beta1: nan}", "recipe.yaml: line 1: optimizer.beta1: found nan, expected a number from 0, below 1"),
    ("optimizer: {beta1: 0x1p-1}", "recipe.yaml: line 1: optimizer.beta1: found 0x1p-1, expected a number from 0, below 1"),
    ("- a\n- b", "recipe.yaml: line 1: found a list, expected sections such as `optimizer:` with keys below them"),
    ("training:\n  class_weights: {a: {b: 1}}", "recipe.yaml: line 2: found a mapping inside another value, expected a number, a word or true/false"),
    ("training: {epochs: 1, epochs: 2}", "recipe.yaml: line 1, column 12: not valid YAML: the key epochs appears twice in one mapping"),
  ])
  func aWrongRecipeIsExplained(text: String, words: String) { #expect(failure(text) == words) }

  @Test(arguments: [
    ("training.epoch=3", "command line: training.epoch=3: unknown key. Nearest is training.epochs"),
    ("training.epochs", "command line: training.epochs: expected section.key=value. Example: optimizer.learning_rate=3e-5"),
    ("=3", "command line: =3: expected section.key=value. Example: optimizer.learning_rate=3e-5"),
    ("training.epochs=0", "command line: training.epochs=0: found 0, expected a whole number above 0"),
    ("training.epochs=", "command line: training.epochs=: found nothing, expected a whole number above 0"),
  ])
  func aWrongOverrideIsExplained(text: String, words: String) { #expect(failure("", overrides: [text]) == words) }

  @Test func malformedYAMLNamesFileAndPlace() throws {
    for text in ["a: [1, 2", "a: b: c", "\ta: 1", "a: *nowhere", "a: 1\n---\nb: 2", "%", "a: \"x", "? [a\n: 1"] {
      let words = try #require(failure(text), "\(text)")
      #expect(words.hasPrefix("recipe.yaml: line ") || words.hasPrefix("recipe.yaml: byte "), "\(words)")
    }
    #expect(throws: InputError.self) { try read(bytes: [0x61, 0x3A, 0x20, 0xFF, 0xFE]) }
    #expect(throws: InputError.self) { try ClassifierSettings.read(recipe: "/nonexistent/recipe.yaml") }
  }

  @Test func deepNestingIsAnErrorAndNotACrash() throws {
    #expect(failure("a: " + String(repeating: "[", count: 200_000)) != nil)
    #expect(failure("a: " + String(repeating: "{a: ", count: 50_000)) != nil)
    #expect(throws: InputError.self) { try read(bytes: [UInt8](repeating: UInt8(ascii: "#"), count: 2 << 20)) }
  }
}
