import Glibc
import Torch

/// What one element-wise operation costs beyond its arithmetic: allocation, dispatch, the shim, and Swift's reference.
///
/// `operation [rounds] [count]` prints one line a round, `add1 N`: nanoseconds of CPU time to add two one-element tensors.
/// `scripts/bench/operation` runs it against the same loop in C++ and in Python.
struct OperationBenchmark {
  static func run(_ arguments: [String]) throws {
    let rounds = arguments.first.flatMap(Int.init) ?? 5
    let count = arguments.dropFirst().first.flatMap(Int.init) ?? 200_000
    Runtime.threads = 1
    let (a, b) = (Tensor.ones([1]), Tensor.ones([1]))
    withoutGradients {
      for _ in 0..<count / 10 { _ = a + b }
      for _ in 0..<rounds {
        let start = cpuNanoseconds()
        for _ in 0..<count { _ = a + b }
        print("add1 \((cpuNanoseconds() - start) / Double(count))")
      }
    }
  }

  private static func cpuNanoseconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
    return Double(now.tv_sec) * 1e9 + Double(now.tv_nsec)
  }
}
