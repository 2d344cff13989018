/// Finds the first of several stop strings in text that arrives in pieces, and holds back what may be the start of one.
struct StopMatcher {
  private let stops: [[UInt8]]
  private var held: [UInt8] = []

  /// What a piece made certain.
  struct Outcome: Equatable {
    /// Text before any stop string.
    var text: String
    /// The stop string that was reached; text after its start never comes.
    var stop: String?
  }

  init(_ stops: [String]) { self.stops = stops.filter { !$0.isEmpty }.map { Array($0.utf8) } }

  /// Takes the next piece of text.
  mutating func append(_ piece: String) -> Outcome {
    held += Array(piece.utf8)
    // What is complete first ends the text, so that it does not matter in which pieces it came; of several, the longest.
    let found = stops.compactMap { stop in held.firstRange(of: stop) }.min { ($0.upperBound, $0.lowerBound) < ($1.upperBound, $1.lowerBound) }
    if let found {
      let outcome = Outcome(text: String(decoding: held[..<found.lowerBound], as: UTF8.self), stop: String(decoding: held[found], as: UTF8.self))
      held = []
      return outcome
    }
    let waiting = (0..<held.count).first { start in stops.contains { $0.count > held.count - start && $0.starts(with: held[start...]) } }
    // Never half a character: the pieces are whole ones, and a stop string starts with one.
    let certain = waiting ?? held.count
    defer { held.removeFirst(certain) }
    return Outcome(text: String(decoding: held[..<certain], as: UTF8.self), stop: nil)
  }

  /// What was held back when the text ended without a stop string.
  mutating func finish() -> String {
    defer { held = [] }
    return String(decoding: held, as: UTF8.self)
  }
}
