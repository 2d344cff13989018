import ArgumentParser
import Configuration
import Files
import Glibc
import Reports

/// How a command ends when it does not end well: one exit code, one line for people, one document for programs.
struct Failure {
  var code: ExitStatus
  /// Without "error:"; empty when everything has been said.
  var message: String
  /// The parts of an `InputError`.
  var input: InputError?
  /// Help that was asked for, which belongs on standard output.
  var help: String?

  init(_ error: any Error, arguments: [String]) {
    (code, message) = (.failed, "\(error)")
    switch error {
    case let error as InputError:
      code = error.path == commandLine ? .usage : .input
      input = error
    case let error as ExitError:
      (code, message) = (error.status, error.message)
    default:
      let status = AttuneCommand.exitCode(for: error)
      if status == .success {
        (code, message, help) = (.done, "", AttuneCommand.fullMessage(for: error))
      } else if status == .validationFailure {
        (code, message) = (.usage, AttuneCommand.message(for: error))
        if let advice = nearestCommand(arguments) { message = advice }
      }
    }
  }

  func report(asJSON: Bool) {
    if let help { return print(help) }
    guard !message.isEmpty else { return }
    if asJSON { print(json.encoded(indent: 2)) }
    let usage = code == .usage && input == nil ? " See `attune --help` or `attune COMMAND --help`." : ""
    let stop = usage.isEmpty || message.last.map { ".?!".contains($0) } == true ? "" : "."
    Terminal.write("attune: error: \(message)\(stop)\(usage)\n")
  }

  /// `{"error": {"kind": "input", "exit": 66, "message": …, "path": …, "location": …, "problem": …, "advice": …}}`
  private var json: JSON {
    let kind = switch code {
    case .usage: "usage"
    case .input: "input"
    default: "failed"
    }
    var error: JSONObject = ["kind": .string(kind), "exit": .integer(Int(code.rawValue)), "message": .string(message)]
    if let input {
      error["path"] = .string(input.path)
      error["location"] = input.location.map(JSON.string)
      error["problem"] = .string(input.problem)
      error["advice"] = input.advice.map(JSON.string)
    }
    return ["error": .object(error)]
  }

  /// ArgumentParser names the nearest option, not the nearest command: `attune trian` is met here.
  private func nearestCommand(_ arguments: [String]) -> String? {
    var command: [String] = []
    for argument in arguments {
      let names = CommandTree.names(below: command)
      guard !argument.hasPrefix("-"), !names.isEmpty, argument != "help" else { return nil }
      guard names.contains(argument) else {
        let nearest = nearestName(to: argument, among: names)
        return "no command '\(argument)'; \(nearest.map { "nearest is '\($0)'" } ?? "there are \(names.joined(separator: ", "))")"
      }
      command.append(argument)
    }
    return nil
  }
}

/// Ends a command with a code of its own. `message` is empty when the command has said what happened.
struct ExitError: Error {
  var status: ExitStatus
  var message = ""
}
