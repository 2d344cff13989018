public import Files
public import Tokenizers

/// Templates by name, as recipes spell them.
public enum Templates {
  /// - Parameters:
  ///   - name: `plain`, a chat template's name, or `auto`: the one that the model's folder names, else `plain`.
  ///   - model: its folder; an encoder-decoder's rows are source and target under either of the first two.
  ///   - separator: between prompt and completion under `plain`; nil is what suits the tokenizer.
  /// - Throws: `InputError` for a name that is none, or a folder whose template is not known.
  public static func named(
    _ name: String, model: String, separator: String?, tokenizer: any Tokenizer
  ) throws(InputError) -> any PromptTemplate {
    let config = "\(model)/config.json"
    if FileSystem.isFile(config), try JSON.read(config)["is_encoder_decoder"]?.bool == true {
      guard name == "plain" || name == "auto" else {
        throw InputError(model, at: "template '\(name)'", "an encoder-decoder is shown a source and a target, no conversation", advice: "Leave the template out")
      }
      return SourceTarget(tokenizer)
    }
    let plain = PlainTemplate(separator: separator ?? PlainTemplate.separator(for: tokenizer))
    if name == "plain" { return plain }
    if name == "auto" {
      guard let own = try ChatTemplate.read(model) else { return plain }
      return ChatRows(own, tokenizer: tokenizer)
    }
    guard let chosen = ChatTemplate(rawValue: name) else {
      let names = ["auto", "plain"] + ChatTemplate.allCases.map(\.rawValue)
      let nearest = nearestName(to: name, among: names).map { "; the nearest is '\($0)'" } ?? ""
      throw InputError(model, at: "template '\(name)'", "unknown\(nearest)", advice: "The templates are: \(names.joined(separator: ", "))")
    }
    return ChatRows(chosen, tokenizer: tokenizer)
  }
}
