import Glibc

/// Where tests find golden files.
///
/// The small ones are in `Tests/Fixtures`; the whole set is wherever `ATTUNE_FIXTURES` says. Tests that need the whole
/// set or the public data carry `.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES")`, so a run without says what it skipped.
public enum Fixtures {
  /// The repository's root.
  public static let repository: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/")
  }()

  public static let embedded = repository + "/Tests/Fixtures"
  public static let all: String? = environment("ATTUNE_FIXTURES")
  public static let data: String? = environment("ATTUNE_DATA")
  public static var hasAll: Bool { all != nil }
  public static var hasData: Bool { data != nil }

  /// The embedded copy of `relative` if there is one, else the one in `ATTUNE_FIXTURES`.
  public static func path(_ relative: String) -> String {
    let local = "\(embedded)/\(relative)"
    if access(local, R_OK) == 0 { return local }
    return all.map { "\($0)/\(relative)" } ?? local
  }

  /// True when `path(relative)` exists.
  public static func has(_ relative: String) -> Bool { access(path(relative), R_OK) == 0 }

  static func environment(_ name: String) -> String? {
    guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty, access(value, R_OK) == 0 else { return nil }
    return value
  }
}
