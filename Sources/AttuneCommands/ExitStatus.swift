/// What a process's exit code means. Scripts and nightly jobs depend on these numbers.
enum ExitStatus: Int32 {
  case done = 0
  case failed = 1
  /// A comparison with an earlier run found it better.
  case regression = 3
  /// `EX_USAGE` of sysexits.h.
  case usage = 64
  /// `EX_NOINPUT`: a file is missing or unreadable, or says what it must not.
  case input = 66
  /// `EX_TEMPFAIL`: stopped by a signal after saving; the same command continues.
  case stopped = 75
  /// Stopped by a second Ctrl-C, without saving.
  case interrupted = 130
}
