import Files

/// Reads one value of a Python file from a position on.
struct PythonReader {
  let constants: PythonConstants
  /// What the value is assigned to.
  let name: String
  var position: Int
  /// Names must have their values before this position.
  private let start: Int
  private var depth = 0

  init(_ constants: PythonConstants, name: String, position: Int) {
    (self.constants, self.name, self.position, start) = (constants, name, position, position)
  }

  private var next: Unicode.Scalar? { position < constants.source.count ? constants.source[position] : nil }

  private func error(_ expected: String) -> InputError { PythonConstants.error(constants.path, constants.source, position, ", \(name)", expected) }

  /// A value with which its statement ends.
  mutating func whole() throws(InputError) -> JSON {
    let value = try expression(isNested: false)
    guard next == nil || next == "\n" || next == ";" else { throw error("the end of the line after a constant") }
    return value
  }

  /// White space and comments; line ends too within brackets, and after a backslash.
  private mutating func skip(_ isNested: Bool) {
    while let scalar = next {
      if scalar == " " || scalar == "\t" || isNested && scalar == "\n" {
        position += 1
      } else if scalar == "\\", position + 1 < constants.source.count, constants.source[position + 1] == "\n" {
        position += 2
      } else if scalar == "#" {
        while let other = next, other != "\n" { _ = other; position += 1 }
      } else {
        return
      }
    }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  private mutating func expression(isNested: Bool) throws(InputError) -> JSON {
    var value = try term(isNested)
    skip(isNested)
    while take("+") {
      guard let first = value.string, let second = try term(isNested).string else { throw error("texts on both sides of +") }
      value = .string(first + second)
      skip(isNested)
    }
    return value
  }

  private mutating func term(_ isNested: Bool) throws(InputError) -> JSON {
    skip(isNested)
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw error("fewer brackets within each other") }
    guard let first = next else { throw error("a value") }
    switch first {
    case "(", "[":
      position += 1
      let (items, hasComma) = try list(until: first == "(" ? ")" : "]")
      return first == "(" && !hasComma && items.count == 1 ? items[0] : .array(items)
    case "{":
      position += 1
      return .object(try dictionary())
    case "0"..."9":
      let digits = constants.source[position...].prefix { ("0"..."9").contains($0) }
      position += digits.count
      guard let number = Int(String(String.UnicodeScalarView(digits))) else { throw error("a number") }
      return .integer(number)
    default:
      guard var text = try string() else {
        let word = String(String.UnicodeScalarView(constants.source[position...].prefix(while: PythonStatements.isWord)))
        guard let value = try constant(word) else { throw error("a text, a number, a list or a dictionary") }
        position += word.unicodeScalars.count
        return value
      }
      skip(isNested)
      while let more = try string() {  // texts side by side are one
        text += more
        skip(isNested)
      }
      return .string(text)
    }
  }

  private mutating func list(until end: Unicode.Scalar) throws(InputError) -> (items: [JSON], hasComma: Bool) {
    var (items, hasComma): ([JSON], Bool) = ([], false)
    while true {
      skip(true)
      if take(end) { return (items, hasComma) }
      items.append(try expression(isNested: true))
      skip(true)
      if take(",") { hasComma = true } else if next != end { throw error("a comma or the end of a list") }
    }
  }

  private mutating func dictionary() throws(InputError) -> JSONObject {
    var members: JSONObject = [:]
    while true {
      skip(true)
      if take("}") { return members }
      guard let key = try expression(isNested: true).string, take(":") else { throw error("a text and a colon") }
      members[key] = try expression(isNested: true)
      skip(true)
      if !take(","), next != "}" { throw error("a comma or the end of a dictionary") }
    }
  }

  private func constant(_ word: String) throws(InputError) -> JSON? {
    switch word {
    case "", name: nil
    case "True": .bool(true)
    case "False": .bool(false)
    case "None": .null
    default: try constants.constant(word, before: start)
    }
  }

  // MARK: Texts

  /// A text with its prefix; nil where none begins.
  private mutating func string() throws(InputError) -> String? {
    let prefix = String(String.UnicodeScalarView(constants.source[position...].prefix(while: PythonStatements.isWord))).lowercased()
    let quote = position + prefix.unicodeScalars.count
    guard ["", "f", "u", "r", "fr", "rf"].contains(prefix), quote < constants.source.count, case let mark = constants.source[quote], mark == "\"" || mark == "'" else { return nil }
    let (isFormatted, isRaw) = (prefix.contains("f"), prefix.contains("r"))
    let isLong = constants.source[quote...].starts(with: [mark, mark, mark])
    let end = [Unicode.Scalar](repeating: mark, count: isLong ? 3 : 1)
    position = quote + end.count
    var text = String.UnicodeScalarView()
    while !constants.source[min(position, constants.source.count)...].starts(with: end) {
      guard let scalar = next, isLong || scalar != "\n" else { throw error("the end of a text") }
      position += 1
      if scalar == "\\", isRaw {
        // Nothing is meant by it, but a quote after it ends nothing.
        text.append(scalar)
        if let other = next, other == mark || other == "\\" || other == "\n" {
          text.append(other)
          position += 1
        }
      } else if scalar == "\\" {
        text.append(contentsOf: try escape())
      } else if isFormatted, scalar == "{", !take("{") {
        let word = String(String.UnicodeScalarView(constants.source[position...].prefix(while: PythonStatements.isWord)))
        let value = try constant(word)
        position += word.unicodeScalars.count
        guard let shown = value?.string ?? value?.int.map(String.init), take("}") else { throw error("the name of a text or number in {}, and nothing else") }
        text.append(contentsOf: shown.unicodeScalars)
      } else {
        if isFormatted, scalar == "}", !take("}") { throw error("{ before }") }
        text.append(scalar)
      }
    }
    position += end.count
    return String(text)
  }

  /// What a backslash and what stands after it mean.
  private mutating func escape() throws(InputError) -> [Unicode.Scalar] {
    guard let scalar = next else { throw error("the end of a text") }
    let simple: [Unicode.Scalar: Unicode.Scalar] = [
      "n": "\n", "t": "\t", "r": "\r", "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}", "v": "\u{0B}", "\\": "\\", "'": "'", "\"": "\"",
    ]
    if scalar == "\n" || simple[scalar] != nil {
      position += 1
      return simple[scalar].map { [$0] } ?? []
    }
    switch scalar {
    case "0"..."7": return [try code(3, radix: 8, isWhole: false)]
    case "x", "u", "U":
      position += 1
      return [try code(scalar == "x" ? 2 : scalar == "u" ? 4 : 8, radix: 16, isWhole: true)]
    case "N": throw error("no character by its name")
    default: return ["\\"]  // it stands for itself, and so does what follows
    }
  }

  /// - Parameter isWhole: whether all of `count` digits must be there.
  private mutating func code(_ count: Int, radix: Int, isWhole: Bool) throws(InputError) -> Unicode.Scalar {
    let digits = constants.source[position...].prefix(count).prefix { $0.isASCII && Character($0).hexDigitValue.map { $0 < radix } == true }
    guard !isWhole || digits.count == count, let value = UInt32(String(String.UnicodeScalarView(digits)), radix: radix), let scalar = Unicode.Scalar(value) else {
      throw error("\(count) digits of a character")
    }
    position += digits.count
    return scalar
  }
}
