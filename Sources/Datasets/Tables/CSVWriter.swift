/// Writes comma-separated rows as Python's `csv` and pandas' `to_csv(index=False)` do: LF line ends, quotes where needed.
///
/// A field is quoted when it holds a comma, a quote, LF or CR; quotes inside are doubled. One deviation: Python leaves a
/// lone CR bare under an LF line end, and no reader gets that row back; here it is quoted.
public struct CSVWriter {
  public enum Dialect: Sendable {
    /// RFC 4180: reading gives back what was written.
    case standard
    /// `to_csv(escapechar="\\")`, as upstream's scripts write: as `standard`, and each backslash is doubled. pandas' default
    /// reader does not undo the doubling.
    case backslashEscaped
  }

  /// The rows written so far.
  public private(set) var bytes: [UInt8] = []
  private let dialect: Dialect

  public init(_ dialect: Dialect = .standard) { self.dialect = dialect }

  /// Appends one record. A record of a single empty field is written as `""`, since an empty line is no record.
  public mutating func write(_ fields: [String]) {
    if fields.count == 1, fields[0].isEmpty {
      bytes += [0x22, 0x22, 0x0A]
      return
    }
    for (index, field) in fields.enumerated() {
      if index > 0 { bytes.append(0x2C) }
      append(field)
    }
    bytes.append(0x0A)
  }

  private mutating func append(_ field: String) {
    let quoted = field.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    if quoted { bytes.append(0x22) }
    for byte in field.utf8 {
      if byte == 0x22 { bytes.append(0x22) }
      if byte == 0x5C, dialect == .backslashEscaped { bytes.append(0x5C) }
      bytes.append(byte)
    }
    if quoted { bytes.append(0x22) }
  }
}
