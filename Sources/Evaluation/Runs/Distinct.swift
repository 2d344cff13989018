extension Sequence where Element: Hashable {
  /// Each element once, where it is first.
  package var distinct: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}

extension Array {
  /// Any two of the elements, the earlier one first.
  var pairs: [(Element, Element)] { indices.flatMap { i in self[(i + 1)...].map { (self[i], $0) } } }
}
