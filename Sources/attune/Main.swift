import AttuneCommands

/// The command users type. It links no libtorch and answers at once; commands that need tensors continue in `attune-engine`.
@main struct Main {
  static func main() { AttuneCommand.main(engine: nil) }
}
