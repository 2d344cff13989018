import Configuration
import Datasets
import Dispatch
import Files
import Glibc
import TestSupport
import Testing

@testable import Recipes
@testable import Training

/// Holds every suite here: one after the other, since a stop signal reaches all runs of a process.
@Suite(.serialized) enum RecipesTests {}

/// Jobs on the shipped samples with a random BERT of two layers: what they score is chance, what they write is checked.
enum Job {
  static let base = Fixtures.path("a_models/bert_seqcls")

  /// Fourteen short steps with dropout, a validation every five, and the settings given.
  static func training(
    _ output: String, dataset: String = "sample-stress", method: ClassifierMethod = .full, _ settings: String...
  ) throws -> ClassifierJob {
    try training(output, dataset: dataset, method: method, settings: settings)
  }

  static func training(_ output: String, dataset: String, method: ClassifierMethod, settings: [String]) throws -> ClassifierJob {
    let all = [
      "data.folder=\(Fixtures.repository)", "data.dataset=\(dataset)", "model.base=\(base)", "model.method=\(method.rawValue)", "model.max_length=48", "training.batch_size=8",
      "training.max_steps=14", "training.eval_every=5", "training.save_every=3", "training.precision=fp32", "training.device=cpu", "training.threads=1",
      "training.output=\(output)",
    ]
    let (values, configuration) = try ClassifierSettings.read(recipe: nil, overrides: (all + settings).map { Override($0) })
    return ClassifierJob(settings: values, configuration: configuration, console: quiet)
  }

  /// Puts the rows of sample-stress below `folder`, as the repository has them.
  static func copySamples(to folder: String, withValidation: Bool = true) throws {
    let rows = "train_data/samples/sample-stress"
    for file in ["\(rows)/labels.json", "\(rows)/train.csv", "test_data/samples/sample-stress.csv"] + (withValidation ? ["\(rows)/val.csv"] : []) {
      try AtomicWrite.createFolder(String("\(folder)/\(file)"[..<"\(folder)/\(file)".lastIndex(of: "/")!]))
      try copy("\(Fixtures.repository)/\(file)", to: "\(folder)/\(file)")
    }
  }

  static func train(_ job: ClassifierJob) throws -> JobResult { try TorchEngine().train(job) }

  static var quiet: ConsoleOptions {
    var console = ConsoleOptions()
    console.detail = .quiet
    return console
  }

  static var runtime: RuntimeOptions {
    var options = RuntimeOptions()
    (options.device, options.precision, options.threads) = (.cpu, .fp32, 1)
    return options
  }
}

func text(_ path: String) throws -> String { try MappedFile.withBytes(of: path) { String(decoding: $0, as: UTF8.self) } }

func copy(_ source: String, to target: String) throws {
  try AtomicWrite.file(target, MappedFile.withBytes(of: source) { Array($0) })
}

/// Every file below `folder`, as paths relative to it.
func files(below folder: String) -> [String] {
  FileSystem.entries(folder).flatMap { name in
    FileSystem.isFolder("\(folder)/\(name)") ? files(below: "\(folder)/\(name)").map { "\(name)/\($0)" } : [name]
  }
}

/// The lines of a JSONL file.
func lines(_ path: String) throws -> [JSON] {
  try text(path).split(separator: "\n").map { try JSON.parse(String($0), source: path) }
}

/// Whether `needle` occurs in `bytes`.
func holds(_ bytes: UnsafeRawBufferPointer, _ needle: [UInt8]) -> Bool {
  guard var start = bytes.baseAddress else { return false }
  let end = start + bytes.count
  while end - start >= needle.count, let hit = memchr(start, Int32(needle[0]), end - start - needle.count + 1) {
    if memcmp(hit, needle, needle.count) == 0 { return true }
    start = UnsafeRawPointer(hit) + 1
  }
  return false
}

/// A line without what a clock gave.
func timeless(_ line: JSON) -> JSON {
  .object(JSONObject((line.object ?? [:]).filter { !["seconds", "tokens_per_second", "eval_runtime"].contains($0.key) }.map { ($0.key, $0.value) }))
}

/// Runs `body` and raises the signal when `path` has `count` lines.
func stopping<R>(after count: Int, in path: String, _ body: () throws -> R) throws -> R {
  DispatchQueue.global().async {
    for _ in 0..<60_000 {
      if let text = try? FileSystem.text(path), text.count(where: { $0 == "\n" }) >= count { return StopSignal.raise() }
      usleep(200)
    }
  }
  defer { StopSignal.reset() }
  return try body()
}
