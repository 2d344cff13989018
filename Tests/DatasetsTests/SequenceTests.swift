import Datasets
import Files
import TestSupport
import Testing
import Tokenizers

/// From rows to ids: which positions are learned, how segments are joined, and what a row loses that is too long.
@Suite struct SequenceTests {
  static let tokenizer = try! Tokenizers.load(Fixtures.path("a_models/bert_seqcls"))
  static let (bos, eos) = (Int32(698), Int32(699))

  private func row(_ content: LanguageRow.Content, _ number: Int = 1) -> LanguageRow {
    LanguageRow(id: ExampleID(dataset: "d", split: .train, row: number, digest: UInt64(number)), line: number + 1, content: content)
  }
  private func encoder(_ maxLength: Int = 512, loss: SequenceEncoder.Loss = .completion, side: TextSide = .left) -> SequenceEncoder {
    SequenceEncoder(Self.tokenizer, beginning: Self.bos, end: Self.eos, maxLength: maxLength, loss: loss, side: side)
  }
  private func ids(_ text: String) -> [Int32] { Self.tokenizer.ids(of: text) }
  private func pair(_ prompt: String, _ completion: String) throws -> TargetedText {
    try PlainTemplate(separator: " ").text(of: row(.pair(prompt: prompt, completion: completion)))
  }

  @Test func aRowIsBeginningPromptCompletionEndEachTokenizedAlone() throws {
    let sequence = encoder().encode(try pair("the post is sad", "yes it is"))
    let (prompt, answer) = (ids("the post is sad"), ids(" yes it is"))
    #expect(prompt.count > 3 && answer.count > 2)
    #expect(sequence.ids == [Self.bos] + prompt + answer + [Self.eos])
    #expect(sequence.isTarget == [Bool](repeating: false, count: 1 + prompt.count) + [Bool](repeating: true, count: answer.count + 1))
    #expect(sequence.cutPrompt == 0 && sequence.cutTarget == 0 && sequence.targetCount == answer.count + 1)
    // A word that would join across the boundary does not.
    let split = encoder().encode(TargetedText(id: sequence.id, segments: [.init("wo", isTarget: false), .init("rk", isTarget: true)]))
    #expect(split.ids == [Self.bos] + ids("wo") + ids("rk") && split.ids != [Self.bos] + ids("work"))
  }

  @Test func theSeparatorStandsOnlyBetweenWords() throws {
    #expect(try pair("q", "a").segments.map(\.text) == ["q", " a"])
    #expect(try pair("q ", "a").segments.map(\.text) == ["q ", "a"])
    #expect(try pair("q", "\na").segments.map(\.text) == ["q", "\na"])
    #expect(try pair("", "a").segments.map(\.text) == ["", "a"])
  }

  @Test func targetsGoByPositionNotByToken() throws {
    // The same words given and learned; an end token in the prompt and one at the end.
    let text = TargetedText(
      id: row(.text("")).id,
      segments: [.init("people", isTarget: false, ends: true), .init("people", isTarget: true, ends: true), .init("people", isTarget: false), .init("people", isTarget: true)])
    let sequence = encoder().encode(text)
    let one = ids("people")
    #expect(one.count == 1)
    #expect(sequence.ids == [Self.bos] + one + [Self.eos] + one + [Self.eos] + one + one)
    #expect(sequence.isTarget == [false, false, false, true, true, false, true])
    #expect(sequence.example(3).target == .tokens(sequence.isTarget) && sequence.example(3).ids == sequence.ids)
  }

  @Test func allTokensButTheFirstAreLearnedWhenAsked() throws {
    let some = try pair("the post", "yes")
    #expect(encoder(loss: .all).encode(some).isTarget == [false] + [Bool](repeating: true, count: encoder().encode(some).ids.count - 1))
    let text = try PlainTemplate(separator: "").text(of: row(.text("the post is sad")))
    #expect(encoder().encode(text) == encoder(loss: .all).encode(text))
    // Without a beginning token the first token has nothing before it.
    let bare = SequenceEncoder(Self.tokenizer, beginning: nil, end: nil, maxLength: 64).encode(text)
    #expect(bare.ids == ids("the post is sad") && bare.isTarget.first == false && bare.targetCount == bare.ids.count - 1)
  }

  @Test func theBeginningIsThereOnce() throws {
    let known = Int32(ids("the")[0])
    let encoder = SequenceEncoder(Self.tokenizer, beginning: known, end: nil, maxLength: 64)
    #expect(encoder.encode(try pair("the post", "yes")).ids.count { $0 == known } == 1)
  }

  @Test func aLongRowLosesItsPromptFromTheChosenSide() throws {
    let text = try pair("one two three four five six", "yes it is")
    let whole = encoder().encode(text)
    let answer = whole.targetCount
    for (length, side) in [(whole.ids.count - 2, TextSide.left), (whole.ids.count - 2, .right), (answer + 2, .left), (answer + 1, .left)] {
      let cut = encoder(length, side: side).encode(text)
      let gone = whole.ids.count - length
      #expect(cut.ids.count == length && cut.cutPrompt == gone && cut.cutTarget == 0)
      #expect(cut.ids.first == Self.bos && cut.ids.suffix(answer) == whole.ids.suffix(answer) && cut.targetCount == answer)
      let prompt = whole.ids.dropFirst().dropLast(answer)
      #expect(cut.ids.dropFirst().dropLast(answer) == (side == .left ? prompt.dropFirst(gone) : prompt.dropLast(gone)))
    }
    let broken = encoder(answer - 1).encode(text)
    #expect(broken.cutTarget == 2 && broken.ids == [Self.bos] + whole.ids.suffix(answer).dropLast(2) && broken.targetCount == answer - 2)
  }

  @Test func anEarlierTurnGivesWayAndNoTargetDoes() {
    let text = TargetedText(
      id: row(.text("")).id,
      segments: [.init("one two", isTarget: false), .init("yes", isTarget: true), .init("three four", isTarget: false), .init("no", isTarget: true)])
    let whole = encoder().encode(text)
    let cut = encoder(whole.ids.count - ids("one two").count - 1).encode(text)
    #expect(cut.ids == [Self.bos] + ids("yes") + ids("three four").dropFirst() + ids("no"))
    #expect(cut.targetCount == whole.targetCount)
  }

  @Test func rowsThatCannotBeLearnedWholeAreRefusedByNumberAndNeverByText() throws {
    let rows = [
      row(.pair(prompt: "a secret post", completion: "yes"), 1), row(.pair(prompt: "a secret post", completion: "one two three four five six seven"), 2),
      row(.pair(prompt: "a secret post", completion: " "), 3), row(.pair(prompt: "x", completion: ""), 4),
    ]
    func set(_ rows: [LanguageRow], _ policy: SequenceSet.Policy) throws -> SequenceSet {
      try SequenceSet(rows, template: PlainTemplate(separator: " "), encoder: encoder(6), policy: policy, path: "rows.csv")
    }
    let long = try #require(throws: InputError.self) { try set(rows, .error) }
    #expect(long.description.contains("rows.csv: rows d/train/2#") && long.description.contains("1 of 4 rows have more to learn than the 6 tokens"))
    let empty = try #require(throws: InputError.self) { try set([rows[0], rows[2], rows[3]], .error) }
    #expect(empty.description.contains("d/train/3#") && empty.description.contains("d/train/4#") && empty.description.contains("2 of 3 rows have nothing to learn"))
    for error in [long, empty] {
      #expect(!error.description.contains("secret") && error.description.contains("data.on_truncate=drop"))
    }
    let dropped = try set(rows, .drop)
    #expect(dropped.sequences.map(\.id.row) == [1] && dropped.dropped.map(\.row) == [2, 3, 4])
    let kept = try set(rows, .keep)
    #expect(kept.sequences.map(\.id.row) == [1, 2] && kept.dropped.map(\.row) == [3, 4] && kept.sequences[1].cutTarget > 0)
    #expect(kept.shortened == kept.sequences.count { $0.cutPrompt > 0 } && kept.tokens == kept.sequences.reduce(0) { $0 + $1.ids.count })

    let conversation = try #require(throws: InputError.self) { try set([row(.messages([.init(.assistant, "secret")]), 9)], .drop) }
    #expect(conversation.description.contains("row d/train/9#") && conversation.description.contains("chat template"))
  }
}

/// Rows shown as conversations.
@Suite struct ChatRowsTests {
  @Test func aPairAndAConversationAreLearnedWhereTheAssistantSpeaks() throws {
    let tokenizer = SequenceTests.tokenizer
    let rows = ChatRows(.chatML, tokenizer: tokenizer)
    let encoder = SequenceEncoder(tokenizer, beginning: 698, end: 699, maxLength: 512)
    let id = ExampleID(dataset: "d", split: .train, row: 1, digest: 1)
    let pair = LanguageRow(id: id, line: 2, content: .pair(prompt: "people work", completion: "people"))
    let talk = LanguageRow(id: id, line: 2, content: .messages([.init(.user, "people work"), .init(.assistant, "people")]))
    let sequence = try rows.sequence(of: pair, by: encoder)
    #expect(try rows.sequence(of: talk, by: encoder) == sequence)
    let expected = try ChatTemplate.chatML.prompt([.init(.user, "people work"), .init(.assistant, "people")], addGenerationPrompt: false).encode(tokenizer)
    #expect(sequence.ids == [698] + expected.ids && sequence.isTarget == [false] + expected.isTarget)
    #expect(sequence.isTarget.contains(true) && sequence.isTarget.contains(false))
    // What a model is asked to continue is how the row begins.
    let prompt = try rows.prompt(of: talk, by: encoder)
    #expect(prompt.first == 698 && sequence.ids.starts(with: prompt) && !sequence.isTarget.prefix(prompt.count).contains(true))
    let text = try #require(throws: TemplateError.self) { try rows.sequence(of: LanguageRow(id: id, line: 2, content: .text("x")), by: encoder) }
    #expect(text.description.contains("data.template=plain"))
  }

  @Test func templatesAreFoundByNameOrByTheModel() throws {
    let (tokenizer, model) = (SequenceTests.tokenizer, Fixtures.path("a_models/bert_seqcls"))
    func name(_ name: String) throws -> String { try Templates.named(name, model: model, separator: nil, tokenizer: tokenizer).name }
    #expect(try name("auto") == "plain" && name("plain") == "plain" && name("vicuna") == "vicuna")
    let error = try #require(throws: InputError.self) { try name("vicunna") }
    #expect(error.description.contains("the nearest is 'vicuna'") && error.description.contains("llama2"))
  }
}
