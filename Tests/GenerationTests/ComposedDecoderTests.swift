import Checkpoints
import Files
import Generation
import TestSupport
import Testing
import Torch

/// What the composed decoder lays out for itself: rows of several lengths in one call, slots apart, prompts computed together.
@Suite(.serialized) struct ComposedDecoderTests {
  private func close(_ found: [Float], _ expected: [Float], _ what: String) {
    expectClose(found, expected, relative: 1e-5, absolute: 1e-5 * Double(expected.map(\.magnitude).max() ?? 0), what)
  }

  /// Slots in any order, rows of several lengths, and continued ones beside new ones.
  @Test(arguments: [[:], ["model_type": "mistral", "sliding_window": 9], ["num_key_value_heads": 1]] as [JSONObject])
  func promptsInOneCallGiveEachTheModelsLogits(_ keys: JSONObject) throws {
    let model = try TinyModel(keys)
    let decoder = model.backend(.composed, slots: 6)
    let width = model.config.vocabularySize
    let rows = [(slot: 4, start: 0, end: 30), (slot: 1, start: 12, end: 17), (slot: 5, start: 0, end: 1), (slot: 2, start: 70, end: 90)]
    let texts = rows.map { ids($0.end, from: $0.slot + 3) }
    for (row, text) in zip(rows, texts) where row.start > 0 { _ = decoder.prompt(Array(text[..<row.start]), slot: row.slot) }
    var tokens = CausalDecoder.Tokens()
    for (row, text) in zip(rows, texts) {
      for position in row.start..<row.end { tokens.append(text[position], slot: row.slot, position: position, isWanted: true) }
    }
    var logits: [Float] = []
    _ = decoder.run(tokens, isPrompt: true, logits: &logits)
    let expected = zip(rows, texts).flatMap { row, text in model.logits(text)[(row.start * width)...] }
    close(Array(logits.prefix(expected.count)), expected, "\(JSON.object(keys).encoded())")
  }

  @Test func aStepOfSomeSlotsLeavesTheOthersAlone() throws {
    let model = try TinyModel()
    let decoder = model.backend(.composed, slots: 5)
    let width = model.config.vocabularySize
    let texts = (0..<5).map { ids(20 + $0, from: $0 + 2) }
    for (slot, text) in texts.enumerated() { _ = decoder.prompt(Array(text.dropLast()), slot: slot) }
    func step(_ slots: [Int]) -> [Float] {
      var tokens = CausalDecoder.Tokens()
      for slot in slots { tokens.append(texts[slot].last!, slot: slot, position: texts[slot].count - 1, isWanted: true) }
      var logits: [Float] = []
      let best = decoder.run(tokens, isPrompt: false, logits: &logits)
      #expect(decoder.likeliest(tokens, isPrompt: false) == best)
      return Array(logits.prefix(slots.count * width))
    }
    // Slots 1 to 3 lie between and are computed along, three times, in every order of the asked ones.
    for slots in [[4, 0], [0, 4], [2, 4, 0], [1], [3, 1], [0, 1, 2, 3, 4]] {
      close(step(slots), slots.flatMap { model.logits(texts[$0]).suffix(width) }, "\(slots)")
    }
  }

  @Test func aSlotCanBeFilledToItsLastPosition() throws {
    let model = try TinyModel()
    for capacity in [63, 64, 65] {
      let decoder = model.backend(.composed, slots: 2, capacity: capacity)
      let text = ids(capacity, from: 3)
      _ = decoder.prompt(Array(text.dropLast()), slot: 1)
      let last = decoder.prompt([text.last!], slot: 1, from: capacity - 1)
      close(last, Array(model.logits(text).suffix(last.count)), "\(capacity)")
    }
  }

  @Test func activationsWithoutKernelsAreDecoded() throws {
    let model = try TinyModel(["hidden_act": "gelu"])
    let text = ids(30, from: 3)
    close(model.backend(.composed).prompt(text), model.logits(text), "gelu")
  }

  @Test func aCopiedSlotContinuesAsTheOther() throws {
    let model = try TinyModel()
    let decoder = model.backend(.composed)
    let text = ids(70, from: 2)
    let whole = decoder.prompt(text, slot: 0)
    for shared in [1, 32, 69] {
      _ = decoder.prompt(ids(70, from: 8), slot: 1)  // what lay there before
      decoder.copy(0..<shared / 2, from: 0, to: 1)
      decoder.copy(shared / 2..<shared, from: 0, to: 1)
      close(decoder.prompt(Array(text[shared...]), slot: 1, from: shared), Array(whole[(shared * 97)...]), "\(shared) shared")
    }
  }

  @Test(arguments: [false, true]) func answersAreThoseOfTheKernels(_ sampled: Bool) throws {
    let model = try TinyModel()
    let requests = (0..<12).map { i in
      var sampling = SamplingOptions()
      sampling.isSampled = sampled && i % 3 != 0  // greedy ones among them, so that calls with and without logits mix
      (sampling.temperature, sampling.topK) = sampling.isSampled ? (0.9, 20) : (1, 0)
      return GenerationRequest(prompt: [1] + ids(5 + i * 7 % 40, from: i + 1), maximumNewTokens: 3 + i * 5 % 17, sampling: sampling, seed: UInt64(i), endIDs: [2])
    }
    let expected = try GenerationEngine(model.backend(.kernels, slots: 3)).generate(requests)
    for slots in [1, 3, 12] { #expect(try GenerationEngine(model.backend(.composed, slots: slots)).generate(requests) == expected, "\(slots) slots") }
  }

  @Test func aSharedPrefixIsComputedOnceAlsoWhenPromptsGoTogether() throws {
    let model = try TinyModel()
    let prefix: [Int32] = [1] + ids(40, from: 3)
    let requests = (0..<9).map { GenerationRequest(prompt: prefix + ids($0 % 4, from: $0 + 20), maximumNewTokens: 6) }
    let engine = GenerationEngine(model.backend(.composed, slots: 4))
    #expect(try engine.generate(requests) == GenerationEngine(model.backend(.kernels, slots: 1)).generate(requests))
    #expect(engine.sharedTokens >= requests.dropFirst().reduce(0) { $0 + min(prefix.count, $1.prompt.count - 1) })
  }

  @Test func waitingPromptsAreComputedTogether() throws {
    let parrot = Parrot("abcdefghij", slots: 4, promptTokens: 30)
    let engine = GenerationEngine(parrot, tokenizer: ByteTokenizer())
    // Three of 10 tokens fill a call; the fourth comes after it.
    let prompts = (0..<4).map { [1] + ids(9, from: 20 * $0) }
    let results = try engine.generate(prompts.map { GenerationRequest(prompt: $0, maximumNewTokens: 4, endIDs: [2]) })
    #expect(results.map(\.text) == Array(repeating: "abcd", count: 4))
    #expect(parrot.prompts[0] == 30 && parrot.prompts.count == 2)
    #expect(parrot.steps == [4, 4, 4])
  }
}
