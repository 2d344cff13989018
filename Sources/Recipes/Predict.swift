import Configuration
import Files
import Glibc
import Models
import Torch

/// `attune predict`: labels of single texts, in the order of the input, a chunk at a time so that any length streams.
struct Predict {
  let job: PredictJob
  private static let chunk = 512

  func run(_ each: (Prediction) throws -> Void) throws -> JobResult {
    let compute = try ComputeChoice(job.runtime)
    let trained = try TrainedClassifier.load(job.model, device: compute.device)
    let lines = try TextLines(job.source)
    var count = 0
    while let texts = try lines.next(job.batchSize ?? Self.chunk) {
      for logits in try trained.logits(texts, compute: compute) {
        let probabilities = softmax(logits, temperature: trained.metadata.temperature)
        try each(Prediction(index: count, label: trained.model.labels[argmax(logits)], probabilities: Array(zip(trained.model.labels, probabilities))))
        count += 1
      }
    }
    return JobResult(text: "", json: .object(["status": "done", "model": .string(job.model), "texts": .integer(count)]))
  }
}

/// Texts from a file or standard input: one a line, or the `text` of JSON Lines where the name ends in `.jsonl`.
private final class TextLines {
  private let path: String
  private let file: UnsafeMutablePointer<FILE>?
  private let isJSON: Bool
  private var line = 0

  init(_ source: PredictJob.Source) throws(InputError) {
    switch source {
    case .standardInput: (path, file, isJSON) = ("standard input", fdopen(dup(0), "r"), false)
    case .file(let name):
      guard let opened = fopen(name, "r") else { throw InputError(name, systemMessage(errno), advice: "Check the path and its permissions") }
      (path, file, isJSON) = (name, opened, name.hasSuffix(".jsonl"))
    }
  }

  deinit { if let file { fclose(file) } }

  /// Up to `count` texts; nil at the end.
  func next(_ count: Int) throws(InputError) -> [String]? {
    var texts: [String] = []
    while texts.count < count, let text = try read() { texts.append(text) }
    return texts.isEmpty ? nil : texts
  }

  private func read() throws(InputError) -> String? {
    guard let file else { return nil }
    var buffer: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(buffer) }
    let length = getline(&buffer, &capacity, file)
    guard length >= 0, let buffer else { return nil }
    line += 1
    var bytes = UnsafeRawBufferPointer(start: buffer, count: length)[...]
    while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw InputError(path, at: "line \(line)", "found bytes that are not UTF-8", advice: "Convert the file to UTF-8")
    }
    guard isJSON else { return text }
    let json = try JSON.parse(text, source: "\(path): line \(line)")
    guard let value = json["text"]?.string else { throw InputError(path, at: "line \(line)", "expected an object with a string \"text\"") }
    return value
  }
}
