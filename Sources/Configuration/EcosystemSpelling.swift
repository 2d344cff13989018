import Files

/// The settings of Hugging Face's `TrainingArguments` that differ from ours in more than name.
///
/// Plain renamings (`num_train_epochs`) are aliases beside each setting in `ClassifierSettings`.
enum EcosystemSpelling {
  /// Rewrites `bf16: true`, and `per_device_train_batch_size` with `gradient_accumulation_steps`, whose product is our
  /// `batch_size` (items a step) and whose first factor is our `micro_batch_size` (items at once).
  static func translated(_ settings: [RawSetting]) throws(InputError) -> [RawSetting] {
    let perDevice = settings.last { $0.key == "per_device_train_batch_size" }
    let accumulation = settings.last { $0.key == "gradient_accumulation_steps" }
    var result: [RawSetting] = []
    for setting in settings {
      switch setting.key {
      case "bf16":
        guard let isOn = Bool(spelling: SettingSpelling(raw: setting.value)) else {
          throw setting.error("found \(setting.value.found), expected true or false")
        }
        result.append(setting.renamed("training", "precision", isOn ? "bf16" : "fp32"))
      case "per_device_train_batch_size" where setting.origin == perDevice?.origin:
        let items = try setting.positive()
        let steps = try accumulation?.positive() ?? 1
        let (product, overflow) = items.multipliedReportingOverflow(by: steps)
        guard !overflow else { throw setting.error("found \(items), too many items a step") }
        result.append(setting.renamed("training", "batch_size", "\(product)"))
        if steps > 1 { result.append(setting.renamed("training", "micro_batch_size", "\(items)")) }
      case "gradient_accumulation_steps":
        guard perDevice != nil else {
          throw setting.error(
            "found without per_device_train_batch_size",
            advice: "Set training.batch_size (items a step) and training.micro_batch_size (items at once)")
        }
      case "per_device_train_batch_size": break  // a later one stands
      default: result.append(setting)
      }
    }
    return result
  }
}

extension RawSetting {
  fileprivate func renamed(_ section: String, _ key: String, _ word: String) -> RawSetting {
    RawSetting(section: section, key: key, value: .scalar(word, quoted: false), origin: origin)
  }

  fileprivate func positive() throws(InputError) -> Int {
    guard let value = Int(spelling: SettingSpelling(raw: value)), value > 0 else {
      throw error("found \(value.found), expected a whole number above 0")
    }
    return value
  }
}
