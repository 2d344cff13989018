import Files
import Generation
@testable import Tokenizers
import Torch

/// A token a byte, so that characters span tokens; 0 to 2 are special.
struct ByteTokenizer: Tokenizer {
  var vocabularySize: Int { 259 }
  var maximumLength: Int? { nil }
  var specialTokens: SpecialTokens { SpecialTokens() }
  func id(of token: String) -> Int32? { token.utf8.count == 1 ? Int32(token.utf8.first!) + 3 : nil }
  func token(of id: Int32) -> String? { nil }
  func encode(_ text: String, pair: String?, options: EncodingOptions) throws(TokenizationError) -> Encoding {
    var encoding = Encoding()
    encoding.ids = [1] + ids(of: text)
    return encoding
  }
  func ids(of text: String) -> [Int32] { text.utf8.map { Int32($0) + 3 } }
  func addedTokenID(of token: String) -> Int32? { nil }
  func plainTokens(of text: String, startsText: Bool) -> (ids: [Int32], offsets: [Range<Int>]) { (ids(of: text), []) }
  func streamingDecoder(skipSpecialTokens: Bool) -> StreamingDecoder {
    StreamingDecoder(.bytes) { id in id > 2 ? (ByteAlphabet.spell([UInt8(id - 3)]), .normal) : nil }
  }
  func writeFiles(to folder: String) throws(InputError) {}
}

/// A model that says what it is told, whatever the prompt: its logits are 10 at the next byte. `prompts` and `steps` list the tokens of each call.
final class Parrot: CausalBackend {
  let text: [Int32]
  let vocabularySize = 259
  let slots: Int
  let capacity: Int
  let promptTokens: Int
  /// Length of each slot's prompt.
  private var starts: [Int32]
  /// Tokens of each prompt call.
  private(set) var prompts: [Int] = []
  private(set) var steps: [Int] = []

  init(_ text: String, slots: Int = 2, capacity: Int = 200, promptTokens: Int = .max) {
    self.text = ByteTokenizer().ids(of: text) + [2]
    self.slots = slots
    self.capacity = capacity
    self.promptTokens = promptTokens
    starts = Array(repeating: 0, count: slots)
  }

  func run(_ tokens: CausalDecoder.Tokens, isPrompt: Bool, logits: inout [Float]) -> [Int32] {
    if isPrompt { prompts.append(tokens.count) } else { steps.append(tokens.count) }
    var best: [Int32] = []
    logits = []
    for row in tokens.wanted.map(Int.init) {
      let slot = Int(tokens.slots[row])
      if isPrompt { starts[slot] = tokens.positions[row] }
      let next = text[min(Int(tokens.positions[row] - starts[slot]), text.count - 1)]
      best.append(next)
      logits += (0..<259).map { $0 == next ? 10 : 0 }
    }
    return best
  }
  func likeliest(_ tokens: CausalDecoder.Tokens, isPrompt: Bool) -> [Int32] {
    var logits: [Float] = []
    return run(tokens, isPrompt: isPrompt, logits: &logits)
  }
  func logProbabilities(_ tokens: CausalDecoder.Tokens, targets: [Int32]) -> (values: [Float], best: [Int32]) { ([], []) }
  func copy(_ positions: Range<Int>, from source: Int, to target: Int) {}
}
