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

      Examples:
        git clone https://github.com/SteveKGYang/MentalLLaMA
        attune data import imhi --from MentalLLaMA
        git clone https://github.com/qiuhuachuan/DialogueSafety
        attune data import dialogue-safety --from DialogueSafety
        git clone https://github.com/jlcmoore/llms-as-therapists
        attune data import therapists --from llms-as-therapists
      """)

  enum Corpus: String, CaseIterable, ExpressibleByArgument {
    case imhi
    case dialogueSafety = "dialogue-safety"
    case therapists
  }

  @Argument(help: "imhi: the instruction data of MentalLLaMA. dialogue-safety: rows, released predictions and answers. therapists: the stigma survey, interjections, and the transcripts that are there.") var corpus: Corpus
  @Option(help: ArgumentHelp("Checkout of the upstream repository.", valueName: "dir")) var from: String
  @Option(help: ArgumentHelp("Folder that holds, or will hold, train_data/ and test_data/.", valueName: "dir")) var to = "."
  @OptionGroup(title: "Output") var console: ConsoleArguments

  func run() throws {
    console.startLog()
    switch corpus {
    case .imhi:
      let report = try IMHIImporter(from: from, to: to).run()
      show(
        report.json, files: report.entries.map { ($0.destination, $0.rows) }, rows: report.entries.reduce(0) { $0 + $1.rows },
        isUnchanged: report.isUnchanged, absent: report.absent)
    case .dialogueSafety:
      let report = try DialogueSafetyImporter(from: from, to: to).run()
      let files = report.rows.map { ($0.destination, $0.rows) }
        + report.systems.map { ("test_data/dialogue-safety/predictions/\($0.name).jsonl", $0.runs.reduce(0) { $0 + $1.golds.count }) }
      show(report.json, files: files, rows: report.rows.reduce(0) { $0 + $1.rows }, isUnchanged: report.isUnchanged, absent: report.absent)
    case .therapists:
      let report = try TherapistImporter(from: from, to: to).run()
      show(
        report.json, files: report.files.map { ($0.destination, $0.rows) }, rows: report.files.reduce(0) { $0 + $1.rows }, isUnchanged: report.isUnchanged,
        absent: report.absent + report.transcripts.unusable.map { ImportAbsence("use of \($0.file)", $0.reason) })
    }
  }

  private func show(_ json: JSON, files: [(name: String, rows: Int)], rows: Int, isUnchanged: Bool, absent: [ImportAbsence]) {
    if console.json { return print(json.encoded(indent: 2)) }
    if isUnchanged {
      print("\(to): \(files.count) files are there already, byte for byte; nothing was written")
    } else {
      print("\(to): imported \(files.count) files, \(Format.count(rows)) rows")
    }
    if console.verbose { for file in files { print("  \(file.name): \(Format.count(file.rows)) rows") } }
    guard !console.quiet else { return }
    for absence in absent { Terminal.write("note: no \(absence.what): \(absence.consequence)\n") }
  }
}
