import Models
import NN
import Torch

/// Greedy continuations by whole forward passes, without a cache: for the few short answers of a validation, in the precision and with
/// the kernels that training uses.
enum GreedyAnswers {
  /// - Parameters:
  ///   - ends: ids that end an answer.
  ///   - tokenBudget: tokens of one forward pass.
  /// - Returns: the new ids of each prompt without the one that ended them; nil when `shouldStop` became true before the end.
  static func ids(
    _ model: CausalModel, _ prompts: [[Int32]], limit: Int, ends: Set<Int32>, tokenBudget: Int, shouldStop: () -> Bool
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
          tokens += rows[row].count
          return tokens <= tokenBudget || row == next.first
        }
        next = next.dropFirst(part.count)
        for (row, id) in zip(part, successors(model, part.map { rows[$0] })) where !ends.contains(id) {
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
}
