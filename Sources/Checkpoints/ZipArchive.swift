internal import Files

/// The entries of a zip file whose data lies uncompressed in the mapping, as `torch.save` writes it; ZIP64 included.
///
/// Names are only looked up, never used as paths. (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3.)
struct ZipArchive {
  struct Entry {
    let name: String
    /// The data's bytes in the file.
    let range: Range<Int>
    let crc32: UInt32
  }

  let file: MappedFile
  private(set) var entries: [String: Entry] = [:]
  /// Names in the order of the central directory.
  private(set) var names: [String] = []

  init(_ file: MappedFile) throws(InputError) {
    self.file = file
    defer { withExtendedLifetime(file) {} }
    let bytes = Bytes(UnsafeRawBufferPointer(file.bytes))
    let directory = try Self.directory(bytes, file.path)
    // The smallest record has 46 bytes, so a lying count cannot make this loop long.
    guard directory.count <= directory.range.count / 46 else { throw Self.damaged(file.path, "its directory claims \(directory.count) entries in \(directory.range.count) bytes") }
    var offset = directory.range.lowerBound
    for _ in 0..<directory.count {
      let entry = try entry(at: &offset, end: directory.range.upperBound, bytes)
      guard entries.updateValue(entry, forKey: entry.name) == nil else { throw Self.damaged(file.path, "it has two entries named \"\(entry.name.shortened)\"") }
      names.append(entry.name)
    }
  }

  /// The bytes of `entry`, after checking their sum.
  func contents(_ entry: Entry) throws(InputError) -> UnsafeRawBufferPointer {
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[entry.range])
    guard CRC32.checksum(bytes) == entry.crc32 else {
      throw InputError(file.path, at: "entry \"\(entry.name.shortened)\"", "its checksum does not match its bytes", advice: "The file is damaged: fetch it again")
    }
    return bytes
  }

  // MARK: Directory

  private static func directory(_ bytes: Bytes, _ path: String) throws(InputError) -> (range: Range<Int>, count: Int) {
    // The end record has 22 bytes and a comment of at most 65535.
    var end = bytes.count - 22
    let lowest = max(0, end - 65535)
    while end >= lowest, bytes.u32(end) != 0x0605_4B50 { end -= 1 }
    guard end >= lowest else { throw damaged(path, "it has no central directory", "The file was cut short: fetch it again") }
    guard let count16 = bytes.u16(end + 10), let size32 = bytes.u32(end + 12), let start32 = bytes.u32(end + 16) else { throw damaged(path, "its end record is cut") }
    var (count, size, start) = (Int(count16), Int(size32), Int(start32))
    if end >= 20, bytes.u32(end - 20) == 0x0706_4B50 {
      guard let wide = bytes.int(end - 20 + 8), bytes.u32(wide) == 0x0606_4B50,
        let count64 = bytes.int(wide + 32), let size64 = bytes.int(wide + 40), let start64 = bytes.int(wide + 48)
      else { throw damaged(path, "its ZIP64 end record is not where it should be") }
      (count, size, start) = (count64, size64, start64)
    }
    guard start <= end, size <= end - start else { throw damaged(path, "its central directory runs past the end") }
    return (start..<start + size, count)
  }

  private func entry(at offset: inout Int, end: Int, _ bytes: Bytes) throws(InputError) -> Entry {
    let path = file.path
    guard offset <= end - 46, bytes.u32(offset) == 0x0201_4B50,
      let flags = bytes.u16(offset + 8), let method = bytes.u16(offset + 10), let crc = bytes.u32(offset + 16),
      let packed32 = bytes.u32(offset + 20), let size32 = bytes.u32(offset + 24), let nameLength = bytes.u16(offset + 28).map(Int.init),
      let extraLength = bytes.u16(offset + 30).map(Int.init), let commentLength = bytes.u16(offset + 32).map(Int.init), let header32 = bytes.u32(offset + 42),
      offset + 46 + nameLength + extraLength + commentLength <= end
    else { throw Self.damaged(path, "its central directory is not well-formed at byte \(offset)") }
    let nameStart = offset + 46
    guard let name = String(validating: bytes[nameStart..<nameStart + nameLength], as: UTF8.self) else {
      throw Self.damaged(path, "the name of an entry at byte \(nameStart) is not UTF-8")
    }
    var (packed, size, header) = (Int(packed32), Int(size32), Int(header32))
    try Self.widen(&size, &packed, &header, from: nameStart + nameLength..<nameStart + nameLength + extraLength, bytes, path)
    offset = nameStart + nameLength + extraLength + commentLength

    guard flags & 1 == 0 else { throw Self.damaged(path, "entry \"\(name.shortened)\" is encrypted", "Save the weights without a password") }
    guard method == 0, packed == size else {
      throw Self.damaged(path, "entry \"\(name.shortened)\" is compressed, expected stored bytes as torch.save writes them", "Load and save it again with torch")
    }
    // The local header repeats the name and has its own padding.
    guard header <= bytes.count - 30, bytes.u32(header) == 0x0403_4B50,
      let localName = bytes.u16(header + 26).map(Int.init), let localExtra = bytes.u16(header + 28).map(Int.init)
    else { throw Self.damaged(path, "entry \"\(name.shortened)\" has no header at byte \(header)") }
    let start = header + 30 + localName + localExtra
    guard localName == nameLength, start <= bytes.count, size <= bytes.count - start, bytes[header + 30..<header + 30 + localName].elementsEqual(bytes[nameStart..<nameStart + nameLength])
    else { throw Self.damaged(path, "entry \"\(name.shortened)\" has \(size) bytes from byte \(start), past the end or under another name") }
    return Entry(name: name, range: start..<start + size, crc32: crc)
  }

  /// Replaces the fields that are all ones by those of the ZIP64 extra field.
  private static func widen(
    _ size: inout Int, _ packed: inout Int, _ header: inout Int, from range: Range<Int>, _ bytes: Bytes, _ path: String
  ) throws(InputError) {
    let marker = 0xFFFF_FFFF
    guard size == marker || packed == marker || header == marker else { return }
    var offset = range.lowerBound
    while offset + 4 <= range.upperBound, let tag = bytes.u16(offset), let length = bytes.u16(offset + 2).map(Int.init) {
      if tag == 1, offset + 4 + length <= range.upperBound {
        var field = offset + 4
        func next(_ value: Int) -> Int? {
          guard value == marker else { return value }
          guard field + 8 <= offset + 4 + length, let wide = bytes.int(field) else { return nil }
          field += 8
          return wide
        }
        if let wideSize = next(size), let widePacked = next(packed), let wideHeader = next(header) {
          (size, packed, header) = (wideSize, widePacked, wideHeader)
          return
        }
      }
      offset += 4 + length
    }
    throw damaged(path, "an entry's ZIP64 sizes are missing")
  }

  private static func damaged(_ path: String, _ problem: String, _ advice: String = "The file is damaged: fetch it again") -> InputError {
    InputError(path, problem, advice: advice)
  }
}

/// Little-endian numbers at any offset; nil outside the buffer.
struct Bytes {
  private let buffer: UnsafeRawBufferPointer

  init(_ buffer: UnsafeRawBufferPointer) { self.buffer = buffer }

  var count: Int { buffer.count }
  subscript(range: Range<Int>) -> Slice<UnsafeRawBufferPointer> { buffer[range] }

  func u16(_ offset: Int) -> UInt16? { load(offset) }
  func u32(_ offset: Int) -> UInt32? { load(offset) }
  /// An unsigned 64-bit number, when it fits in `Int`.
  func int(_ offset: Int) -> Int? { (load(offset) as UInt64?).flatMap { Int(exactly: $0) } }

  func load<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Value? {
    guard offset >= 0, offset <= buffer.count - MemoryLayout<Value>.size else { return nil }
    return Value(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }
}
