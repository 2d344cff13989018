import Files
import TestSupport
import Testing

@testable import Reports

@Suite struct TensorBoardTests {
  /// Check values of RFC 3720, appendix B.4, and of the CRC catalogue.
  @Test(arguments: [
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
    (Array("123456789".utf8), 0xE306_9283), ([], 0),
  ] as [([UInt8], UInt32)])
  func checksumsAreThoseOfTheStandard(bytes: [UInt8], sum: UInt32) { #expect(CRC32C.checksum(bytes) == sum) }

  /// Golden bytes from the `tensorboard` package: scripts/reference/tensorboard_events.py.
  @Test func filesEqualThoseOfTensorBoardByteForByte() throws {
    try withTemporaryFolder { folder in
      let writer = try TensorBoardWriter(path: "\(folder)/scalars.tfevents", wallTime: 1_700_000_000.25)
      let start = 1_700_000_000.5
      try writer.add([("train/loss", 0.6931471805599453), ("train/lr", 5e-05)], step: 1, wallTime: start + 1)
      try writer.add([("train/loss", 0.0), ("eval/weighted_f1", 0.9652)], step: 300, wallTime: start + 300)
      try writer.add([("überschrift", -1.5)], step: 1 << 40, wallTime: start + Double(1 << 40))
      #expect(try bytes(of: writer.path) == bytes(of: Fixtures.path("tensorboard/scalars.tfevents")))
    }
  }

  @Test func theFileIsNamedSoThatTensorBoardFindsIt() throws {
    try withTemporaryFolder { folder in
      let writer = try TensorBoardWriter(folder: folder)
      try writer.add([("loss", 1)], step: 1)
      #expect(writer.path.hasPrefix("\(folder)/events.out.tfevents."))
      #expect(throws: InputError.self) { try TensorBoardWriter(folder: folder + "/missing") }
    }
  }
}

private func bytes(of path: String) throws -> [UInt8] {
  let file = try MappedFile(path)
  return withExtendedLifetime(file) { Array(file.bytes) }
}
