import Configuration
import Datasets
import Files

/// Where the answers of an evaluation come from: the generate stage. Another kind of model joins the pipeline by another one of these.
protocol AnswerSource {
  /// The files whose content the results depend on.
  var files: [String] { get }

  /// The answered sets; what an earlier start of the same run has answered is not asked again.
  /// - Returns: nil after a signal.
  func answers() throws -> Answers?
}

/// The answers of a run, set by set.
struct Answers {
  struct Set {
    let rows: GenerationRows
    /// The file whose place says which labels the set has.
    let labelPath: String
    var notes: [String] = []
  }
  var sets: [Set] = []
  /// Files that cannot be used.
  var problems: [InputError] = []
}

/// Answers of a model in this process, kept in a folder of their own as `attune generate` keeps them.
struct LocalModelAnswers: AnswerSource {
  private let job: GenerateJob
  private let data: GenerateData

  /// - Parameter folder: of the answers, below the run's.
  init(_ settings: GenerateSettings, configuration: ResolvedConfiguration, folder: String, console: ConsoleOptions) throws {
    var settings = settings
    settings.compute.output = folder
    let own = configuration.shared(with: try GenerateSettings.read(recipe: nil).configuration)
    job = GenerateJob(settings: settings, configuration: own, console: console)
    data = try GenerateData(settings.data)
  }

  var files: [String] { data.sets.map(\.path) }

  func answers() throws -> Answers? {
    if try Generate(job: job).run().status == .stopped { return nil }
    let folder = job.settings.compute.output
    return Answers(sets: try data.sets.map { set in
      Answers.Set(rows: try GenerationRows.read("\(folder)/\(set.name).csv"), labelPath: set.path)
    })
  }
}

/// Answers in files, one a set.
struct StoredAnswers: AnswerSource {
  let files: [String]
  /// The experts' golds, where they are to be compared with.
  private let experts: ExpertGolds?

  /// - Throws: `InputError` when the folder holds no file of answers.
  init(_ folder: String, experts: ExpertGolds?) throws(InputError) {
    guard FileSystem.isFolder(folder) else { throw InputError(folder, "no such folder", advice: "Name the folder that holds DATASET.csv files") }
    (files, self.experts) = (try GenerationRows.files(folder), experts)
  }

  func answers() throws -> Answers? {
    var result = Answers()
    for file in files {
      do throws(InputError) {
        let rows = try GenerationRows.read(file)
        guard let experts else {
          result.sets.append(.init(rows: rows, labelPath: file))
          continue
        }
        if let (annotated, note) = try experts.applied(to: rows) { result.sets.append(.init(rows: annotated, labelPath: file, notes: [note])) }
      } catch {
        result.problems.append(error)
      }
    }
    return result
  }
}
