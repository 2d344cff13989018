internal import Files

/// A regular expression in the part of Python's `re` that Swift's engine reads alike; anything else is refused, never reinterpreted.
///
/// Read: literals, `.`, classes, `\d \w \s \b \A \Z` and their negations, `^ $`, alternatives, groups (also named and non-capturing),
/// look-ahead, greedy, lazy and counted repetition, back-references by number.
struct PythonPattern {
  private let regex: Regex<AnyRegexOutput>

  /// - Throws: `InputError` at `key` for a pattern that is wrong, or that this build does not read.
  init(_ pattern: String, path: String, key: String) throws(InputError) {
    func refused(_ problem: String) -> InputError {
      InputError(path, at: "key \"\(key)\"", "the regular expression \"\(pattern.shortened)\" \(problem)", advice: "List the modules by name")
    }
    if let construct = Self.unsupported(Array(pattern.unicodeScalars)) { throw refused("uses \(construct), which this build does not read") }
    do {
      regex = try Regex(pattern).matchingSemantics(.unicodeScalar).asciiOnlyDigits().asciiOnlyWordCharacters().asciiOnlyWhitespace()
    } catch {
      throw refused("cannot be read")
    }
  }

  /// `re.fullmatch`
  func matchesWhole(_ text: some StringProtocol) -> Bool { (try? regex.wholeMatch(in: String(text))) != nil }

  /// The first construct whose meaning in Python is another one, or that Python does not have.
  private static func unsupported(_ text: [Unicode.Scalar]) -> String? {
    var index = 0
    var isClass = false
    func next(_ offset: Int = 1) -> Unicode.Scalar? { index + offset < text.count ? text[index + offset] : nil }
    while index < text.count {
      switch text[index] {
      case "\\":
        guard let escaped = next() else { return "a backslash at its end" }
        let isLetter = escaped.isASCII && (escaped.properties.isAlphabetic || ("0"..."9").contains(escaped))
        guard !isLetter || "dDwWsSbBAZntrfv123456789".unicodeScalars.contains(escaped) else { return "\\\(escaped)" }
        index += 1
      case "[" where isClass: return "[ inside a class"
      case "[":
        isClass = true
        if next() == "^" { index += 1 }
        if next() == "]" { return "] as the first member of a class" }
      case "]": isClass = false
      case "&" where isClass && next() == "&": return "&& inside a class"
      case "-" where isClass && next() == "-": return "-- inside a class"
      case "~" where isClass && next() == "~": return "~~ inside a class"
      case "(" where !isClass && next() == "?":
        let head = String(String.UnicodeScalarView(text[(index + 2)..<min(text.count, index + 4)]))
        guard head.hasPrefix(":") || head.hasPrefix("=") || head.hasPrefix("!") || head == "P<" else { return "(?\(head.prefix(1))" }
      case "(" where !isClass && next() == "*": return "(*"
      default: break
      }
      index += 1
    }
    return nil
  }
}
