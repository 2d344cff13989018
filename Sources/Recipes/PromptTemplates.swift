import Datasets
import Files

/// Templates by the names that recipes and options use.
enum PromptTemplates {
  /// - Parameter model: the folder whose own template `auto` means.
  /// - Throws: `InputError` with the names there are.
  static func named(_ name: String, model: String) throws -> any PromptTemplate {
    guard name == "plain" else {
      throw InputError("command line", at: "--template \(name)", "no such template; found plain", advice: "Choose one of these")
    }
    return PlainTemplate(separator: " ")
  }
}
