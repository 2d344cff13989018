internal import Files

/// A sentencepiece `tokenizer.model`: its pieces and how it normalises text. Checked throughout, so that the library, which
/// trusts its input, may be given the same bytes.
///
/// Source of the field numbers: `sentencepiece_model.proto`.
struct SentencePieceModel: Sendable {
  enum Kind: UInt64, Sendable { case normal = 1, unknown, control, userDefined, unused, byte }
  enum Algorithm: UInt64, Sendable { case unigram = 1, bpe, word, char }

  struct Piece: Sendable {
    var text: String
    var score: Float = 0
    var kind = Kind.normal
  }

  private(set) var pieces: [Piece] = []
  private(set) var algorithm = Algorithm.unigram
  private(set) var fallsBackToBytes = false
  private(set) var treatsSpaceAsSuffix = false
  /// What an unknown token is decoded to.
  private(set) var unknownSurface = " \u{2047} "
  /// `precompiled_charsmap`: a table of replacements, empty for the identity.
  private(set) var characterMap: [UInt8] = []
  private(set) var addsDummyPrefix = true
  private(set) var removesExtraSpaces = true
  private(set) var escapesSpaces = true
  /// Ids by role; nil for none.
  private(set) var beginOfSequence: Int32?
  private(set) var endOfSequence: Int32?
  private(set) var padding: Int32?
  private(set) var unknown: Int32 = 0
  let table: TokenTable
  /// The file.
  let bytes: [UInt8]

  /// - Throws: `InputError` naming the byte or the piece: what the library would refuse, and what would lead it out of bounds.
  init(_ bytes: [UInt8], file: String) throws(InputError) {
    guard !bytes.isEmpty else { throw InputError(file, "the file is empty, expected a sentencepiece model", advice: "Fetch it again") }
    self.bytes = bytes
    var pieces: [Piece] = []
    var trainer = TrainerFields()
    var normalizer = NormalizerFields()
    var reader = ProtobufReader(bytes, file: file)
    while let (number, value) = try reader.next() {
      guard case .bytes(let range) = value else { continue }
      switch number {
      case 1: pieces.append(try Self.piece(bytes, range, pieces.count, file))
      case 2: try trainer.read(ProtobufReader(bytes, range, file: file), bytes)
      case 3: try normalizer.read(ProtobufReader(bytes, range, file: file), bytes)
      default: break
      }
    }
    table = try TokenTable(pieces.enumerated().map { ($1.text, $0) }, file: file)
    self.pieces = pieces
    guard let algorithm = Algorithm(rawValue: trainer.algorithm) else {
      throw InputError(file, "found model type \(trainer.algorithm), expected 1 to 4", advice: "Fetch the file again")
    }
    self.algorithm = algorithm
    fallsBackToBytes = trainer.fallsBackToBytes
    treatsSpaceAsSuffix = trainer.treatsSpaceAsSuffix
    unknownSurface = trainer.unknownSurface ?? unknownSurface
    characterMap = normalizer.characterMap
    addsDummyPrefix = normalizer.addsDummyPrefix
    removesExtraSpaces = normalizer.removesExtraSpaces
    escapesSpaces = normalizer.escapesSpaces
    func control(_ id: Int64, _ name: String) -> Int32? {
      if let found = table.id(of: name), pieces[Int(found)].kind == .control { return found }
      return pieces.indices.contains(Int(id)) && pieces[Int(id)].kind == .control ? Int32(id) : nil
    }
    beginOfSequence = control(trainer.begin, "<s>")
    endOfSequence = control(trainer.end, "</s>")
    padding = control(trainer.padding, "<pad>")
    try check(file)
    if !characterMap.isEmpty { try CharacterMapCheck.check(characterMap, file: file) }
  }

  private static func piece(_ bytes: [UInt8], _ range: Range<Int>, _ id: Int, _ file: String) throws(InputError) -> Piece {
    var reader = ProtobufReader(bytes, range, file: file)
    var piece = Piece(text: "")
    while let (number, value) = try reader.next() {
      switch (number, value) {
      case (1, .bytes(let range)):
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
          throw InputError(file, at: "piece \(id)", "found bytes that are not UTF-8", advice: "Fetch the file again")
        }
        piece.text = text
      case (2, .float(let score)): piece.score = score
      case (3, .integer(let kind)):
        guard let kind = Kind(rawValue: kind) else { throw InputError(file, at: "piece \(id)", "found piece type \(kind), expected 1 to 6") }
        piece.kind = kind
      default: break
      }
    }
    guard !piece.text.isEmpty, !piece.text.utf8.contains(0) else { throw InputError(file, at: "piece \(id)", "found an empty piece, or one with a NUL") }
    guard piece.score.isFinite else { throw InputError(file, at: "piece \(id)", "found the score \(piece.score), expected a number") }
    return piece
  }

  private mutating func check(_ file: String) throws(InputError) {
    let unknowns = pieces.indices.filter { pieces[$0].kind == .unknown }
    guard unknowns.count == 1 else { throw InputError(file, "found \(unknowns.count) unknown pieces, expected one") }
    unknown = Int32(unknowns[0])
    for (id, piece) in pieces.enumerated() where piece.kind == .byte {
      guard let byte = TokenAssembler.byte(of: piece.text), piece.text == BPEModel.byteToken(Int(byte)) else {
        throw InputError(file, at: "piece \(id)", "found the byte piece \(JSON.string(piece.text).encoded()), expected <0x00> to <0xFF>")
      }
    }
    let bytePieces = pieces.count { $0.kind == .byte }
    guard bytePieces == (fallsBackToBytes ? 256 : 0) else {
      throw InputError(file, "found \(bytePieces) byte pieces, expected \(fallsBackToBytes ? "256" : "none")")
    }
  }
}

private struct TrainerFields {
  var algorithm: UInt64 = 1
  var fallsBackToBytes = false
  var treatsSpaceAsSuffix = false
  var unknownSurface: String?
  var begin: Int64 = 1
  var end: Int64 = 2
  var padding: Int64 = -1

  mutating func read(_ reader: ProtobufReader, _ bytes: [UInt8]) throws(InputError) {
    var reader = reader
    while let (number, value) = try reader.next() {
      switch (number, value) {
      case (3, .integer(let value)): algorithm = value
      case (24, .integer(let value)): treatsSpaceAsSuffix = value != 0
      case (35, .integer(let value)): fallsBackToBytes = value != 0
      case (41, .integer(let value)): begin = Int64(Int32(truncatingIfNeeded: value))
      case (42, .integer(let value)): end = Int64(Int32(truncatingIfNeeded: value))
      case (43, .integer(let value)): padding = Int64(Int32(truncatingIfNeeded: value))
      case (44, .bytes(let range)): unknownSurface = String(decoding: bytes[range], as: UTF8.self)
      default: break
      }
    }
  }
}

private struct NormalizerFields {
  var characterMap: [UInt8] = []
  var addsDummyPrefix = true
  var removesExtraSpaces = true
  var escapesSpaces = true

  mutating func read(_ reader: ProtobufReader, _ bytes: [UInt8]) throws(InputError) {
    var reader = reader
    while let (number, value) = try reader.next() {
      switch (number, value) {
      case (2, .bytes(let range)): characterMap = Array(bytes[range])
      case (3, .integer(let value)): addsDummyPrefix = value != 0
      case (4, .integer(let value)): removesExtraSpaces = value != 0
      case (5, .integer(let value)): escapesSpaces = value != 0
      default: break
      }
    }
  }
}

/// Checks a `precompiled_charsmap` before the library follows it: four bytes of trie size, a Darts double array, then
/// replacement strings that end in NUL.
enum CharacterMapCheck {
  static func check(_ map: [UInt8], file: String) throws(InputError) {
    func word(_ index: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(map[4 * index + $1]) << (8 * UInt32($1)) } }
    func failure(_ problem: String) -> InputError {
      InputError(file, at: "normalizer", "precompiled_charsmap: \(problem)", advice: "Fetch the file again")
    }
    guard map.count > 8, case let size = Int(word(0)), size > 0, size % 1024 == 0, size + 4 < map.count else {
      throw failure("found a trie that does not fit its \(map.count) bytes")
    }
    guard map.last == 0 else { throw failure("found replacements that do not end in NUL") }
    let units = size / 4
    let texts = map.count - 4 - size
    for index in 0..<units {
      let unit = word(index + 1)
      if unit >> 31 == 1 {  // a value: where a replacement begins
        guard Int(unit & 0x7FFF_FFFF) < texts else { throw failure("found a replacement beyond the end") }
      } else {  // the block of 256 units that holds the children
        let offset = Int(unit >> 10) << Int((unit & 0x200) >> 6)
        guard (index ^ offset) | 0xFF < units else { throw failure("found a node whose children lie beyond the end") }
      }
    }
  }
}
