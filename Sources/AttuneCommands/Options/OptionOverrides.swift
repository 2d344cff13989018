import Configuration

/// Options given on the command line as settings of a recipe, in the order in which they are set. What was not given sets nothing.
struct OptionOverrides {
  private(set) var list: [Override] = []

  /// `--seed 7` as `training.seed=7`.
  mutating func set(_ option: String, _ key: String, _ value: (some SettingValue)?) {
    if let value { list.append(Override(option: "\(option) \(value.yaml)", "\(key)=\(value.yaml)")) }
  }

  /// `--data a b` as `data.paths=[a, b]`.
  mutating func set(_ option: String, _ key: String, _ values: [String]) {
    if !values.isEmpty { list.append(Override(option: "\(option) \(values.map(\.yaml).joined(separator: " "))", "\(key)=\(values.yaml)")) }
  }

  /// `--compat` as `dialogue.compat=true`.
  mutating func set(flag option: String, _ key: String, _ isGiven: Bool) {
    if isGiven { list.append(Override(option: option, "\(key)=true")) }
  }
}
