import ArgumentParser
import Configuration
import Files
import Reports

/// `attune doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Show libtorch, devices, threads, memory, data and checkpoints, and what to fix.",
    discussion: "Looks for train_data/, test_data/ and checkpoints/ in the current folder. Exits with 1 where something must be fixed.")

  @OptionGroup(title: "Output") var console: ConsoleArguments

  func run() throws {
    let findings = try Engines.current.map { Surroundings.findings() + (try $0.diagnose()) } ?? Diagnosis.throughEngine()
    if console.json {
      print(JSON.object(["findings": .array(findings.map(\.json))]).encoded(indent: 2))
    } else {
      for finding in findings { print(finding.line) }
    }
    if findings.contains(where: { $0.severity == .problem }) { throw ExitError(status: .failed) }
  }
}

/// The engine's findings, from the process that cannot have any itself.
private enum Diagnosis {
  /// Asks a child process, because an engine whose libtorch is missing cannot start and must not take this command along.
  static func throughEngine() -> [DoctorFinding] {
    do {
      let path = try Engines.executablePath()
      Engines.prepareEnvironment()
      let outcome = try ChildProcess.run(path, ["doctor", "--json"])
      if let findings = findings(in: outcome.output) { return findings }
      let reason = outcome.errors.split(separator: "\n").first.map(String.init) ?? "ended with code \(outcome.code)"
      return Surroundings.findings() + [DoctorFinding("engine", .problem, reason, advice: "Run scripts/setup, then swift build -c release")]
    } catch {
      return Surroundings.findings() + [DoctorFinding("engine", .problem, "\(error)")]
    }
  }

  private static func findings(in text: String) -> [DoctorFinding]? {
    guard let list = try? JSON.parse(text, source: "attune-engine doctor")["findings"]?.array else { return nil }
    let findings = list.compactMap(DoctorFinding.init(json:))
    return findings.count == list.count ? findings : nil
  }
}
