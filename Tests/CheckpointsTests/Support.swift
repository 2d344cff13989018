import Checkpoints
import Files
import Glibc
import TestSupport
import Testing

/// A row of `g_malformed/manifest.jsonl`: a file, and what reading it must do.
struct ManifestCase: Sendable, CustomTestStringConvertible {
  let file: String
  /// `ok`, `error` or `error_or_ok`.
  let expect: String
  /// The tensors of a valid control, where the manifest gives them.
  let value: JSONObject?

  var path: String { Fixtures.path("g_malformed/\(file)") }
  var testDescription: String { file }

  /// The rows whose file starts with one of `prefixes`; none when the fixtures are not there.
  static func all(_ prefixes: String...) -> [ManifestCase] {
    guard let text = try? contents(Fixtures.path("g_malformed/manifest.jsonl")) else { return [] }
    return text.split(separator: "\n").compactMap { line in
      guard let row = try? JSON.parse(String(line), source: "manifest"), let file = row["file"]?.string, let expect = row["expect"]?.string,
        prefixes.contains(where: { file.hasPrefix($0) })
      else { return nil }
      return ManifestCase(file: file, expect: expect, value: row["value"]?.object)
    }
  }

  /// Runs `body` and checks its outcome: an error must be an `InputError` that names the file.
  func check(_ body: () throws -> Void) {
    do {
      try body()
      #expect(expect != "error", "\(file) was accepted")
    } catch let error as InputError {
      #expect(expect != "ok", "\(error)")
      let folder = file.split(separator: "/").dropLast().joined(separator: "/")
      #expect("\(error)".contains(folder), "\(error)")
      #expect("\(error)".utf8.count < 2000)
    } catch {
      Issue.record("\(file): threw \(error), expected an InputError")
    }
  }
}

func contents(_ path: String) throws -> String { String(decoding: try bytes(of: path), as: UTF8.self) }

func bytes(of path: String) throws -> [UInt8] {
  let file = try MappedFile(path)
  return withExtendedLifetime(file) { Array(file.bytes) }
}

extension StoredTensor {
  /// The elements as numbers, row by row.
  var numbers: [Double] {
    withUnsafeBytes { bytes in
      (0..<count).map { index in
        func load<T: BitwiseCopyable>(_ type: T.Type) -> T { bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<T>.size, as: T.self) }
        return switch dtype {
        case .bool, .u8: Double(load(UInt8.self))
        case .i16: Double(load(Int16.self))
        case .i64: Double(load(Int64.self))
        case .f32: Double(load(Float.self))
        case .f16: Double(load(Float16.self))
        case .bf16: Double(Float(bitPattern: UInt32(load(UInt16.self)) << 16))
        default: preconditionFailure("no test reads \(dtype)")
        }
      }
    }
  }
}

/// The numbers in a manifest value: a scalar, a list, or nested lists.
func numbers(_ json: JSON) -> [Double] {
  switch json {
  case .array(let items): items.flatMap(numbers)
  case .bool(let value): [value ? 1 : 0]
  default: [json.double ?? .nan]
  }
}

/// Peak resident memory of this process so far, in bytes.
func peakMemory() -> Int {
  var usage = rusage()
  getrusage(0, &usage)  // RUSAGE_SELF
  return usage.ru_maxrss * 1024
}
