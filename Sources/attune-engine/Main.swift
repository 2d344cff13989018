import AttuneCommands

/// The same commands, linked with libtorch. `attune` starts it; users need not.
@main struct Main {
  static func main() { AttuneCommand.main(engine: nil) }
}
