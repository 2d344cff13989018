internal import Files

/// Which file of the upstream repository goes where: `SteveKGYang/MentalLLaMA` (MIT) as it is published.
enum ImportPlan {
  /// One file to copy, byte for byte.
  struct Item: Sendable, Hashable {
    /// Relative to the checkout.
    let source: String
    /// Relative to the data root.
    let destination: String
    /// The IMHI set and split whose rows and labels are verified; nil for files that are copied as they are.
    let dataset: String?
    let split: Split
  }

  /// Every known file that is in the checkout `from`, in a fixed order. The upstream layout is `Layout.all`'s: this adds only where
  /// each file goes.
  static func items(from: String) -> [Item] {
    var items: [Item] = []
    for form in IMHIForm.allCases {
      guard let upstream = Layout.all.first(where: { $0.name == "upstream" && $0.form == form }),
        let imported = Layout.all.first(where: { $0.name == "imported" && $0.form == form })
      else { continue }
      for dataset in IMHILabels.datasets {
        for split in Split.allCases {
          guard let target = imported.patterns(split).first,
            let source = Layout.find(upstream.patterns(split), dataset: dataset, root: from)
          else { continue }
          items.append(Item(
            source: String(source.dropFirst(from.count + 1)), destination: String(Layout.path(target, dataset: dataset, root: "").dropFirst()),
            dataset: dataset, split: split))
        }
      }
    }
    for (folder, target) in copied {
      for name in FileSystem.entries("\(from)/\(folder)") where name.hasSuffix(".csv") {
        items.append(Item(source: "\(folder)/\(name)", destination: "\(target)/\(name)", dataset: nil, split: .test))
      }
    }
    if FileSystem.exists("\(from)/LICENSE") {
      for side in ["train_data", "test_data"] {
        items.append(Item(source: "LICENSE", destination: "\(side)/imhi/LICENSE", dataset: nil, split: .test))
      }
    }
    return items
  }

  /// Files that have no split: human ratings of explanations, generations and labelled generations.
  private static let copied = [
    ("human_evaluation/DR_annotation", "test_data/imhi/human_evaluation/DR_annotation"),
    ("human_evaluation/DR_annotation/human_annotation", "test_data/imhi/human_evaluation/DR_annotation"),
    ("examples/response_generation_examples", "test_data/imhi/examples/response_generation"),
    ("examples/label_data_examples", "test_data/imhi/examples/label_data"),
  ]

  /// What is missing among `items`, most consequential first.
  static func absences(_ items: [Item]) -> [ImportAbsence] {
    func has(_ dataset: String, _ split: Split) -> Bool {
      items.contains { $0.dataset == dataset && $0.split == split && $0.destination.contains("/instruction/") }
    }
    var absences: [ImportAbsence] = []
    for dataset in IMHILabels.datasets {
      switch (has(dataset, .train), has(dataset, .validation), has(dataset, .test)) {
      case (true, true, true): break
      case (false, true, _):
        absences.append(ImportAbsence(
          "\(dataset): train.csv", "classifiers train on val.csv, and part of it is held out for early stopping"))
      case (false, false, true):
        absences.append(ImportAbsence("\(dataset): train.csv and val.csv", "test only; no classifier can be trained"))
      case (false, false, false):
        absences.append(ImportAbsence("\(dataset): all instruction files", "the set cannot be used (swmh and CLP need the licence of their authors)"))
      case (true, false, _):
        absences.append(ImportAbsence("\(dataset): val.csv", "part of train.csv is held out for early stopping"))
      case (true, true, false):
        absences.append(ImportAbsence("\(dataset): the test file", "classifiers can be trained but not tested"))
      }
    }
    let expert = Set(items.filter { $0.destination.contains("/expert/") }.compactMap(\.dataset))
    let without = IMHILabels.datasets.filter { !expert.contains($0) && $0 != "CLP" }
    if !without.isEmpty {
      absences.append(ImportAbsence("expert files of \(without.joined(separator: ", "))", "no expert evaluation of those sets"))
    }
    return absences
  }
}

extension Layout {
  /// The path patterns of one split.
  func patterns(_ split: Split) -> [String] {
    switch split {
    case .train: train
    case .validation: validation
    case .test: test
    }
  }
}
