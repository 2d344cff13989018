/// Minimises a logistic objective with limited-memory BFGS (Nocedal and Wright, algorithm 7.4), preconditioned with the
/// diagonal of the Hessian. Scores are linear in the weights, so X·direction is computed once and the line search costs no product with X.
struct LBFGS {
  /// Pairs of steps and gradient changes that are kept.
  var memory = 8
  var maximumIterations = 1000
  /// Iterations between two computations of the Hessian's diagonal; it shrinks as the model becomes sure of its answers, and
  /// a current one halves the number of iterations.
  var refresh = 5
  /// Stop when the Euclidean norm of the gradient is at most this; also the bound on the error of the weights.
  var tolerance = 1e-5

  /// The weights at the minimum, from a start at 0.
  /// - Throws: `BaselineError.notConverged` after `maximumIterations`.
  func minimize(_ objective: LogisticObjective, _ blas: BLAS) throws(BaselineError) -> (weights: [Double], iterations: Int) {
    let squares = objective.rows.squared
    var preconditioner: [Double] = []
    var history = History(capacity: memory)
    var weights = [Double](repeating: 0, count: objective.parameterCount)
    var scores = [Double](repeating: 0, count: objective.labels.count * objective.width)
    var residuals = scores
    _ = objective.loss(scores, residuals: &residuals)
    var gradient = objective.gradient(weights, residuals)
    var norm = blas.norm(gradient)
    for iteration in 0..<maximumIterations {
      if norm <= tolerance { return (weights, iteration) }
      if iteration % refresh == 0 { preconditioner = objective.diagonalHessian(residuals, squares) }
      let direction = history.direction(gradient, preconditioner, blas)
      let scoreStep = objective.scores(direction)
      let step = lineSearch(objective, weights, direction, &scores, scoreStep, &residuals)
      blas.add(step, direction, to: &weights)
      let next = objective.gradient(weights, residuals)
      history.append(step: step, direction, next, gradient, preconditioner, blas)
      gradient = next
      norm = blas.norm(gradient)
    }
    throw .notConverged(iterations: maximumIterations, gradientNorm: norm)
  }

  /// Finds t with |φ'(t)| ≤ 0.1 |φ'(0)| for φ(t) = F(w + t·d) by Newton's method inside a bracket; φ is convex, so φ' rises.
  /// Leaves `scores` and `residuals` as they are at the new point.
  private func lineSearch(
    _ objective: LogisticObjective, _ weights: [Double], _ direction: [Double], _ scores: inout [Double],
    _ scoreStep: [Double], _ residuals: inout [Double]
  ) -> Double {
    let alongWeights = objective.penalisedDot(weights, direction)
    let squared = objective.penalisedDot(direction, direction)
    let start = objective.C * zip(residuals, scoreStep).reduce(0) { $0 + $1.0 * $1.1 } + alongWeights
    var (low, high) = (0.0, Double.infinity)
    var t = 1.0
    var trial = scores
    for _ in 0..<30 {
      for i in trial.indices { trial[i] = scores[i] + t * scoreStep[i] }
      let along = objective.loss(trial, residuals: &residuals, along: scoreStep)
      let slope = objective.C * along.slope + alongWeights + t * squared
      if abs(slope) <= 0.1 * abs(start) { break }
      if slope < 0 { low = t } else { high = t }
      let newton = t - slope / (objective.C * along.curvature + squared)
      t = newton > low && newton < high ? newton : high.isFinite ? (low + high) / 2 : 2 * t
    }
    scores = trial
    return t
  }
}

/// The last few steps s and gradient changes y, with the two-loop recursion that multiplies by the inverse Hessian they imply.
private struct History {
  let capacity: Int
  private var pairs: [(s: [Double], y: [Double], rho: Double)] = []
  private var scale = 1.0

  init(capacity: Int) { self.capacity = capacity }

  /// −H · gradient
  func direction(_ gradient: [Double], _ preconditioner: [Double], _ blas: BLAS) -> [Double] {
    var q = gradient
    var alphas: [Double] = []
    for pair in pairs.reversed() {
      let alpha = pair.rho * blas.dot(pair.s, q)
      blas.add(-alpha, pair.y, to: &q)
      alphas.append(alpha)
    }
    for j in q.indices { q[j] *= -scale / preconditioner[j] }
    for (pair, alpha) in zip(pairs, alphas.reversed()) {
      blas.add(-alpha - pair.rho * blas.dot(pair.y, q), pair.s, to: &q)
    }
    return q
  }

  mutating func append(
    step: Double, _ direction: [Double], _ gradient: [Double], _ previous: [Double], _ preconditioner: [Double], _ blas: BLAS
  ) {
    // The oldest pair's storage serves the new one.
    var (s, y) = pairs.count == capacity ? (pairs[0].s, pairs[0].y) : (direction, gradient)
    if pairs.count == capacity { pairs.removeFirst() }
    var (sy, yHy) = (0.0, 0.0)
    for j in s.indices {
      s[j] = step * direction[j]
      y[j] = gradient[j] - previous[j]
      sy += s[j] * y[j]
      yHy += y[j] * y[j] / preconditioner[j]
    }
    guard sy > 0, yHy > 0 else { return }  // rounding at the very end; convexity promises sy > 0
    scale = sy / yHy
    pairs.append((s, y, 1 / sy))
  }
}
