@testable import Baselines
import Files
import Glibc
import TestSupport
import Testing

@Suite struct SavedClassifierTests {
  private func withSaved(_ index: Int, _ body: (LinearClassifier, String) throws -> Void) throws {
    let item = Golden.cases[index]
    let classifier = try LinearClassifier.train(
      texts: item["texts"]!.strings, labels: item["labels"]!.ints, labelNames: ["no", "yes", "ja", "né"].prefix(item["label_count"]!.int!).map { $0 })
    try withTemporaryFolder { folder in
      try classifier.save(to: "\(folder)/model")
      try body(classifier, "\(folder)/model")
    }
  }

  private func bytes(of path: String) throws -> [UInt8] {
    let file = try MappedFile(path)
    return withExtendedLifetime(file) { Array($0.bytes) }
  }

  @Test(arguments: Golden.cases.indices)
  func aReloadedClassifierGivesTheSameBits(_ index: Int) throws {
    try withSaved(index) { classifier, folder in
      let reloaded = try LinearClassifier.load(folder)
      let texts = Golden.cases[index]["test_texts"]!.strings
      #expect(reloaded.probabilities(texts) == classifier.probabilities(texts))
      #expect(reloaded.labelNames == classifier.labelNames && reloaded.options == classifier.options && reloaded.terms == classifier.terms)
    }
  }

  @Test func damagedFilesAreNamed() throws {
    try withSaved(0) { _, folder in
      let weights = try bytes(of: "\(folder)/model.safetensors")
      try AtomicWrite.file("\(folder)/model.safetensors", weights.dropLast(5))
      let error = #expect(throws: InputError.self) { try LinearClassifier.load(folder) }
      #expect(error?.path == "\(folder)/model.safetensors" && error?.location == "tensor \"intercepts\"")
    }
    try withSaved(0) { _, folder in
      try AtomicWrite.file("\(folder)/vocabulary.txt", "aa\nbb cc dd\n")
      let error = #expect(throws: InputError.self) { try LinearClassifier.load(folder) }
      #expect(error?.location == "line 2")
    }
    try withSaved(0) { _, folder in
      try AtomicWrite.file("\(folder)/config.json", "{\"model_type\": \"bert\"}")
      let error = #expect(throws: InputError.self) { try LinearClassifier.load(folder) }
      #expect(error?.path == "\(folder)/config.json")
    }
  }

  /// 600 random corruptions over the three files: an error that names a file of the folder, or a model; never a crash.
  @Test func randomCorruptionsNeverCrash() throws {
    try withSaved(1) { _, folder in
      var state: UInt64 = 42
      func random(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
      }
      for name in ["config.json", "vocabulary.txt", "model.safetensors"] {
        let original = try bytes(of: "\(folder)/\(name)")
        for _ in 0..<200 {
          var bytes = original
          switch random(3) {
          case 0: bytes[random(min(bytes.count, 400))] = UInt8(random(256))
          case 1: bytes.removeLast(random(bytes.count))
          default: bytes.insert(contentsOf: (0..<random(9)).map { _ in UInt8(random(256)) }, at: random(min(bytes.count, 400)))
          }
          let file = open("\(folder)/\(name)", O_WRONLY | O_TRUNC)
          bytes.withUnsafeBytes { _ = write(file, $0.baseAddress, $0.count) }
          close(file)
          do throws(InputError) {
            _ = try LinearClassifier.load(folder).predict(["the exam was sad"])
          } catch {
            #expect(error.path.hasPrefix(folder))
          }
        }
        try AtomicWrite.file("\(folder)/\(name)", original)
      }
    }
  }
}
