import Configuration
import Files

extension DoctorFinding {
  /// `  ok       devices      cpu`, with the advice on a line of its own.
  var line: String {
    let mark = switch severity {
    case .fine: "ok"
    case .warning: "warning"
    case .problem: "PROBLEM"
    }
    let text = "\(padded(mark, 8)) \(padded(subject, 12)) \(detail)"
    return advice.map { "\(text)\n\(padded("", 22))-> \($0)" } ?? text
  }

  var json: JSON {
    ["subject": .string(subject), "severity": .string(severity.rawValue), "detail": .string(detail), "advice": advice.map(JSON.string) ?? .null]
  }

  init?(json: JSON) {
    guard let subject = json["subject"]?.string, let severity = json["severity"]?.string.flatMap(Severity.init), let detail = json["detail"]?.string
    else { return nil }
    self.init(subject, severity, detail, advice: json["advice"]?.string)
  }
}

private func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
