/// Columns in step, for terminals: a head, a rule, rows.
public struct TextTable: Sendable {
  private var rows: [[String]]
  private let leading: Int

  /// - Parameter leading: columns of words, set flush left; the others are numbers.
  public init(_ head: [String], leading: Int = 1) {
    rows = [head]
    self.leading = leading
  }

  /// - Parameter cells: as many as the head has.
  public mutating func add(_ cells: [String]) {
    precondition(cells.count == rows[0].count, "TextTable: \(cells.count) cells, expected \(rows[0].count)")
    rows.append(cells)
  }

  /// Lines, the last with its end.
  public var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column < leading ? cell + space : space + cell
      }.joined(separator: "  ")
    }
    lines.insert(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "), at: 1)
    return lines.joined(separator: "\n") + "\n"
  }
}
