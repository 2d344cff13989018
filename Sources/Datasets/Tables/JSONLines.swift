public import Files

/// Reads JSON Lines: one object a line, strict JSON, UTF-8.
///
/// LF ends a line, a CR before it is dropped, lines of white space are skipped; U+2028 inside a string is data.
public enum JSONLines {
  /// One object and the 1-based line it stands on.
  public struct Row: Sendable {
    public let line: Int
    public let object: JSONObject
  }

  /// - Throws: `InputError` naming the line of anything that is not an object in strict JSON.
  public static func read(_ path: String) throws(InputError) -> [Row] {
    try MappedFile.withBytes(of: path) { bytes throws(InputError) in try parse(bytes, path: path) }
  }

  /// Parses `bytes`; `path` is for messages.
  public static func parse(_ bytes: UnsafeRawBufferPointer, path: String) throws(InputError) -> [Row] {
    try UTF8Check.validate(bytes, path: path)
    var rows: [Row] = []
    for record in records(bytes, path: path) { rows.append(Row(line: record.line, object: try record.object.get())) }
    return rows
  }

  /// Line by line: one that cannot be read is an error in its place, and the others are kept.
  public static func records(of path: String) throws(InputError) -> [(line: Int, object: Result<JSONObject, InputError>)] {
    try MappedFile.withBytes(of: path) { bytes throws(InputError) in records(bytes, path: path) }
  }

  private static func records(_ bytes: UnsafeRawBufferPointer, path: String) -> [(line: Int, object: Result<JSONObject, InputError>)] {
    var rows: [(line: Int, object: Result<JSONObject, InputError>)] = []
    var (start, line) = (0, 1)
    while start < bytes.count {
      let end = (start..<bytes.count).first { bytes[$0] == 0x0A } ?? bytes.count
      var slice = bytes[start..<end]
      if slice.last == 0x0D { slice.removeLast() }
      if slice.contains(where: { $0 != 0x20 && $0 != 0x09 }) {
        do throws(InputError) {
          rows.append((line, .success(try object(UnsafeRawBufferPointer(rebasing: slice), path: path, line: line))))
        } catch {
          rows.append((line, .failure(error)))
        }
      }
      (start, line) = (end + 1, line + 1)
    }
    return rows
  }

  private static func object(_ bytes: UnsafeRawBufferPointer, path: String, line: Int) throws(InputError) -> JSONObject {
    let value: JSON
    do {
      value = try JSON.parse(bytes, source: path)
    } catch {
      throw InputError(path, at: "line \(line)", error.problem, advice: error.advice ?? "Every line holds one whole JSON object")
    }
    guard let object = value.object else {
      throw InputError(path, at: "line \(line)", "found JSON that is not an object, expected {…}", advice: "Write one object a line")
    }
    return object
  }
}
