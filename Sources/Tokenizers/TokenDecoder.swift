/// How the tokens of a BPE become text again, one at a time.
///
/// Source of the rules: `decoders` of the `tokenizers` library, and sentencepiece's own `Decode`.
enum TokenDecoder: Sendable {
  /// Tokens spell bytes (`ByteLevel`).
  case bytes
  /// "▁" is a space, `<0x0A>` a byte, and a space at the very beginning goes (`Replace, ByteFallback, Fuse, Strip`).
  case marked(bytes: Bool, stripsFirst: Bool)
  /// `Metaspace`: as `marked`, and every "▁" of the first token goes, if so asked.
  case metaspace(dropsFirst: Bool)
  /// sentencepiece's: "▁" goes from leading tokens until something is written, bad bytes one by one.
  case sentencePiece(dropsFirst: Bool, dropsAllLeading: Bool)
  case wordPiece(WordPieceDecoder)
  /// No decoder: tokens side by side with a space between them.
  case spaced
}

/// The text of tokens as they arrive. What it has written so far never ends inside a character, and all of it together is
/// what decoding all tokens at once gives, because that is how they are decoded.
struct TokenAssembler: Sendable {
  private let decoder: TokenDecoder
  private var index = 0
  /// Bytes that may still become a character with the next token.
  private var pending: [UInt8] = []
  private var hasText = false

  init(_ decoder: TokenDecoder) { self.decoder = decoder }

  /// - Parameters:
  ///   - token: as the vocabulary spells it.
  ///   - role: what sentencepiece treats apart.
  /// - Returns: the text that is certain now.
  mutating func append(_ token: String, role: SentencePieceRole = .normal) -> String {
    defer { index += 1 }
    switch decoder {
    case .bytes:
      pending += ByteAlphabet.bytes(of: token)
      return takeWhole(isFinal: false, unit: .sequence)
    case .marked(let bytes, let stripsFirst):
      if bytes, let byte = Self.byte(of: token) {
        pending.append(byte)
        return ""
      }
      return strip(takeRun() + spaced(token), stripsFirst)
    case .metaspace(let dropsFirst):
      return index == 0 && dropsFirst ? token.filterScalars { $0 != "▁" } : spaced(token)
    case .sentencePiece(let dropsFirst, let dropsAllLeading):
      return appendPiece(token, role, dropsFirst, dropsAllLeading)
    case .wordPiece(let decoder):
      return decoder.text(token, isFirst: index == 0)
    case .spaced:
      return index == 0 ? token : " " + token
    }
  }

  /// The text of what was held back.
  mutating func finish() -> String {
    defer { self = TokenAssembler(decoder) }
    switch decoder {
    case .bytes: return takeWhole(isFinal: true, unit: .sequence)
    case .marked(_, let stripsFirst): return strip(takeRun(), stripsFirst)
    case .sentencePiece: return takeWhole(isFinal: true, unit: .byte)
    case .metaspace, .wordPiece, .spaced: return ""
    }
  }

  // MARK: The decoders

  private mutating func appendPiece(_ piece: String, _ role: SentencePieceRole, _ dropsFirst: Bool, _ dropsAllLeading: Bool) -> String {
    if role == .byte, let byte = Self.byte(of: piece) {
      pending.append(byte)
      let text = takeWhole(isFinal: false, unit: .byte)
      if !text.isEmpty { hasText = true }
      return text
    }
    var text = takeWhole(isFinal: true, unit: .byte)
    if !text.isEmpty { hasText = true }
    switch role {
    case .control: return text
    case .shown: text += piece
    case .unknown(let surface): text += surface
    case .normal, .byte:
      if (dropsFirst || dropsAllLeading) && !hasText && piece.utf8.starts(with: BPEModel.mark.utf8) {
        text += spaced(String(decoding: piece.utf8.dropFirst(BPEModel.mark.utf8.count), as: UTF8.self))
        if !dropsAllLeading { hasText = true }
      } else {
        text += spaced(piece)
      }
    }
    if !text.isEmpty { hasText = true }
    return text
  }

  private mutating func strip(_ text: String, _ stripsFirst: Bool) -> String {
    guard stripsFirst, !hasText, !text.isEmpty else { return text }
    hasText = true
    return text.utf8.first == 0x20 ? String(decoding: text.utf8.dropFirst(), as: UTF8.self) : text
  }

  /// A run of byte tokens: text when all of it is, else one replacement character for each byte.
  private mutating func takeRun() -> String {
    guard !pending.isEmpty else { return "" }
    defer { pending.removeAll() }
    return String(validating: pending, as: UTF8.self) ?? String(repeating: "\u{FFFD}", count: pending.count)
  }

  private enum Replacement {
    /// One replacement character for a broken sequence, as far as it could have been a character.
    case sequence
    /// One for each byte of it.
    case byte
  }

  /// Takes the characters that `pending` begins with. A sequence that the next byte may complete stays, unless `isFinal`.
  private mutating func takeWhole(isFinal: Bool, unit: Replacement) -> String {
    var result: [UInt8] = []
    var index = 0
    while index < pending.count {
      let (length, isWhole, wantsMore) = UTF8Sequence.read(pending[index...])
      if wantsMore && !isFinal { break }
      if isWhole {
        result += pending[index..<(index + length)]
      } else {
        result += [0xEF, 0xBF, 0xBD]  // U+FFFD
      }
      index += isWhole || unit == .sequence ? length : 1
    }
    pending.removeFirst(index)
    return String(decoding: result, as: UTF8.self)
  }

  private func spaced(_ token: String) -> String {
    token.utf8.contains(0xE2) ? String(String.UnicodeScalarView(token.unicodeScalars.map { $0 == "▁" ? " " : $0 })) : token
  }

  /// The byte that `<0x0A>` stands for. Source: `decoders/byte_fallback.rs`.
  static func byte(of token: String) -> UInt8? {
    let text = Array(token.utf8)
    guard text.count == 6, text.starts(with: "<0x".utf8), text[5] == UInt8(ascii: ">") else { return nil }
    return UInt8(String(decoding: text[3..<5], as: UTF8.self), radix: 16)
  }
}

/// What kind of piece sentencepiece decodes.
enum SentencePieceRole: Sendable, Hashable {
  case normal, byte, control
  /// A control piece that is to be seen.
  case shown
  case unknown(surface: String)
}

/// One step of reading UTF-8 that may be broken or unfinished.
enum UTF8Sequence {
  /// - Returns: the bytes of the sequence or of its beginning, whether it is a character, and whether more bytes could make it one.
  static func read(_ bytes: ArraySlice<UInt8>) -> (length: Int, isWhole: Bool, wantsMore: Bool) {
    guard let first = bytes.first else { return (0, false, true) }
    let needed = first < 0x80 ? 1 : 0xC2...0xDF ~= first ? 2 : 0xE0...0xEF ~= first ? 3 : 0xF0...0xF4 ~= first ? 4 : 0
    guard needed > 0 else { return (1, false, false) }
    var length = 1
    for byte in bytes.dropFirst().prefix(needed - 1) {
      var allowed: ClosedRange<UInt8> = 0x80...0xBF
      if length == 1 {  // no overlong forms, no surrogates, nothing beyond U+10FFFF
        switch first {
        case 0xE0: allowed = 0xA0...0xBF
        case 0xED: allowed = 0x80...0x9F
        case 0xF0: allowed = 0x90...0xBF
        case 0xF4: allowed = 0x80...0x8F
        default: break
        }
      }
      guard allowed ~= byte else { return (length, false, false) }
      length += 1
    }
    return (length, length == needed, length < needed)
  }
}

extension String {
  fileprivate func filterScalars(_ isIncluded: (Unicode.Scalar) -> Bool) -> String {
    String(String.UnicodeScalarView(unicodeScalars.filter(isIncluded)))
  }
}
