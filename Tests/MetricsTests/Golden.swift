import Files
import Testing
import TestSupport

/// A golden JSON file; non-finite numbers are the strings "nan", "inf" and "-inf".
func golden(_ relative: String) -> JSON {
  let file = try! JSON.read(Fixtures.path(relative))
  return file["data"] ?? file
}

extension JSON {
  var number: Double {
    switch self.string {
    case "nan": return .nan
    case "inf": return .infinity
    case "-inf": return -.infinity
    default: return self.isNull ? .nan : self.double!
    }
  }
  var numbers: [Double] { array!.map(\.number) }
  var table: [[Double]] { array!.map(\.numbers) }
  var ints: [Int] { array!.map { $0.int! } }
  var bools: [Bool] { array!.map { $0.int! == 1 } }
}

/// Compares within `tolerance`, relative for numbers above 1; NaN equals NaN, infinities only themselves.
func expectClose(_ found: Double, _ expected: JSON?, _ what: String, tolerance: Double = 1e-12) {
  guard let expected else {
    Issue.record("no golden value for \(what)")
    return
  }
  let value = expected.number
  if value.isNaN || found.isNaN || value.isInfinite || found.isInfinite {
    #expect(value.isNaN && found.isNaN || value == found, "\(what): found \(found), expected \(value)")
  } else {
    #expect(abs(found - value) <= tolerance * max(1, abs(value)), "\(what): found \(found), expected \(value)")
  }
}

func expectClose(_ found: [Double], _ expected: JSON?, _ what: String, tolerance: Double = 1e-12) {
  let values = expected?.array ?? []
  #expect(found.count == values.count, "\(what): found \(found.count) numbers, expected \(values.count)")
  for (i, pair) in zip(found, values).enumerated() { expectClose(pair.0, pair.1, "\(what)[\(i)]", tolerance: tolerance) }
}
