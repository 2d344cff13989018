import ArgumentParser
import Datasets
import Files
import Reports

/// `attune data import`.
struct DataImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Copy the data of an upstream repository to train_data/ and test_data/.",
    discussion: """
      Every file is read and every label checked before anything is written. Importing again changes nothing.

      Example:
        git clone https://github.com/SteveKGYang/MentalLLaMA
        attune data import imhi --from MentalLLaMA
      """)

  enum Corpus: String, CaseIterable, ExpressibleByArgument { case imhi }

  @Argument(help: "imhi: the instruction data of MentalLLaMA.") var corpus: Corpus
  @Option(help: ArgumentHelp("Checkout of the upstream repository.", valueName: "dir")) var from: String
  @Option(help: ArgumentHelp("Folder that holds, or will hold, train_data/ and test_data/.", valueName: "dir")) var to = "."
  @OptionGroup(title: "Output") var console: ConsoleArguments

  func run() throws {
    console.startLog()
    let report = try IMHIImporter(from: from, to: to).run()
    if console.json { return print(report.json.encoded(indent: 2)) }
    let rows = report.entries.reduce(0) { $0 + $1.rows }
    if report.isUnchanged {
      print("\(to): \(report.entries.count) files are there already, byte for byte; nothing was written")
    } else {
      print("\(to): imported \(report.entries.count) files, \(Format.count(rows)) rows")
    }
    if console.verbose { for entry in report.entries { print("  \(entry.destination): \(Format.count(entry.rows)) rows") } }
    guard !console.quiet else { return }
    for absence in report.absent { Terminal.write("note: no \(absence.what): \(absence.consequence)\n") }
  }
}
