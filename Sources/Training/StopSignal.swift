import Glibc
import Synchronization

/// SIGTERM and SIGINT as a flag: loops poll it, save, and end with exit code 75. A second SIGINT ends the process at once (130).
public enum StopSignal {
  private static let count = Atomic<Int>(0)

  public static var isRaised: Bool { count.load(ordering: .relaxed) > 0 }

  /// Installs the handlers; from then on the signals no longer end the process by themselves.
  public static func install() {
    signal(SIGTERM) { _ in StopSignal.count.add(1, ordering: .relaxed) }
    signal(SIGINT) { _ in
      // A handler may only touch atomics and leave.
      if StopSignal.count.add(1, ordering: .relaxed).oldValue > 0 { _exit(130) }
    }
  }

  /// For tests: as if the signal had not come.
  package static func reset() { count.store(0, ordering: .relaxed) }
  package static func raise() { count.add(1, ordering: .relaxed) }
}
