import Checkpoints
import Models
import NN
import Torch
import Training

/// Greedy answers by whole forward passes, without a cache: for the few short ones of a validation, in the precision and with the
/// kernels that training uses.
enum GreedyAnswers {
  /// - Parameters:
  ///   - prompts: of an encoder-decoder, sources.
  ///   - tokenBudget: tokens of one forward pass.
  /// - Returns: the new ids of each prompt without the one that ended them; nil when `shouldStop` became true before the end.
  static func ids(
    _ model: any TrainableLanguageModel, _ prompts: [[Int32]], limit: Int, tokenBudget: Int, shouldStop: () -> Bool
  ) -> [[Int32]]? {
    switch model {
    case let model as CausalModel:
      let ends = Set(model.config.decoder.endOfSequence.map(Int32.init))
      return extended(prompts, limit: limit, ends: ends, tokenBudget: tokenBudget, shouldStop: shouldStop) { successors(model, $1) }
    case let model as EncoderDecoderModel:
      let ids = model.config.sequenceIDs
      let starts = prompts.map { _ in [Int32(ids.decoderStart)] }
      return extended(
        starts, beside: prompts.map(\.count), limit: limit, ends: Set(ids.endOfSequence.map(Int32.init)), tokenBudget: tokenBudget, shouldStop: shouldStop
      ) { rows, targets in successors(model, rows.map { prompts[$0] }, targets) }
    default: preconditionFailure("\(type(of: model)) gives no answers")
    }
  }

  /// Adds the likeliest token to every row that has not ended, until all have.
  /// - Parameters:
  ///   - lengths: of what is read beside each row, if anything is.
  ///   - successors: of some rows, given their indices and ids.
  private static func extended(
    _ prompts: [[Int32]], beside lengths: [Int]? = nil, limit: Int, ends: Set<Int32>, tokenBudget: Int, shouldStop: () -> Bool, _ successors: ([Int], [[Int32]]) -> [Int32]
  ) -> [[Int32]]? {
    var rows = prompts
    var open = prompts.indices.sorted { (prompts[$0].count, $0) < (prompts[$1].count, $1) }
    for _ in 0..<limit where !open.isEmpty {
      var still: [Int] = []
      var next = open[...]
      while !next.isEmpty {
        if shouldStop() { return nil }
        var tokens = 0
        let part = next.prefix { row in
          tokens += rows[row].count + (lengths?[row] ?? 0)
          return tokens <= tokenBudget || row == next.first
        }
        next = next.dropFirst(part.count)
        for (row, id) in zip(part, successors(Array(part), part.map { rows[$0] })) where !ends.contains(id) {
          rows[row].append(id)
          still.append(row)
        }
      }
      open = still
    }
    return zip(rows, prompts).map { Array($0[$1.count...]) }
  }

  /// The likeliest token after each row.
  private static func successors(_ model: CausalModel, _ rows: [[Int32]]) -> [Int32] {
    withoutGradients {
      let batch = PackedTokens(ids: rows.flatMap { $0 }, lengths: rows.map(\.count), fillsUp: true, device: model.device)
      let last = model.network.model(batch, .evaluation).indexSelect(0, batch.lasts(except: nil))  // (rows, hidden)
      return last.linear([model.network.head.to(last.dtype)], nil).to(.float32).argmax(dim: -1).array(Int32.self)
    }
  }
  /// The likeliest token after each target.
  private static func successors(_ model: EncoderDecoderModel, _ sources: [[Int32]], _ targets: [[Int32]]) -> [Int32] {
    withoutGradients {
      // The decoder reads what its targets say one place later: whatever stands last is not read.
      let pairs = model.pairs(sources, targets.map { Array($0.dropFirst()) + [0] })
      let last = model.network(pairs).indexSelect(0, pairs.inputs.lasts(except: nil))  // (rows, hidden)
      return model.network.logits(last).argmax(dim: -1).array(Int32.self)
    }
  }
}
