public import Files

/// Reads comma-separated files: RFC 4180, and what else real exports contain and Python's `csv` reads.
///
/// Accepted: quoted fields with commas, doubled quotes and line ends inside; LF, CRLF and CR line ends, mixed too; a UTF-8
/// byte order mark; a quote inside an unquoted field (kept); empty lines (skipped); a last line without a line end.
/// Refused, with line and row: bytes that are not UTF-8, NUL, a quote that never closes (the line it opened on), text after
/// a closing quote, rows with more or fewer fields than the header, two columns of one name.
public enum CSVReader {
  /// Reads the file at `path`. Fields are kept byte for byte: spaces, U+2028 and the line ends inside quotes are data.
  public static func read(_ path: String) throws(InputError) -> CSVTable {
    try MappedFile.withBytes(of: path) { bytes throws(InputError) in try parse(bytes, path: path) }
  }

  /// Parses `bytes`; `path` is for messages.
  public static func parse(_ bytes: UnsafeRawBufferPointer, path: String) throws(InputError) -> CSVTable {
    try UTF8Check.validate(bytes, path: path)
    var cursor = Cursor(bytes: bytes, path: path)
    let header = try header(&cursor, path)
    var rows: [[String]] = []
    var lines: [Int] = []
    while let record = try cursor.nextRecord() {
      rows.append(try checked(record, header, row: rows.count + 1, path))
      lines.append(record.line)
    }
    return CSVTable(path: path, header: header, rows: rows, lines: lines)
  }

  /// Record by record: one that cannot be read is an error in its place, and the others are kept. After a quote that goes wrong, reading goes
  /// on with the line after the one that the record starts on.
  /// - Returns: the header, as a table without rows, and the records.
  /// - Throws: `InputError` for a file without a usable header.
  public static func records(of path: String) throws(InputError) -> (header: CSVTable, records: [Result<[String], InputError>]) {
    try MappedFile.withBytes(of: path) { bytes throws(InputError) in
      var cursor = Cursor(bytes: bytes, path: path)
      let header = try header(&cursor, path)
      var records: [Result<[String], InputError>] = []
      while true {
        let start = cursor
        let row = records.count + 1
        do throws(InputError) {
          guard let record = try cursor.nextRecord() else { break }
          let isText = UTF8Check.firstInvalidByte(UnsafeRawBufferPointer(rebasing: bytes[start.offset..<cursor.offset])) == nil
          records.append(Result { () throws(InputError) in
            if !isText { throw InputError(path, at: "line \(record.line), row \(row)", "is not UTF-8", advice: "Save the file as UTF-8") }
            return try checked(record, header, row: row, path)
          })
        } catch {
          records.append(.failure(InputError(path, at: (error.location.map { "\($0), " } ?? "") + "row \(row)", error.problem, advice: error.advice)))
          cursor = start
          cursor.skipLine()
        }
      }
      return (CSVTable(path: path, header: header, rows: [], lines: []), records)
    }
  }

  private static func header(_ cursor: inout Cursor, _ path: String) throws(InputError) -> [String] {
    guard let header = try cursor.nextRecord()?.fields else {
      throw InputError(path, "the file is empty, expected a header line", advice: "Check how the file was made")
    }
    var seen: Set<String> = []
    for name in header where !name.isEmpty && !seen.insert(name).inserted {
      throw InputError(path, at: "line 1", "two columns are called '\(name.prefix(40))'", advice: "Rename one of them")
    }
    return header
  }

  private static func checked(
    _ record: (fields: [String], line: Int), _ header: [String], row: Int, _ path: String
  ) throws(InputError) -> [String] {
    guard record.fields.count == header.count else {
      throw InputError(
        path, at: "line \(record.line), row \(row)",
        "found \(record.fields.count) field\(record.fields.count == 1 ? "" : "s"), expected \(header.count) as in the header",
        advice: "Look for a missing or unquoted comma or quote on that line")
    }
    return record.fields
  }
}

/// The position in the bytes of a CSV file. One record at a time, one pass, no backtracking.
private struct Cursor {
  let bytes: UnsafeRawBufferPointer
  let path: String
  var offset: Int
  var line = 1
  /// Unescaped bytes of a quoted field that holds doubled quotes; reused between fields.
  var scratch: [UInt8] = []

  init(bytes: UnsafeRawBufferPointer, path: String) {
    (self.bytes, self.path) = (bytes, path)
    offset = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// The fields of the next record that is not an empty line and the line it starts on; nil at the end of the file.
  mutating func nextRecord() throws(InputError) -> (fields: [String], line: Int)? {
    while offset < bytes.count, isLineEnd(bytes[offset]) { skipLineEnd() }
    guard offset < bytes.count else { return nil }
    let start = line
    var fields: [String] = []
    while true {
      fields.append(offset < bytes.count && bytes[offset] == quote ? try quotedField() : try plainField())
      guard offset < bytes.count else { return (fields, start) }
      if bytes[offset] == comma {
        offset += 1
      } else {
        skipLineEnd()
        return (fields, start)
      }
    }
  }

  /// Up to the next comma or line end; quotes inside are ordinary characters.
  private mutating func plainField() throws(InputError) -> String {
    let start = offset
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == comma || isLineEnd(byte) { break }
      if byte == 0 { throw nul() }
      offset += 1
    }
    return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self)
  }

  /// From an opening quote through its closing quote.
  private mutating func quotedField() throws(InputError) -> String {
    let opened = line
    offset += 1
    var start = offset
    scratch.removeAll(keepingCapacity: true)
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == quote {
        let run = UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
        offset += 1
        if offset < bytes.count, bytes[offset] == quote {  // a doubled quote stands for one
          scratch.append(contentsOf: run)
          scratch.append(quote)
          offset += 1
          start = offset
          continue
        }
        guard offset == bytes.count || bytes[offset] == comma || isLineEnd(bytes[offset]) else {
          throw InputError(
            path, at: "line \(line)", "found text after a closing quote, expected a comma or the end of the line",
            advice: "Double the quotes that belong to the text")
        }
        if scratch.isEmpty { return String(decoding: run, as: UTF8.self) }
        scratch.append(contentsOf: run)
        return String(decoding: scratch, as: UTF8.self)
      }
      if byte == 0 { throw nul() }
      if isLineEnd(byte) { skipLineEnd() } else { offset += 1 }
    }
    throw InputError(path, at: "line \(opened)", "a quote opens here and never closes", advice: "Close it, or double it if it belongs to the text")
  }

  /// Past the first line that is not empty.
  mutating func skipLine() {
    while offset < bytes.count, isLineEnd(bytes[offset]) { skipLineEnd() }
    while offset < bytes.count, !isLineEnd(bytes[offset]) { offset += 1 }
  }

  private mutating func skipLineEnd() {
    offset += bytes[offset] == 0x0D && offset + 1 < bytes.count && bytes[offset + 1] == 0x0A ? 2 : 1
    line += 1
  }

  private func nul() -> InputError {
    InputError(path, at: "line \(line)", "byte \(offset) is NUL, expected text", advice: "The file is damaged or not a CSV file")
  }

  private func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
  private var quote: UInt8 { 0x22 }
  private var comma: UInt8 { 0x2C }
}
