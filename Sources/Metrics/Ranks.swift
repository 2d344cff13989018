/// Ranks from 1 and what ties do to the statistics that rest on them.
struct Ranks {
  /// The rank of each value; equal values share the mean of their ranks.
  let values: [Double]
  /// How many values share each distinct rank, in rising order.
  let groups: [Int]

  init(_ data: [Double]) {
    let order = data.indices.sorted { data[$0] < data[$1] }
    var (values, groups) = (data, [Int]())
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count && data[order[end]] == data[order[start]] { end += 1 }
      for position in start..<end { values[order[position]] = Double(start + 1 + end) / 2 }
      groups.append(end - start)
      start = end
    }
    (self.values, self.groups) = (values, groups)
  }

  /// Σ t³ − t over the groups of ties.
  var tieSum: Double { groups.reduce(0) { $0 + Double($1) * (Double($1) * Double($1) - 1) } }
}
