public import Files
import Glibc

// A saved classifier is a folder of three files:
//   config.json          kind, options, label names, which labels occurred
//   vocabulary.txt       one term a line, in the order of the columns; a pair is two words and a space
//   model.safetensors    float64: idf (columns), coefficients (width, columns), intercepts (width)
extension LinearClassifier {
  private static let kind = "attune-linear"
  private static let version = 1

  /// Writes the folder `path`: complete or not at all, and only after the written files were read back and gave the same model.
  /// - Throws: `InputError` naming the file and the reason.
  public func save(to path: String) throws(InputError) {
    do {
      try AtomicWrite.folder(path) { folder in
        try AtomicWrite.file("\(folder)/config.json", configuration.encoded(indent: 2) + "\n")
        try AtomicWrite.file("\(folder)/vocabulary.txt", vectorizer.terms.map { $0 + "\n" }.joined())
        try AtomicWrite.file("\(folder)/model.safetensors", Self.safetensors(tensors))
        let reloaded = try Self.load(folder)
        guard reloaded.weights == weights, reloaded.vectorizer.idf == vectorizer.idf, reloaded.vectorizer.terms == vectorizer.terms,
          reloaded.labelNames == labelNames, reloaded.options == options, reloaded.classes == classes
        else { throw InputError(path, "the written model differs from the one in memory", advice: "Check the disk and save again") }
      }
    } catch let error as InputError {
      throw error
    } catch {
      throw InputError(path, "cannot write: \(error)")
    }
  }

  /// Whether the folder `path` says that it holds a linear classifier; nothing else is checked.
  public static func isSaved(in path: String) -> Bool {
    (try? JSON.read("\(path)/config.json"))?["model_type"]?.string == kind
  }

  /// Reads a folder that `save(to:)` wrote.
  /// - Throws: `InputError` naming the file, the place, what was found and what was expected.
  public static func load(_ path: String) throws(InputError) -> LinearClassifier {
    let configPath = "\(path)/config.json"
    let config = try JSON.read(configPath)
    func need<T>(_ key: String, _ expected: String, _ value: T?) throws(InputError) -> T {
      guard let value else {
        throw InputError(configPath, at: "key \"\(key)\"", "found \(config[key]?.kind ?? "nothing"), expected \(expected)")
      }
      return value
    }
    guard config["model_type"]?.string == kind, config["format_version"]?.int == version else {
      throw InputError(configPath, "not a linear classifier of format \(version)", advice: "Give a folder that `attune train classifier --method linear` wrote")
    }
    let labelNames = try need("labels", "a list of names", config["labels"]?.array.map { $0.compactMap(\.string) })
    let classes = try need("classes", "a list of label numbers", config["classes"]?.array.map { $0.compactMap(\.int) })
    let C = try need("C", "a positive number", positive(config["C"]?.double))
    let minimumDocuments = try need("minimum_documents", "a positive integer", positive(config["minimum_documents"]?.int))
    let maximumIterations = try need("maximum_iterations", "a positive integer", positive(config["maximum_iterations"]?.int))
    let tolerance = try need("tolerance", "a positive number", positive(config["tolerance"]?.double))
    guard classes.count >= 2, zip(classes, classes.dropFirst()).allSatisfy({ $0 < $1 }), classes.allSatisfy(labelNames.indices.contains) else {
      throw InputError(configPath, at: "key \"classes\"", "expected at least two ascending numbers below the number of labels, \(labelNames.count)")
    }
    let terms = try readTerms("\(path)/vocabulary.txt")
    let width = classes.count == 2 ? 1 : classes.count
    let tensors = try readSafetensors(
      "\(path)/model.safetensors", [("idf", [terms.count]), ("coefficients", [width, terms.count]), ("intercepts", [width])])
    var weights: [Double] = []
    weights.reserveCapacity((terms.count + 1) * width)
    for j in terms.indices { for k in 0..<width { weights.append(tensors[1][k * terms.count + j]) } }
    weights += tensors[2]
    return LinearClassifier(
      labelNames: labelNames,
      options: Options(C: C, minimumDocuments: minimumDocuments, maximumIterations: maximumIterations, tolerance: tolerance),
      classes: classes, vectorizer: TfidfVectorizer(terms: terms, idf: tensors[0]), weights: weights)
  }

  private static func positive<T: Comparable & Numeric>(_ value: T?) -> T? { value.flatMap { $0 > 0 ? $0 : nil } }

  private var configuration: JSON {
    [
      "model_type": .string(Self.kind), "format_version": .integer(Self.version), "labels": .array(labelNames.map { .string($0) }),
      "classes": .array(classes.map { .integer($0) }), "C": .number(options.C), "minimum_documents": .integer(options.minimumDocuments),
      "maximum_iterations": .integer(options.maximumIterations), "tolerance": .number(options.tolerance),
    ]
  }

  private var tensors: [(name: String, shape: [Int], values: [Double])] {
    [
      ("idf", [featureCount], vectorizer.idf), ("coefficients", [width, featureCount], coefficients.flatMap { $0 }),
      ("intercepts", [width], intercepts),
    ]
  }

  private static func readTerms(_ path: String) throws(InputError) -> [String] {
    guard let text = try MappedFile.withBytes(of: path, { String(validating: $0.bindMemory(to: UInt8.self), as: UTF8.self) }) else {
      throw InputError(path, "not valid UTF-8")
    }
    var terms = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(Substring($0)) }
    guard terms.popLast() == "", !terms.isEmpty else { throw InputError(path, "the last line is not complete", advice: "Save the model again") }
    var seen = Set<[UInt8]>()
    for (i, term) in terms.enumerated() {
      let words = term.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
      guard words.count <= 2, words.allSatisfy({ !$0.isEmpty }), seen.insert(Array(term.utf8)).inserted else {
        throw InputError(path, at: "line \(i + 1)", "expected a word, or two words and a space, once")
      }
    }
    return terms
  }
}

extension LinearClassifier {
  /// (width, columns) as scikit-learn's `coef_`.
  public var coefficients: [[Double]] {
    (0..<width).map { k in (0..<featureCount).map { weights[$0 * width + k] } }
  }

  /// (width) as scikit-learn's `intercept_`.
  public var intercepts: [Double] { Array(weights.suffix(width)) }

  /// The terms in the order of the columns, as scikit-learn's `get_feature_names_out()`.
  public var terms: [String] { vectorizer.terms }
}
