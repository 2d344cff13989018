import Checkpoints
import Files
import Glibc
import Torch

/// Saving and restoring the whole state of a run. A `checkpoints/step-N` is complete or absent; its model folder is one that
/// transformers loads, and beside it `training_state/` has what only this loop needs.
extension TrainingLoop {
  private var checkpoints: String { "\(folder)/checkpoints" }

  func save() throws {
    let start = monotonicSeconds()
    let path = "\(checkpoints)/step-\(state.step)"
    try AtomicWrite.createFolder(checkpoints)
    try AtomicWrite.folder(path) { temporary in
      try task.saveModel(to: temporary)
      try task.verifySaved(in: temporary)
      try AtomicWrite.createFolder("\(temporary)/training_state")
      try Safetensors.write(stateTensors, to: "\(temporary)/training_state/optimizer.safetensors")
      try AtomicWrite.file("\(temporary)/training_state/state.json", state.json.encoded(indent: 2) + "\n")
      try FolderManifest.write(in: temporary)
    }
    savedState = state
    try observer.saved(step: state.step, folder: path, seconds: monotonicSeconds() - start)
    for old in savedSteps().dropLast(max(1, plan.keep)) { AtomicWrite.removeTree("\(checkpoints)/step-\(old)") }
  }

  func saveBest() throws {
    try AtomicWrite.folder("\(folder)/best") { temporary in
      try task.saveModel(to: temporary)
      try task.verifySaved(in: temporary)
      try FolderManifest.write(in: temporary)
    }
  }

  /// Continues from the last complete save, if there is one.
  func restoreLatest() throws {
    for owned in [folder, checkpoints] { AtomicWrite.removeAbandoned(in: owned) }
    guard let step = savedSteps().last else { return }
    let path = "\(checkpoints)/step-\(step)"
    try FolderManifest.check(path)
    state = try RunState(try JSON.read("\(path)/training_state/state.json"), path: "\(path)/training_state/state.json")
    let saved = try SafetensorsSource("\(path)/training_state/optimizer.safetensors")
    let wrong = try task.restoreModel(from: path) + optimizer.restore(from: saved, steps: state.step)
    guard wrong.isEmpty, saved.description(of: "random.dropout") != nil else { throw TrainingError.stateDoesNotFit(folder: path, names: wrong) }
    savedState = state
    generator.state = saved.tensor("random.dropout").array(UInt8.self)
    Generator.defaultGenerator(of: device).state = saved.tensor("random.device").array(UInt8.self)
  }

  private var stateTensors: [(name: String, tensor: Tensor)] {
    optimizer.state + [
      ("random.dropout", Tensor(generator.state)), ("random.device", Tensor(Generator.defaultGenerator(of: device).state)),
    ]
  }

  /// Steps with a complete save, ascending.
  private func savedSteps() -> [Int] {
    guard let listing = opendir(checkpoints) else { return [] }
    defer { closedir(listing) }
    var steps: [Int] = []
    while let entry = readdir(listing) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
      if name.hasPrefix("step-"), let step = Int(name.dropFirst(5)) { steps.append(step) }
    }
    return steps.sorted()
  }
}
