import Configuration
import Datasets
import Files
import Models
import Tokenizers
import Training

/// The rows of a dataset as the encoder reads them, in the forms it is trained and judged on.
struct ClassifierData {
  /// One way to show the test rows to the model.
  struct TestForm {
    let name: String
    let view: TextView
    let texts: [String]
    let encoded: [EncodedExample]
  }

  let dataset: Dataset
  /// What is read of each row: the view asked for, as it applies to the dataset.
  let input: InputView
  /// What the user should know: the dataset's notes, and how its rows are read.
  let notes: [String]
  let train: [EncodedExample]
  /// What errors call each training row.
  let trainNames: [String]
  let trainTexts: [String]
  let trainLabels: [Int]
  let validation: [EncodedExample]
  let validationLabels: [Int]
  let test: [TestForm]
  /// Training rows that lost tokens to `maxLength`.
  let truncated: Int
  private let rows: (training: [ExampleEncoder.Row], validation: [ExampleEncoder.Row])

  var testLabels: [Int] { dataset.test.map(\.label) }

  init(_ dataset: Dataset, view asked: InputView, tokenizer: any Tokenizer, maxLength: Int) throws {
    let encoder = ExampleEncoder(tokenizer: tokenizer, maxLength: maxLength, labels: dataset.labels)
    let view = asked.applied(to: dataset)
    let test = try view.testForms.map { name, view in
      let rows = try encoder.encode(dataset.test, views: [view])
      return TestForm(name: name, view: view, texts: rows.map(\.text), encoded: rows.map(\.encoded))
    }
    self.init(
      dataset, input: view, notes: dataset.notes + view.notes(on: dataset, asked: asked), training: try encoder.encode(dataset.train, views: view.trainingViews),
      validation: try encoder.encode(dataset.validation, views: view.trainingViews), test: test)
  }

  /// The same with the validation rows among the training rows, behind them, and none left to choose by.
  var joined: ClassifierData { ClassifierData(dataset, input: input, notes: notes, training: rows.training + rows.validation, validation: [], test: test) }

  private init(
    _ dataset: Dataset, input: InputView, notes: [String], training: [ExampleEncoder.Row], validation: [ExampleEncoder.Row], test: [TestForm]
  ) {
    (self.dataset, self.input, self.notes) = (dataset, input, notes)
    rows = (training, validation)
    train = training.map(\.encoded).enumerated().map { $1.reindexed($0) }
    trainNames = training.map { "\($0.example.id)" }
    trainTexts = training.map(\.text)
    trainLabels = training.map(\.example.label)
    truncated = training.count { $0.wasTruncated }
    self.validation = validation.map(\.encoded).enumerated().map { $1.reindexed($0) }
    validationLabels = validation.map(\.example.label)
    self.test = test
  }
}

/// Turns examples into token ids under one view of them.
struct ExampleEncoder {
  struct Row {
    let example: Example
    let text: String
    let encoded: EncodedExample
    let wasTruncated: Bool
  }

  let tokenizer: any Tokenizer
  let maxLength: Int
  let labels: LabelTable

  /// Every example in every view. Where two views of one example read the same, it appears once.
  func encode(_ examples: [Example], views: [TextView]) throws -> [Row] {
    var rows: [Row] = []
    rows.reserveCapacity(examples.count * views.count)
    for (index, example) in examples.enumerated() {
      var seen: [String] = []
      for view in views {
        let segments = view.segments(of: example, labels: labels)
        let text = view.text(of: example, labels: labels)
        if seen.contains(text) { continue }
        seen.append(text)
        rows.append(try encode(segments, view.cut, text, example, index))
      }
    }
    return rows
  }

  private func encode(_ segments: TextSegments, _ cut: TextView.Cut, _ text: String, _ example: Example, _ index: Int) throws -> Row {
    let truncation = Truncation(maximumLength: maxLength, strategy: cut.strategy(isPair: segments.second != nil))
    let encoding = try tokenizer.encode(segments.first, pair: segments.second, options: EncodingOptions(truncation: truncation))
    let typeIDs = encoding.typeIDs.contains { $0 != 0 } ? encoding.typeIDs : []
    return Row(
      example: example, text: text,
      encoded: EncodedExample(index: index, ids: encoding.ids, typeIDs: typeIDs, target: .label(Int32(example.label))),
      wasTruncated: encoding.count == maxLength && !encoding.overflow.isEmpty)
  }
}

extension EncodedExample {
  func reindexed(_ index: Int) -> EncodedExample { EncodedExample(index: index, ids: ids, typeIDs: typeIDs, target: target) }
}

extension TextView.Cut {
  func strategy(isPair: Bool) -> Truncation.Strategy { isPair && self == .second ? .onlySecond : .longestFirst }
}

extension InputView {
  /// The view for a dataset: where its rows ask several questions, of the same posts and with different labels, a post alone has no
  /// label, so `post` reads the question with it.
  func applied(to dataset: Dataset) -> InputView {
    guard self == .post, let first = dataset.train.first?.question, dataset.train.contains(where: { $0.question != first }) else { return self }
    return .postAndQuestion
  }

  /// - Parameter asked: the view before `applied`.
  func notes(on dataset: Dataset, asked: InputView) -> [String] {
    self == asked ? [] : ["\(dataset.name): its rows ask several questions, so each is read with its post"]
  }

  /// What the model is shown in training.
  var trainingViews: [TextView] {
    switch self {
    case .full: [.full]
    case .reasoning: [.reasoning]
    case .both: [.full, .reasoning]
    case .post: [.post]
    case .postAndQuestion: [.postAndQuestion]
    case .dialogue: [.dialogue]
    }
  }

  /// What it is judged on: explanations always in both forms, whatever it was trained on, because generations come in both.
  var testForms: [(name: String, view: TextView)] {
    switch self {
    case .full, .reasoning, .both: [("verdict removed", .reasoning), ("with verdict", .full)]
    case .post: [("post", .post)]
    case .postAndQuestion: [("post and question", .postAndQuestion)]
    case .dialogue: [("context and response", .dialogue)]
    }
  }
}
