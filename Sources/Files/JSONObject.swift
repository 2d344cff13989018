/// The members of a JSON object in the order of the file, found by key in constant time.
///
/// Keys are bytes: canonically equivalent spellings are different keys.
public struct JSONObject: Sendable, Sequence, ExpressibleByDictionaryLiteral {
  /// The keys in order.
  public private(set) var keys: [String] = []
  /// The values, parallel to `keys`.
  public private(set) var values: [JSON] = []
  /// Where each key is; empty while the object is so small that a scan is faster.
  private var positions: [Spelling: Int] = [:]
  private static let scanLimit = 8

  public typealias Element = (key: String, value: JSON)

  public init() {}

  /// A key that occurs twice keeps its first place and its last value.
  public init(_ members: some Sequence<(String, JSON)>) {
    for (key, value) in members { self[key] = value }
  }

  public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }

  public var count: Int { keys.count }
  public var isEmpty: Bool { keys.isEmpty }

  /// The value of `key`. Setting a new key appends it; setting nil removes the key, in O(count).
  public subscript(_ key: String) -> JSON? {
    get { position(of: key).map { values[$0] } }
    set {
      switch (position(of: key), newValue) {
      case (let position?, let value?):
        values[position] = value
      case (let position?, nil):
        keys.remove(at: position)
        values.remove(at: position)
        rebuildPositions()
      case (nil, let value?):
        append(key, value)
      case (nil, nil):
        break
      }
    }
  }

  public func makeIterator() -> some IteratorProtocol<Element> {
    zip(keys, values).lazy.map { (key: $0, value: $1) }.makeIterator()
  }

  /// Appends a member; false, and nothing changes, when `key` is there already.
  @discardableResult
  mutating func append(_ key: String, _ value: JSON) -> Bool {
    if keys.count < Self.scanLimit {
      guard position(of: key) == nil else { return false }
    } else {
      if positions.isEmpty { rebuildPositions(always: true) }
      let position = keys.count
      let found = positions[Spelling(key), default: position]
      guard found == position else { return false }
      positions[Spelling(key)] = position
    }
    keys.append(key)
    values.append(value)
    return true
  }

  private func position(of key: String) -> Int? {
    if positions.isEmpty { return keys.firstIndex { $0.utf8.elementsEqual(key.utf8) } }
    return positions[Spelling(key)]
  }

  private mutating func rebuildPositions(always: Bool = false) {
    positions.removeAll()
    guard always || keys.count > Self.scanLimit else { return }
    for (position, key) in keys.enumerated() { positions[Spelling(key)] = position }
  }

  /// A string that is hashed and compared by its bytes.
  private struct Spelling: Hashable {
    let text: String
    init(_ text: String) { self.text = text }
    static func == (a: Spelling, b: Spelling) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }
    func hash(into hasher: inout Hasher) {
      var text = text
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }
}

extension JSONObject: Equatable {
  /// Equal members, in any order.
  public static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.count == b.count && a.allSatisfy { b[$0.key] == $0.value }
  }
}
