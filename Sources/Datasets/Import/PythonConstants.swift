import Files

/// The constants that a Python file assigns at its top level: texts, numbers, lists, tuples and dictionaries of these, and `+` between texts.
///
/// Reads what the file says and runs nothing. An f-text may hold `{NAME}` of such a constant. What would have to be run to be known is an error and
/// never a guess: a value that goes on (`% x`, `.format(…)`), a name that is assigned twice, under an `if`, or changed afterwards.
struct PythonConstants {
  let path: String
  let source: [Unicode.Scalar]
  private let statements: [PythonStatements.Statement]
  /// Constants of other files, for names that are imported.
  private let known: [String: JSON]

  /// - Throws: `InputError` for a file that is not UTF-8, or whose texts and brackets do not end.
  init(_ path: String, known: [String: JSON] = [:]) throws(InputError) {
    self.path = path
    self.known = known
    let text = try MappedFile.withBytes(of: path) { (bytes) throws(InputError) in
      try UTF8Check.validate(bytes, path: path)
      return String(decoding: bytes, as: UTF8.self)
    }
    // As Python reads a file: every line ends with \n, inside texts too.
    var scalars: [Unicode.Scalar] = []
    for scalar in text.unicodeScalars where !(scalars.isEmpty && scalar == "\u{FEFF}") {
      if scalar == "\n", scalars.last == "\r" { scalars.removeLast() } else if scalars.last == "\r" { scalars[scalars.count - 1] = "\n" }
      scalars.append(scalar)
    }
    if scalars.last == "\r" { scalars[scalars.count - 1] = "\n" }
    source = scalars
    let opening = scalars.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false).prefix(2).map { String(String.UnicodeScalarView($0)).lowercased() }
    if opening.contains(where: { $0.hasPrefix("#") && ($0.contains("coding:") || $0.contains("coding=")) && !$0.contains("utf-8") && !$0.contains("utf8") }) {
      throw InputError(path, "declares an encoding other than UTF-8", advice: "Name an unchanged checkout")
    }
    do {
      statements = try PythonStatements(scalars).statements
    } catch {
      throw Self.error(path, scalars, error.position, "", error.expected)
    }
  }

  /// The value assigned to `name`, in a statement of its own.
  /// - Throws: `InputError` when nothing is, the value is something else than a constant, or another statement may change it.
  func value(_ name: String) throws(InputError) -> JSON { try value(name, before: source.count) }

  private func value(_ name: String, before limit: Int) throws(InputError) -> JSON {
    let bindings = statements.filter { $0.binds(name, in: source) }
    guard let first = bindings.first else { throw InputError(path, "assigns no \(name)", advice: "Name an unchanged checkout") }
    guard bindings.count == 1, let equals = first.assignment(to: name, in: source) else {
      let place = bindings.last?.words.first { $0.text == name }?.position ?? 0
      throw Self.error(path, source, place, ", \(name)", "one assignment of the name at the top level and nothing that could change it")
    }
    guard equals < limit else { throw Self.error(path, source, limit, "", "\(name) to be assigned before it is used") }
    var reader = PythonReader(self, name: name, position: equals + 1)
    return try reader.whole()
  }

  /// The value of a name within the value at `limit`: this file's, else that of the file it is imported from.
  func constant(_ word: String, before limit: Int) throws(InputError) -> JSON {
    let bindings = statements.filter { $0.binds(word, in: source) }
    if let known = known[word], bindings.allSatisfy({ $0.imports(word) }) { return known }
    return try value(word, before: limit)
  }

  static func error(_ path: String, _ source: [Unicode.Scalar], _ position: Int, _ name: String, _ expected: String) -> InputError {
    let line = source[..<min(position, source.count)].count { $0 == "\n" } + 1
    return InputError(path, at: "line \(line)\(name)", "expected \(expected)", advice: "Name an unchanged checkout")
  }
}
