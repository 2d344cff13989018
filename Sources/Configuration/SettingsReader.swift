public import Files

/// Matches declared settings with what a recipe and its overrides say: each value gets its origin, each key must be known.
///
/// A settings type declares itself by reading: `try reader.read("optimizer.learning_rate", aliases: ["lr"], &learningRate)`.
/// A key may be written below its section, or at the top level by its own name or an alias.
public struct SettingsReader {
  private var pending: [RawSetting]
  private var known: [(section: String, names: [String])] = []
  private(set) var entries: [ResolvedConfiguration.Entry] = []

  /// - Parameters:
  ///   - recipe: a YAML file, or nil for the defaults.
  ///   - overrides: applied after the file, in order; the last one of a key wins.
  public init(recipe: String?, overrides: [Override] = []) throws(InputError) {
    pending = []
    if let recipe { pending = try RecipeSource.settings(at: recipe) }
    for override in overrides { pending.append(try RecipeSource.setting(override)) }
    pending = try EcosystemSpelling.translated(pending)
  }

  /// Reads one setting into `value`, which holds the default before and the value after.
  /// - Parameters:
  ///   - path: `section.key`.
  ///   - aliases: other names of the key, as the ecosystem spells it.
  ///   - requirement: what a usable value is, in words: `above 0`.
  ///   - accepts: whether a value meets the requirement.
  /// - Throws: `InputError` naming the key, what was found and what was expected.
  public mutating func read<Value: SettingValue>(
    _ path: String, aliases: [String] = [], _ value: inout Value, _ requirement: String = "", where accepts: (Value) -> Bool = { _ in true }
  ) throws(InputError) {
    let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
    let (section, names) = (parts[0], [parts[1]] + aliases)
    known.append((section, names))

    var chosen: RawSetting?
    var rest: [RawSetting] = []
    for setting in pending {
      guard names.contains(setting.key), setting.section == nil || setting.section == section else {
        rest.append(setting)
        continue
      }
      if let earlier = chosen, case .recipe(_, let first) = earlier.origin, case .recipe = setting.origin {
        throw setting.error("sets \(path) again; line \(first) sets it as \(earlier.name)", advice: "Keep one of the two")
      }
      chosen = setting
    }
    pending = rest
    if let setting = chosen {
      let expected = requirement.isEmpty ? Value.expectation : "\(Value.expectation) \(requirement)"
      guard let found = Value(spelling: SettingSpelling(raw: setting.value)), accepts(found) else {
        throw setting.error("found \(setting.value.found), expected \(expected)")
      }
      value = found
    }
    entries.append(.init(section: section, key: parts[1], yaml: value.yaml, origin: chosen?.origin ?? .standard))
  }

  /// Ends the reading.
  /// - Throws: `InputError` for the first key that no declaration claimed, with the nearest name that exists.
  public func finish() throws(InputError) -> ResolvedConfiguration {
    guard let unknown = pending.first else { return ResolvedConfiguration(entries: entries) }
    var advice = "The recipe files in scripts/recipes list every key"
    if let nearest = nearest(to: unknown) { advice = "Nearest is \(nearest)" }
    throw unknown.error("unknown key", advice: advice)
  }

  /// The right section of a known key, else the most similar spelling, as the full `section.key`.
  private func nearest(to unknown: RawSetting) -> String? {
    if let owner = known.first(where: { $0.names.contains(unknown.key) }) { return "\(owner.section).\(owner.names[0])" }
    var spellings: [String: String] = [:]
    for (section, names) in known {
      for name in names {
        spellings["\(section).\(name)"] = "\(section).\(names[0])"
        if unknown.section == nil { spellings[name] = "\(section).\(names[0])" }
      }
    }
    let ordered = spellings.keys.sorted()
    if let near = nearestName(to: unknown.name, among: ordered) { return spellings[near] }
    if let section = unknown.section, let near = nearestName(to: unknown.key, among: known.filter { $0.section == section }.flatMap(\.names)) {
      return spellings["\(section).\(near)"]
    }
    return nil
  }
}
