internal import Synchronization

/// The memory that one encoding at a time works in.
final class Workspace {
  let buffer = TextBuffer()
  let cache = WordCache()
  let merging = MergeSpace()
  let path = UnigramPath()
}

/// Lends each caller a workspace of its own, so that threads share caches over time but never at once.
final class WorkspacePool: Sendable {
  private struct Idle: ~Copyable, @unchecked Sendable {  // a workspace is in this list or lent to one caller, never both
    var workspaces: [Workspace] = []
  }
  private let idle = Mutex(Idle())

  func withWorkspace<Result>(_ body: (Workspace) -> Result) -> Result {
    let workspace = idle.withLock { Transfer(value: $0.workspaces.popLast()) }.value ?? Workspace()
    defer {
      let returned = Transfer(value: workspace)
      idle.withLock { $0.workspaces.append(returned.value!) }
    }
    return body(workspace)
  }

  private struct Transfer: @unchecked Sendable {  // carries a workspace across the lock, between one owner and the next
    let value: Workspace?
  }
}
