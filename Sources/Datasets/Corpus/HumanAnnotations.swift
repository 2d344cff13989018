public import Files

/// What people thought of generated explanations: a rating by each annotator for each aspect, as in upstream's `human_evaluation/DR_annotation`.
///
/// A cell is a list, `[3, 2, 3]`, or one number. Texts in the file are not kept.
public struct HumanAnnotations: Sendable, Hashable {
  /// The aspects of IMHI's human evaluation, each rated 0 to 3.
  public static let imhiAspects = ["fluency", "completeness", "reliability", "overall"]

  /// The file's name without extension.
  public let dataset: String
  public let path: String
  public let aspects: [String]
  /// By row, then aspect, then annotator.
  public let ratings: [[[Double]]]

  /// Reads one file.
  /// - Parameter aspects: columns that must be there.
  /// - Throws: `InputError` naming line and column of a cell that is no list of numbers.
  public static func read(_ path: String, aspects: [String] = imhiAspects) throws(InputError) -> HumanAnnotations {
    let table = try CSVReader.read(path)
    var columns: [Int] = []
    for aspect in aspects { columns.append(try table.column(aspect)) }
    var ratings: [[[Double]]] = []
    for (index, fields) in table.rows.enumerated() {
      var row: [[Double]] = []
      for column in columns {
        guard let numbers = numbers(fields[column]) else {
          throw InputError(
            path, at: "\(table.location(index)), column '\(table.header[column])'", "is no number and no list of numbers like [3, 2, 3]",
            advice: "Correct that field")
        }
        row.append(numbers)
      }
      ratings.append(row)
    }
    guard !ratings.isEmpty else { throw InputError(path, "has no rows, expected at least one", advice: "Check how the file was made") }
    return HumanAnnotations(dataset: FileSystem.stem(of: path), path: path, aspects: aspects, ratings: ratings)
  }

  /// Reads every `.csv` of a folder in the order of names.
  public static func readFolder(_ folder: String, aspects: [String] = imhiAspects) throws(InputError) -> [HumanAnnotations] {
    guard FileSystem.isFolder(folder) else { throw InputError(folder, "no such folder", advice: "Name the folder with the annotations, human_evaluation/DR_annotation in a checkout of upstream") }
    let names = FileSystem.entries(folder).filter { $0.hasSuffix(".csv") }
    guard !names.isEmpty else { throw InputError(folder, "holds no .csv file", advice: "Expected files with the columns \(aspects.joined(separator: ", "))") }
    var files: [HumanAnnotations] = []
    for name in names { files.append(try read("\(folder)/\(name)", aspects: aspects)) }
    return files
  }

  /// The mean over the annotators of row `row` (from 0) for aspect `aspect`.
  public func score(row: Int, aspect: Int) -> Double {
    let given = ratings[row][aspect]
    return given.reduce(0, +) / Double(given.count)
  }

  private static func numbers(_ cell: String) -> [Double]? {
    var text = cell[...]
    if text.first == "[", text.last == "]" { text = text.dropFirst().dropLast() }
    let numbers = text.split(separator: ",").map { Double(String($0.filter { $0 != " " })) }
    guard !numbers.isEmpty, numbers.allSatisfy({ $0?.isFinite == true }) else { return nil }
    return numbers.compactMap(\.self)
  }
}
