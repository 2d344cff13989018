import Logging
import Reports

/// Log lines as `warning: text (key value)` on standard error, the level left out where it is `info`.
struct StandardErrorLog: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    let details = all.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    Terminal.write("\(event.level == .info ? "" : "\(event.level): ")\(event.message)\(details.isEmpty ? "" : " (\(details))")\n")
  }
}
