internal import Files

/// Reads a file that is one JSON array of objects, as upstream's `test.json` is.
///
/// Every object is parsed by itself, so an error names its line and row.
enum JSONArray {
  /// - Throws: `InputError` naming the line, and the row, of anything that is not an object in strict JSON.
  static func read(_ path: String) throws(InputError) -> [JSONLines.Row] {
    try MappedFile.withBytes(of: path) { bytes throws(InputError) in try parse(bytes, path: path) }
  }

  /// Parses `bytes`; `path` is for messages.
  static func parse(_ bytes: UnsafeRawBufferPointer, path: String) throws(InputError) -> [JSONLines.Row] {
    try UTF8Check.validate(bytes, path: path)
    var cursor = Cursor(bytes: bytes)
    cursor.skipSpace()
    guard cursor.take("[") else {
      throw InputError(path, at: "line \(cursor.line)", "expected [ and a list of objects", advice: "Write one list, or one object a line in a .jsonl file")
    }
    var rows: [JSONLines.Row] = []
    cursor.skipSpace()
    if !cursor.take("]") {
      repeat {
        cursor.skipSpace()
        let line = cursor.line
        rows.append(JSONLines.Row(line: line, object: try object(cursor.element(), path: path, at: "line \(line), row \(rows.count + 1)")))
      } while cursor.take(",")
      guard cursor.take("]") else {
        throw InputError(path, at: "line \(cursor.line)", "the list does not end with ]", advice: "The file may be cut short; fetch it again")
      }
    }
    cursor.skipSpace()
    guard cursor.offset == bytes.count else {
      throw InputError(path, at: "line \(cursor.line)", "found text after the list", advice: "Write one list, or one object a line in a .jsonl file")
    }
    return rows
  }

  private static func object(_ bytes: UnsafeRawBufferPointer, path: String, at place: String) throws(InputError) -> JSONObject {
    let value: JSON
    do {
      value = try JSON.parse(bytes, source: path)
    } catch {
      throw InputError(path, at: place, error.problem, advice: error.advice ?? "Correct that row")
    }
    guard let object = value.object else { throw InputError(path, at: place, "found \(value.kind), expected an object", advice: "Correct that row") }
    return object
  }

  /// Finds where elements begin and end; what is in them is for the parser to judge.
  private struct Cursor {
    let bytes: UnsafeRawBufferPointer
    var offset = 0
    var line = 1

    mutating func skipSpace() {
      while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { advance() }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
      advance()
      return true
    }

    /// From here to the comma or bracket that ends the element, outside of strings and nested values.
    mutating func element() -> UnsafeRawBufferPointer {
      let start = offset
      var (depth, isText) = (0, false)
      while offset < bytes.count {
        let byte = bytes[offset]
        if isText {
          if byte == UInt8(ascii: "\\"), offset + 1 < bytes.count { advance() } else if byte == UInt8(ascii: "\"") { isText = false }
        } else {
          switch byte {
          case UInt8(ascii: "\""): isText = true
          case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
          case UInt8(ascii: "}"): depth -= 1
          case UInt8(ascii: "]"): if depth == 0 { return slice(from: start) } else { depth -= 1 }
          case UInt8(ascii: ","): if depth == 0 { return slice(from: start) }
          default: break
          }
        }
        advance()
      }
      return slice(from: start)
    }

    private func slice(from start: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[start..<offset]) }

    private mutating func advance() {
      if bytes[offset] == 0x0A { line += 1 }
      offset += 1
    }
  }
}
