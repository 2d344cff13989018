public import Files

/// A dataset ready to train on and to judge: its labels, its three parts, and what the user should know about them.
public struct Dataset: Sendable {
  public let name: String
  public let form: IMHIForm
  public let labels: LabelTable
  /// Rows to learn from. Empty for sets whose training rows were never released.
  public let train: [Example]
  /// Rows for early stopping and model choice: the published ones, else held out of the training rows. Never test rows.
  public let validation: [Example]
  public let test: [Example]
  /// Whether the validation rows were held out of the training file, because none are published.
  public let holdsOut: Bool
  /// The files read, by split.
  public let sources: [Split: String]
  /// Rows left out because their label could not be read; empty under the default policy.
  public let dropped: [ExampleID]
  /// Sentences for the user: a validation file standing in for a missing training file, held-out rows, dropped rows.
  public let notes: [String]

  public init(
    name: String, form: IMHIForm = .instruction, labels: LabelTable, train: [Example], validation: [Example], test: [Example], holdsOut: Bool = false,
    sources: [Split: String] = [:], dropped: [ExampleID] = [], notes: [String] = []
  ) {
    (self.name, self.form, self.labels, self.train, self.validation, self.test) = (name, form, labels, train, validation, test)
    (self.holdsOut, self.sources, self.dropped, self.notes) = (holdsOut, sources, dropped, notes)
  }

  /// Throws when there is nothing to train on, saying what was published.
  public func requireTraining() throws(InputError) {
    if train.isEmpty {
      throw InputError(
        sources[.test] ?? name, "\(name) has no training rows; only its test rows are published",
        advice: "Choose another dataset, or put a train.csv beside it")
    }
  }
}
