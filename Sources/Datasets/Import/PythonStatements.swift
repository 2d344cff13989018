/// A Python file cut into statements: enough to say where a name is bound, whatever stands in texts, comments and brackets.
struct PythonStatements {
  /// A statement on a logical line; of a line like `if x: a = 1`, the whole.
  struct Statement {
    var isIndented: Bool
    /// Names and keywords outside texts, with the scalars' positions.
    var words: [(text: String, position: Int)] = []
    /// Positions of `=` outside brackets, also of `+=` and the like.
    var assignments: [Int] = []
  }

  /// What is wrong, and at which scalar.
  struct Problem: Error {
    let position: Int
    let expected: String
  }

  let source: [Unicode.Scalar]
  private(set) var statements: [Statement] = []

  /// - Throws: `Problem` where a text or a bracket does not end: then nothing that follows is what it seems.
  init(_ source: [Unicode.Scalar]) throws(Problem) {
    self.source = source
    var (position, opened, isLineStart): (Int, [Int], Bool) = (0, [], true)
    var current: Statement?
    func at(_ index: Int) -> Unicode.Scalar? { source.indices.contains(index) ? source[index] : nil }
    func end(_ statement: inout Statement?, _ found: inout [Statement]) {
      if let whole = statement { found.append(whole) }
      statement = nil
    }
    while let scalar = at(position) {
      let isIndented = isLineStart && (scalar == " " || scalar == "\t")
      if isLineStart, opened.isEmpty, scalar != "\n", scalar != "#" {
        // A blank line or one with a comment alone makes a statement without words, which binds nothing.
        if current == nil { current = Statement(isIndented: isIndented) }
      }
      isLineStart = false
      switch scalar {
      case "\n":
        if opened.isEmpty { end(&current, &statements) }
        isLineStart = true
        position += 1
      case "\\":
        position += 2
      case ";" where opened.isEmpty:
        let isIndented = current?.isIndented ?? false
        end(&current, &statements)
        current = Statement(isIndented: isIndented)
        position += 1
      case "#":
        while let other = at(position), other != "\n" { _ = other; position += 1 }
      case "\"", "'":
        position = try Self.endOfText(source, position)
      case "(", "[", "{":
        opened.append(position)
        position += 1
      case ")", "]", "}":
        guard opened.popLast() != nil else { throw Problem(position: position, expected: "a bracket that this one ends") }
        position += 1
      case "=":
        let (before, after) = (at(position - 1), at(position + 1))
        if after == "=" {
          position += 2
        } else {
          let isComparison = before == "!" || before == ":" || (before == "<" || before == ">") && at(position - 2) != before
          if opened.isEmpty, !isComparison { current?.assignments.append(position) }
          position += 1
        }
      default:
        let word = source[position...].prefix(while: Self.isWord)
        position += max(1, word.count)
        if let first = word.first, !("0"..."9").contains(first), at(position) != "\"", at(position) != "'" {
          current?.words.append((String(String.UnicodeScalarView(word)), word.startIndex))
        }
      }
    }
    if let open = opened.last { throw Problem(position: open, expected: "the end of this bracket") }
    end(&current, &statements)
  }

  static func isWord(_ scalar: Unicode.Scalar) -> Bool { scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil }

  /// The position after a text whose first quote is at `start`.
  private static func endOfText(_ source: [Unicode.Scalar], _ start: Int) throws(Problem) -> Int {
    let mark = source[start]
    let quotes = [Unicode.Scalar](repeating: mark, count: source[start...].starts(with: [mark, mark, mark]) ? 3 : 1)
    var position = start + quotes.count
    while position < source.count {
      if source[position...].starts(with: quotes) { return position + quotes.count }
      if source[position] == "\n", quotes.count == 1 { break }
      position += source[position] == "\\" ? 2 : 1
    }
    throw Problem(position: min(position, source.count), expected: "the end of a text")
  }
}

extension PythonStatements.Statement {
  /// Whether the statement gives `name` a value, changes it in place, or takes it away; says yes where it only might.
  func binds(_ name: String, in source: [Unicode.Scalar]) -> Bool {
    let places = words.indices.filter { words[$0].text == name }
    guard let first = places.first else { return false }
    if let last = assignments.last, words[first].position < last { return true }
    switch words[0].text {
    case "import", "from", "del", "global", "nonlocal": return true
    case "def", "class": if first == 1 { return true }
    case "for", "async": if let end = words.firstIndex(where: { $0.text == "in" }), first < end { return true }
    default: break
    }
    return places.contains { place in
      let rest = source[(words[place].position + name.unicodeScalars.count)...].drop { $0 == " " || $0 == "\t" }
      return place > 0 && words[place - 1].text == "as" || place == 0 && rest.first == "." || rest.starts(with: ":=".unicodeScalars)
    }
  }

  /// The position of the `=` in `NAME = …` or `NAME: TYPE = …` at the top level; nil for any other statement.
  func assignment(to name: String, in source: [Unicode.Scalar]) -> Int? {
    guard !isIndented, assignments.count == 1, let equals = assignments.first, words.first?.text == name, let start = words.first?.position else { return nil }
    let rest = source[(start + name.unicodeScalars.count)..<equals].drop { $0 == " " || $0 == "\t" }
    // An annotation may hold anything but what would make the sign another one.
    return rest.isEmpty || rest.first == ":" && !"+-*/%&|^@<>".unicodeScalars.contains(source[equals - 1]) ? equals : nil
  }

  /// Whether it imports `name` under its own name.
  func imports(_ name: String) -> Bool {
    guard let first = words.first?.text, first == "from" || first == "import", let place = words.firstIndex(where: { $0.text == name }) else { return false }
    return words[place - 1].text != "as" && (place + 1 == words.count || words[place + 1].text != "as")
  }
}
