import Files
import TestSupport

/// What scikit-learn gave; `scripts/reference/tfidf_reference.py` writes it.
enum Golden {
  static let cases = read("tfidf.json")["cases"]!.array!
  static let words = read("python_words.json")

  static func read(_ name: String) -> JSON { try! JSON.read(Fixtures.path("baselines/\(name)")) }
}

extension JSON {
  var strings: [String] { array!.map { $0.string! } }
  var ints: [Int] { array!.map { $0.int! } }
  var doubles: [Double] { array!.map { $0.double! } }
}

/// The largest |a − b|, infinite when the shapes differ.
func distance(_ a: [Double], _ b: [Double]) -> Double {
  a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}
