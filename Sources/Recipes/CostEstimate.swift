import Configuration
import Datasets
import Glibc
import Models
import NN
import Torch
import Training

/// What a run will take, from its sizes and a few measured steps, so that a dry run tells before and the end compares.
struct CostEstimate {
  /// Bytes of physical memory at the peak.
  let peakMemory: Int
  /// Of training and validation.
  let seconds: Double

  /// Times forward and backward on batches of this run (its parameters are not changed, its random numbers not used).
  ///
  /// Memory: what the process holds after a step on the largest batch, whose activations and gradients it keeps pages for, both
  /// moments, and the saved model that is read back to be checked: three float32 copies of the parameters.
  static func measure(_ run: ClassifierRun, _ task: ClassificationTask) throws -> CostEstimate {
    let sampler = BatchSampler(lengths: run.data.train.map { $0.ids.count }, batchSize: run.settings.training.batchSize, seed: run.seed)
    let batches = sampler.batches(ofEpoch: 0)
    let tokens = batches.map { $0.reduce(0) { $0 + run.data.train[$1].ids.count } }
    let byTokens = batches.indices.sorted { (tokens[$0], $0) < (tokens[$1], $1) }
    let (median, largest) = (byTokens[byTokens.count / 2], byTokens[byTokens.count - 1])  // a sampler has at least one row

    let generator = Generator(seed: 0)
    let parameters = run.parametersToProbe(task)
    for tensor in parameters { tensor.requiresGradient = true }
    defer {
      for tensor in parameters { tensor.gradient = nil }
    }
    func step(_ batch: Int) -> Double {
      let start = monotonicSeconds()
      for part in Batch(batches[batch], of: run.data.train).split(run.settings.training.microBatchSize, of: run.data.train) {
        let loss = run.computing { task.summedLoss(part, .training(generator)) }
        loss.backward()
      }
      for tensor in parameters { tensor.gradient = nil }
      return monotonicSeconds() - start
    }
    _ = step(largest)  // its code and caches are those that every step needs
    let measured = min(step(median), step(median))
    let held = Runtime.residentMemory

    let perToken = measured / Double(max(1, tokens[median]))
    let epochTokens = tokens.reduce(0, +)
    let steps = run.steps + (run.refits ? run.whole.steps : 0)  // at most: the second training ends where the first was best
    let trainedTokens = Double(epochTokens) * Double(steps) / Double(batches.count)
    let validations = Double(run.steps) / Double(max(1, run.plan.validateEvery))
    let validationTokens = Double(run.data.validation.reduce(0) { $0 + $1.ids.count })
    let weights = parameters.reduce(0) { $0 + $1.count * 4 }
    let stepOverhead = Double(weights) * 7 / 20e9  // reading and writing weights, gradients and moments at memory speed
    return CostEstimate(
      peakMemory: held + weights * 3,
      seconds: perToken * trainedTokens + stepOverhead * Double(steps) + perToken / 3 * validationTokens * (validations + 1))
  }
}

extension ClassifierRun {
  func computing<R>(_ body: () throws -> R) rethrows -> R {
    compute.dtype == .float32 ? try body() : try autocast(compute.dtype, on: compute.device, body)
  }
  fileprivate func parametersToProbe(_ task: ClassificationTask) -> [Tensor] { task.model.parameters.trainable.map(\.tensor) }
}
