import AttuneCommands
import Recipes

/// The same commands over libtorch. `attune` starts it; nobody needs to type its name.
@main struct Main {
  static func main() { AttuneCommand.main(engine: TorchEngine()) }
}
