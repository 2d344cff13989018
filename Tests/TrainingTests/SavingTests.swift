import Datasets
import Files
import Glibc
import Models
import NN
import TestSupport
import Testing
import Torch

@testable import Training

/// Saved states: complete or absent, checked before use, and enough to continue bit for bit.
@Suite(.serialized) struct SavingTests {
  @Test(.enabled(if: SmallDisk.isPossible, "mounting a tmpfs needs root"))
  func aFullDiskLeavesTheLastGoodState() throws {
    try withTemporaryFolder { folder in
      try TinyBert.write(to: "\(folder)/base")
      let whole = try Trainer(base: "\(folder)/base", folder: "\(folder)/whole")
      #expect(try whole.loop.run() == .finished)

      let disk = try SmallDisk("\(folder)/disk", megabytes: 6)
      defer { disk.unmount() }
      let trainer = try Trainer(base: "\(folder)/base", folder: "\(disk.path)/run")
      trainer.recorder.onSave = { step in
        if step == 6 { try disk.fill() }
      }
      let error = try #require(throws: InputError.self) { try trainer.loop.run() }
      #expect(error.path.hasPrefix("\(disk.path)/run/"), "\(error)")
      #expect(error.problem.contains("free on its file system") || error.problem.contains("No space left on device"), "\(error)")
      #expect(error.advice?.contains("Free some space") == true, "\(error)")
      // Nothing half-written stays, under its name or another.
      #expect(entriesWithHidden("\(disk.path)/run/checkpoints") == ["step-6"])
      try FolderManifest.check("\(disk.path)/run/checkpoints/step-6")

      try disk.clear()
      let again = try Trainer(base: "\(folder)/base", folder: "\(disk.path)/run")
      #expect(try again.loop.run() == .finished)
      #expect(again.recorder.startedAt == 6)
      try expectEqual(again, whole)
    }
  }

  @Test(arguments: ["model.safetensors", "config.json", "training_state/optimizer.safetensors", "training_state/state.json"])
  func aDamagedStateIsReportedAndNotUsed(_ file: String) throws {
    try withTemporaryFolder { folder in
      try TinyBert.write(to: "\(folder)/base")
      let trainer = try Trainer(base: "\(folder)/base", folder: "\(folder)/run")
      trainer.recorder.onSave = { step in
        if step == 4 { throw Stop() }
      }
      #expect(throws: Stop.self) { try trainer.loop.run() }

      let path = "\(folder)/run/checkpoints/step-4/\(file)"
      var bytes = Array(try FileSystem.text(path).utf8)
      if file.hasSuffix("json") {
        bytes += [UInt8(ascii: " ")]
        try AtomicWrite.file(path, bytes)
      } else {
        let descriptor = open(path, O_WRONLY)
        lseek(descriptor, -9, SEEK_END)
        var byte: UInt8 = 0xA5
        #expect(write(descriptor, &byte, 1) == 1)
        close(descriptor)
      }
      let error = try #require(throws: InputError.self) { try Trainer(base: "\(folder)/base", folder: "\(folder)/run").loop.run() }
      #expect(error.path == path)
      #expect(error.problem.contains("SHA-256 is not the one in manifest.json"), "\(error)")

      unlink(path)
      let missing = try #require(throws: InputError.self) { try Trainer(base: "\(folder)/base", folder: "\(folder)/run").loop.run() }
      #expect(missing.path == path, "\(missing)")
    }
  }

  @Test func aStateOfAnotherModelIsRefused() throws {
    try withTemporaryFolder { folder in
      try TinyBert.write(to: "\(folder)/base")
      let trainer = try Trainer(base: "\(folder)/base", folder: "\(folder)/run")
      trainer.recorder.onSave = { _ in throw Stop() }
      #expect(throws: Stop.self) { try trainer.loop.run() }
      let other = try Trainer(base: "\(folder)/base", folder: "\(folder)/run", labels: ["a", "b", "c"])
      let error = try #require(throws: (any Error).self) { try other.loop.run() }
      #expect("\(error)".contains("\(folder)/run/checkpoints/step-2") && "\(error)".contains("classifier.weight"), "\(error)")
    }
  }

  @Test(arguments: [0, 9])
  func aSavedModelThatAnswersOtherwiseIsRefused(validationRows: Int) throws {
    try withTemporaryFolder { folder in
      try TinyBert.write(to: "\(folder)/base")
      let model = try ClassifierModel.load("\(folder)/base", labels: ["no", "yes"])
      let validation = TinyBert.examples((0..<validationRows).map { .label(Int32($0 % 2)) })
      let task = ClassificationTask(model, loss: ClassificationLoss(.singleLabel), validation: validation, names: [])
      try AtomicWrite.createFolder("\(folder)/saved")
      try task.saveModel(to: "\(folder)/saved")
      try task.verifySaved(in: "\(folder)/saved")

      try #require(model.parameters["classifier.bias"]).add(0.125)
      let error = try #require(throws: TrainingError.self) { try task.verifySaved(in: "\(folder)/saved") }
      guard case .saveNotFaithful("\(folder)/saved", difference: let difference) = error else {
        Issue.record("\(error)")
        return
      }
      expectClose([difference], [0.125], relative: 1e-5)
    }
  }

  @Test func aRunStoppedBySignalAnywhereContinuesBitForBit() throws {
    try withTemporaryFolder { folder in
      try TinyBert.write(to: "\(folder)/base")
      let whole = try Trainer(base: "\(folder)/base", folder: "\(folder)/whole")
      #expect(try whole.loop.run() == .finished)

      defer { StopSignal.reset() }
      var parts = 0
      while true {
        let trainer = try Trainer(base: "\(folder)/base", folder: "\(folder)/run")
        // A part is three steps: stops fall on saves (every 2 steps), on validations (every 4), between them, and after the last step,
        // where the fifth part has only its validation left.
        trainer.recorder.onStep = { record in
          if record.step == 3 * (parts + 1) { StopSignal.raise() }
        }
        let outcome = try trainer.loop.run()
        StopSignal.reset()
        parts += 1
        if outcome == .interrupted { continue }
        #expect(outcome == .finished && parts == 5)
        try expectEqual(trainer, whole)
        return
      }
    }
  }

  @Test func asManyStatesAreKeptAsAskedFor() throws {
    try withTemporaryFolder { folder in
      try TinyBert.write(to: "\(folder)/base")
      for (keep, expected) in [(1, ["step-12"]), (3, ["step-10", "step-12", "step-8"]), (9, ["step-10", "step-12", "step-2", "step-4", "step-6", "step-8"])] {
        let trainer = try Trainer(base: "\(folder)/base", folder: "\(folder)/keep-\(keep)", keep: keep)
        #expect(try trainer.loop.run() == .finished)
        #expect(entriesWithHidden("\(folder)/keep-\(keep)/checkpoints") == expected)
        #expect(trainer.recorder.saves == [2, 4, 6, 8, 10, 12])
      }
    }
  }

  private func expectEqual(_ a: Trainer, _ b: Trainer) throws {
    for file in ["checkpoints/step-12/model.safetensors", "checkpoints/step-12/training_state/optimizer.safetensors", "best/model.safetensors"] {
      #expect(try SHA256.digest(ofFile: "\(a.folder)/\(file)") == SHA256.digest(ofFile: "\(b.folder)/\(file)"), "\(file)")
    }
  }
}

struct Stop: Error {}

/// A small run: 12 steps over 26 rows in batches of 4 (an epoch is 7 steps), dropout on, saved every 2 steps, validated every 4.
private struct Trainer {
  let folder: String
  let recorder = Recorder()
  let loop: TrainingLoop<ClassificationTask>

  init(base: String, folder: String, labels: [String] = ["no", "yes"], keep: Int = 1) throws {
    self.folder = folder
    try AtomicWrite.createFolder(folder)
    let model = try ClassifierModel.load(base, labels: labels, seed: 3)
    let rows = TinyBert.examples((0..<26).map { .label(Int32($0 % 2)) })
    let validation = TinyBert.examples((0..<9).map { .label(Int32($0 % 2)) }, seed: 6)
    let task = ClassificationTask(model, loss: ClassificationLoss(.singleLabel), validation: validation, names: rows.map { "row-\($0.index)" })
    var plan = TrainingLoop<ClassificationTask>.Plan()
    (plan.batchSize, plan.microBatchSize, plan.steps, plan.saveEvery, plan.validateEvery, plan.keep) = (4, 3, 12, 2, 4, keep)
    loop = TrainingLoop(
      task, examples: rows, optimizer: AdamW(model.parameters.parameters, .init()), schedule: .init(.cosine, peak: 1e-3, warmup: 2, steps: 12),
      plan: plan, folder: folder, seed: 11, observer: recorder)
  }
}

private func entriesWithHidden(_ folder: String) -> [String] {
  guard let listing = opendir(folder) else { return [] }
  defer { closedir(listing) }
  var names: [String] = []
  while let entry = readdir(listing) {
    names.append(withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } })
  }
  return names.filter { $0 != "." && $0 != ".." }.sorted()
}

/// A file system of a few megabytes.
private struct SmallDisk {
  let path: String

  /// Whether this process may mount.
  static let isPossible: Bool = {
    guard let disk = try? SmallDisk("/tmp/attune-mount-\(getpid())", megabytes: 1) else { return false }
    disk.unmount()
    rmdir(disk.path)
    return true
  }()

  init(_ path: String, megabytes: Int) throws {
    self.path = path
    try AtomicWrite.createFolder(path)
    guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
      rmdir(path)
      throw InputError(path, "cannot mount: \(systemMessage(errno))")
    }
  }

  func unmount() { umount(path) }

  /// Leaves less room than any save needs.
  func fill() throws {
    let descriptor = open("\(path)/filler", O_WRONLY | O_CREAT, 0o644)
    defer { close(descriptor) }
    let block = [UInt8](repeating: 1, count: 1 << 14)
    while write(descriptor, block, block.count) > 0 {}
  }

  func clear() throws { unlink("\(path)/filler") }
}
