import Configuration
import Files

extension ClassifierSettings {
  /// Keeps a trained model as a whole one: hard links share the weights with the seed's folder, or a copy where the file system has none.
  /// An adapter is merged into its base.
  func keepModel(from source: String, as target: String) throws {
    try AtomicWrite.createParent(of: target)
    if model.method == .lora {
      let merge = Merge(job: MergeJob(base: model.base, adapter: source, output: target))
      return try AtomicWrite.folder(target) { temporary in _ = try merge.write(into: temporary, requiresEffect: false) }
    }
    try AtomicWrite.folder(target) { temporary in
      for name in FileSystem.entries(source) { try FileSystem.linkOrCopy("\(source)/\(name)", to: "\(temporary)/\(name)") }
    }
  }
}
