/// Minimises a logistic objective with Newton's method, each step solved by conjugate gradients only as far as it is worth
/// (Nocedal and Wright, algorithm 7.1): a few passes over the data far from the minimum, more near it, where they pay off
/// quadratically. Scores are linear in the weights and come with each pass, so the line search costs no product with X.
struct NewtonCG {
  /// Passes over the data, one for each product with the Hessian or gradient, after which to give up.
  var maximumPasses = 1000
  /// Stop when the Euclidean norm of the gradient is at most this; also the bound on the error of the weights.
  var tolerance = 1e-5

  /// The weights at the minimum, from a start at 0.
  /// - Throws: `BaselineError.notConverged` after `maximumPasses`.
  func minimize(_ objective: LogisticObjective, _ blas: BLAS) throws(BaselineError) -> (weights: [Double], passes: Int) {
    var weights = [Double](repeating: 0, count: objective.parameterCount)
    var scores = [Double](repeating: 0, count: objective.labels.count * objective.width)
    var probabilities = scores
    _ = objective.loss(scores, &probabilities)
    var gradient = objective.gradient(weights, probabilities)
    var norm = blas.norm(gradient)
    let firstNorm = norm
    var passes = 1
    while norm > tolerance {
      // The forcing term √(‖g‖/‖g₀‖) makes the convergence superlinear; half the tolerance is always far enough.
      let accuracy = max(min(0.25, (norm / firstNorm).squareRoot()) * norm, tolerance / 2)
      let step = newtonStep(objective, gradient, probabilities, accuracy, &passes, blas)
      let length = lineSearch(objective, blas.dot(gradient, step.direction), weights, step, &scores, &probabilities)
      blas.add(length, step.direction, to: &weights)
      gradient = objective.gradient(weights, probabilities)
      norm = blas.norm(gradient)
      passes += 1
      if passes >= maximumPasses && norm > tolerance { throw .notConverged(iterations: passes, gradientNorm: norm) }
    }
    return (weights, passes)
  }

  /// A direction in the space of the weights, and the scores it gives the items.
  private struct Step {
    var direction: [Double]
    var scores: [Double]
  }

  /// Solves H d = −g by conjugate gradients until the residual's norm is at most `accuracy` or the passes are used up.
  ///
  /// There is no preconditioner: rows have length 1, the penalty is the identity, and the few large eigenvalues (the intercept's,
  /// the common words') cost one pass each. The Hessian's diagonal, tried in its place, needs half as many passes again.
  private func newtonStep(
    _ objective: LogisticObjective, _ gradient: [Double], _ probabilities: [Double], _ accuracy: Double, _ passes: inout Int, _ blas: BLAS
  ) -> Step {
    var step = Step(
      direction: [Double](repeating: 0, count: gradient.count), scores: [Double](repeating: 0, count: probabilities.count))
    var residual = gradient
    blas.scale(-1, &residual)
    var search = residual
    var product = gradient  // H · search
    var searchScores = step.scores
    var square = blas.dot(residual, residual)
    repeat {
      objective.multiplyHessian(search, probabilities, into: &product, scores: &searchScores)
      passes += 1
      let curvature = blas.dot(search, product)
      guard curvature > 0 else { break }  // rounding only: H is positive definite where a gradient can be
      let length = square / curvature
      blas.add(length, search, to: &step.direction)
      blas.add(length, searchScores, to: &step.scores)
      blas.add(-length, product, to: &residual)
      let next = blas.dot(residual, residual)
      blas.scale(next / square, &search)
      blas.add(1, residual, to: &search)
      square = next
    } while square.squareRoot() > accuracy && passes < maximumPasses
    return step
  }

  /// Finds t with |φ'(t)| ≤ 0.1 |φ'(0)| for φ(t) = F(w + t·d) by Newton's method inside a bracket; φ is convex, so φ' rises.
  /// Leaves `scores` and `probabilities` as they are at the new point.
  private func lineSearch(
    _ objective: LogisticObjective, _ start: Double, _ weights: [Double], _ step: Step, _ scores: inout [Double],
    _ probabilities: inout [Double]
  ) -> Double {
    let alongWeights = objective.penalisedDot(weights, step.direction)
    let squared = objective.penalisedDot(step.direction, step.direction)
    var (low, high) = (0.0, Double.infinity)
    var t = 1.0
    var trial = scores
    for _ in 0..<30 {
      for i in trial.indices { trial[i] = scores[i] + t * step.scores[i] }
      let along = objective.loss(trial, &probabilities, along: step.scores)
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
