import Configuration
import Files
import Glibc

/// `attune predict`: labels of single texts in the order of the input. What has arrived is answered before more is read, so input of
/// any length streams, and a pipe gets its answers as it asks.
struct Predict {
  let job: PredictJob

  func run(_ each: (Prediction) throws -> Void) throws -> JobResult {
    let compute = try ComputeChoice(job.runtime)
    let trained = try TrainedClassifier.load(job.model, compute: compute, batchSize: job.batchSize)
    let (names, table) = (trained.classifier.labels, try trained.table(for: trained.metadata.dataset))
    let lines = try TextLines(job.source)
    var count = 0
    while let texts = try lines.next() {
      for logits in try trained.classifier.logits(texts.map { trained.segments(of: $0, table) }) {
        let probabilities = softmax(logits, temperature: trained.metadata.temperature)
        try each(Prediction(index: count, label: names[argmax(logits)], probabilities: Array(zip(names, probabilities))))
        count += 1
      }
      fflush(nil)
    }
    return JobResult(text: "", json: ["status": "done", "model": .string(job.model), "texts": .integer(count)])
  }
}
