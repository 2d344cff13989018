/// What a model expects around one text or a pair: `[CLS] A [SEP] B [SEP]`, with the segment of each part.
struct Template: Sendable {
  enum Piece: Sendable {
    case text(isPair: Bool, type: Int32)
    case special([Int32], type: Int32)
  }

  var single: [Piece]
  var pair: [Piece]

  /// Nothing around the texts; the second is of segment 1.
  static let bare = Template(single: [.text(isPair: false, type: 0)], pair: [.text(isPair: false, type: 0), .text(isPair: true, type: 1)])

  static func bert(classifier: Int32, separator: Int32) -> Template {
    let single: [Piece] = [.special([classifier], type: 0), .text(isPair: false, type: 0), .special([separator], type: 0)]
    return Template(single: single, pair: single + [.text(isPair: true, type: 1), .special([separator], type: 1)])
  }

  /// `<s> A </s>`, `<s> A </s></s> B </s>`; all of segment 0.
  static func roberta(start: Int32, end: Int32) -> Template {
    let single: [Piece] = [.special([start], type: 0), .text(isPair: false, type: 0), .special([end], type: 0)]
    return Template(single: single, pair: single + [.special([end], type: 0), .text(isPair: true, type: 0), .special([end], type: 0)])
  }

  /// Each text between its own `start` and `end`, where there are such; the second of segment 1.
  static func language(start: Int32?, end: Int32?) -> Template {
    func around(isPair: Bool, type: Int32) -> [Piece] {
      let special = { (id: Int32?) in id.map { [Piece.special([$0], type: type)] } ?? [] }
      return special(start) + [.text(isPair: isPair, type: type)] + special(end)
    }
    return Template(single: around(isPair: false, type: 0), pair: around(isPair: false, type: 0) + around(isPair: true, type: 1))
  }

  /// The template with the begin and end tokens that `add_bos_token` and `add_eos_token` ask for, if they say anything.
  func adjusted(to settings: TokenizerSettings, _ special: SpecialTokens) -> Template {
    guard settings.addsBeginOfSequence != nil || settings.addsEndOfSequence != nil else { return self }
    func has(_ id: Int32?, _ piece: Piece?) -> Bool {
      if let id, case .special(let ids, _)? = piece { ids == [id] } else { false }
    }
    let begins = settings.addsBeginOfSequence ?? has(special.beginOfSequence, single.first)
    let ends = settings.addsEndOfSequence ?? has(special.endOfSequence, single.last)
    if begins == has(special.beginOfSequence, single.first) && ends == has(special.endOfSequence, single.last) { return self }
    return .language(start: begins ? special.beginOfSequence : nil, end: ends ? special.endOfSequence : nil)
  }

  /// How many tokens the template adds.
  func specialCount(isPair: Bool) -> Int {
    (isPair ? pair : single).reduce(0) { count, piece in
      if case .special(let ids, _) = piece { count + ids.count } else { count }
    }
  }

  /// Puts the tokens of the text, and of its pair if there is one, in their places.
  func apply(_ first: Tokens, _ second: Tokens?, addSpecialTokens: Bool, offsets: Bool) -> Encoding {
    var result = Encoding()
    func append(_ ids: ArraySlice<Int32>, _ ranges: ArraySlice<Range<Int>>, type: Int32, special: Int32) {
      result.ids.append(contentsOf: ids)
      result.typeIDs.append(contentsOf: repeatElement(type, count: ids.count))
      result.specialTokensMask.append(contentsOf: repeatElement(special, count: ids.count))
      if offsets { result.offsets.append(contentsOf: ranges) }
    }
    for piece in second == nil ? single : pair {
      switch piece {
      case .text(let isPair, let type):
        if let tokens = isPair ? second : first { append(tokens.ids, tokens.offsets, type: type, special: 0) }
      case .special(let ids, let type):
        if addSpecialTokens { append(ids[...], Array(repeating: 0..<0, count: ids.count)[...], type: type, special: 1) }
      }
    }
    result.attentionMask = Array(repeating: 1, count: result.ids.count)
    return result
  }
}

/// Tokens of one text, or a part of them. `offsets` is empty when nobody asked for it.
struct Tokens {
  var ids: ArraySlice<Int32>
  var offsets: ArraySlice<Range<Int>>

  subscript(_ range: Range<Int>) -> Tokens {
    Tokens(
      ids: ids[(ids.startIndex + range.lowerBound)..<(ids.startIndex + range.upperBound)],
      offsets: offsets.isEmpty ? [] : offsets[(offsets.startIndex + range.lowerBound)..<(offsets.startIndex + range.upperBound)])
  }
}
