import Configuration
import Files
import TestSupport

/// Reads `text` as a recipe file called `recipe.yaml`, in a folder of its own.
func read(
  _ text: String, overrides: [String] = []
) throws(InputError) -> (settings: ClassifierSettings, configuration: ResolvedConfiguration) {
  try read(bytes: Array(text.utf8), overrides: overrides)
}

func read(
  bytes: [UInt8], overrides: [String] = []
) throws(InputError) -> (settings: ClassifierSettings, configuration: ResolvedConfiguration) {
  let folder = try temporaryFolder()
  defer { AtomicWrite.removeTree(folder) }
  try AtomicWrite.file("\(folder)/recipe.yaml", bytes)
  do {
    return try ClassifierSettings.read(recipe: "\(folder)/recipe.yaml", overrides: overrides.map { Override($0) })
  } catch {
    var error = error
    if error.path.hasPrefix(folder) { error.path = "recipe.yaml" }
    throw error
  }
}

/// The words of the error that reading gives, or nil when there is none.
func failure(_ text: String, overrides: [String] = []) -> String? {
  do throws(InputError) {
    _ = try read(text, overrides: overrides)
    return nil
  } catch {
    return error.description
  }
}
