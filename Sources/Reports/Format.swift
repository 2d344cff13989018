import Glibc

/// Numbers as people read them, without a locale: a report says the same on every machine.
public enum Format {
  /// `value` with exactly `digits` decimals; `–` when it is not finite.
  public static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return "–" }
    let text = withVaList([Int32(digits), value]) { arguments in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
        vsnprintf(buffer.baseAddress!, buffer.count, "%.*f", arguments)
        return String(cString: buffer.baseAddress!)
      }
    }
    // "-0.00" says no more than "0.00".
    return text.hasPrefix("-") && text.allSatisfy({ "-0.".contains($0) }) ? String(text.dropFirst()) : text
  }

  /// A p value with four decimals, `<0.0001` below them.
  public static func chance(_ p: Double) -> String { p < 0.0001 ? "<0.0001" : fixed(p, 4) }

  /// A share as a percentage with one decimal: 0.9531 is `95.3`.
  public static func percent(_ share: Double, _ digits: Int = 1) -> String { fixed(100 * share, digits) }

  /// At most `digits` significant digits, with an exponent outside 0.001 ..< 100,000: `5e-05`, `0.693`, `1200`.
  public static func short(_ value: Double, _ digits: Int = 3) -> String {
    guard value.isFinite else { return "–" }
    return withVaList([Int32(digits), value]) { arguments in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
        vsnprintf(buffer.baseAddress!, buffer.count, "%.*g", arguments)
        return String(cString: buffer.baseAddress!)
      }
    }
  }

  /// Thousands set apart by a thin space: 16,653 rows is `16 653`.
  public static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { text += "\u{202F}" }
      text.append(digit)
    }
    return text
  }

  /// `45 s`, `3 min 20 s`, `2 h 05 min`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
    if seconds < 10 { return "\(fixed(seconds, 1)) s" }
    let total = Int(seconds.rounded())
    if total < 60 { return "\(total) s" }
    if total < 3600 { return "\(total / 60) min \(twoDigits(total % 60)) s" }
    return "\(total / 3600) h \(twoDigits(total / 60 % 60)) min"
  }

  /// `412 MB`, `2.31 GB`: powers of ten, as disks and PyTorch's figures are read.
  public static func bytes(_ count: Int) -> String {
    let value = Double(count)
    switch value.magnitude {
    case ..<1e3: return "\(count) B"
    case ..<1e6: return "\(fixed(value / 1e3, 0)) kB"
    case ..<1e9: return "\(fixed(value / 1e6, 0)) MB"
    default: return "\(fixed(value / 1e9, 2)) GB"
    }
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
