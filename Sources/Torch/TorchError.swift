internal import CTorch
import Glibc

/// A failure of the environment that libtorch reported: a device, its memory, or the installation. Programming errors trap instead.
public struct TorchError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was attempted, for instance `load the accelerator`.
  public let operation: String
  /// libtorch's message, without its backtrace.
  public let message: String

  public init(_ operation: String, _ message: String) {
    self.operation = operation
    self.message = message
  }

  public var description: String { "\(operation): \(message)" }
}

/// libtorch's message for the last failure on this thread, on one line.
func lastMessage() -> String {
  String(cString: ct_last_error()).split(separator: "\n").joined(separator: " ")
}

/// Throws what an environmental call reported.
func check(_ status: ct_status, attempting operation: String) throws(TorchError) {
  if status != CT_OK { throw TorchError(operation, lastMessage()) }
}

/// The one place where an operation traps: shapes, dtypes and devices that do not fit are bugs of the caller.
/// Running out of memory ends the process too, but in the words of a user who can lower the batch size.
@inline(__always)
func trap(_ status: ct_status, _ operation: StaticString) {
  if status != CT_OK { fail(status, operation) }
}

@inline(never)
private func fail(_ status: ct_status, _ operation: StaticString) -> Never {
  if status == CT_OUT_OF_MEMORY {
    let words = "attune: out of memory in \(operation): \(lastMessage()). Lower training.microBatchSize or model.maxLength, or use another device.\n"
    _ = words.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(1)
  }
  fatalError("Tensor.\(operation): \(lastMessage())")
}
