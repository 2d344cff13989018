import Files
import TestSupport
import Testing

/// Digests published with the standard (FIPS 180-4 examples) and of the lengths where padding spills into another block.
@Suite struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func digestsOfTheStandard(_ text: String, _ expected: String) {
    #expect(Array(text.utf8).withUnsafeBytes { SHA256.digest($0) } == expected)
  }

  /// Files are read in pieces of 1 MiB; their digest must not depend on where the pieces end.
  @Test(arguments: [0, 1, 63, 64, 1 << 20, (1 << 20) + 1, (1 << 21) - 1])
  func digestOfAFileIsThatOfItsBytes(_ size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try withTemporaryFolder { folder in
      try AtomicWrite.file("\(folder)/bytes", bytes)
      #expect(try SHA256.digest(ofFile: "\(folder)/bytes") == bytes.withUnsafeBytes { SHA256.digest($0) })
    }
  }
}
