import Checkpoints
import Files
import NN
import TestSupport
import Testing

@Suite struct Configurations {
  private func config(_ changes: JSONObject) throws -> ModelConfig {
    var object = tinyConfig.object!
    for (key, value) in changes { object[key] = value }
    return try ModelConfig(.object(object), path: "config.json")
  }

  @Test func sizesAndDefaultsAreTransformers() throws {
    let bert = try config([:])
    #expect(bert.family == .bert && bert.encoder.layers == 1 && bert.encoder.activation == .gelu)
    #expect(bert.encoder.hiddenDropout == 0.1 && bert.encoder.layerNormEpsilon == 1e-12 && bert.encoder.positionOffset == 0)
    let roberta = try config(["model_type": "roberta", "classifier_dropout": 0.25])
    #expect(roberta.encoder.padTokenID == 1 && roberta.encoder.positionOffset == 2 && roberta.encoder.maximumLength == 14)
    #expect(roberta.encoder.classifierDropout == 0.25 && bert.encoder.classifierDropout == 0.1)
  }

  /// Counted by hand: tables (11 + 16 + 2) x 8, norms 2 x 8 each, attention 4 x (64 + 8), perceptron 128 + 16 + 128 + 8.
  @Test func parametersAreCounted() throws {
    #expect(try config([:]).encoder.parameterCount == 29 * 8 + 16 + (4 * 72 + 16) + (128 + 16 + 128 + 8 + 16))
  }

  @Test(arguments: [
    ("gelu", Activation.gelu), ("gelu_new", .geluNew), ("gelu_pytorch_tanh", .geluTanh), ("gelu_fast", .geluTanh), ("gelu_python", .gelu),
    ("relu", .relu), ("silu", .silu), ("swish", .swish), ("tanh", .tanh),
  ])
  func activationsHaveAllTheirNames(_ name: String, _ activation: Activation) throws {
    #expect(try config(["hidden_act": .string(name)]).encoder.activation == activation)
  }

  @Test func labelsComeFromEitherMapOrTheCount() throws {
    #expect(try config([:]).labels == ["LABEL_0", "LABEL_1"])
    #expect(try config(["num_labels": 3]).labels == ["LABEL_0", "LABEL_1", "LABEL_2"])
    #expect(try config(["id2label": ["1": "yes", "0": "no"]]).labels == ["no", "yes"])
    #expect(try config(["label2id": ["yes": 1, "no": 0]]).labels == ["no", "yes"])
    #expect(try config(["id2label": ["0": "no", "1": "yes"], "label2id": ["yes": 1, "no": 0], "num_labels": 2]).labels == ["no", "yes"])
  }

  @Test(arguments: [
    (["id2label": ["0": "no", "1": "yes"], "label2id": ["yes": 0, "no": 1]], "id2label names class 0 \"no\", label2id says 1"),
    (["id2label": ["0": "no", "1": "yes"], "num_labels": 3], "found 3, expected 2, the number of names in id2label"),
    (["id2label": ["0": "no", "1": "no"]], "two classes are named \"no\""),
    (["label2id": ["no": 0, "yes": 2]], "its ids are not 0 to 1, each once"),
    (["problem_type": "ranking"], "expected one of single_label_classification"),
    (["position_embedding_type": "relative_key"], "found \"relative_key\", expected \"absolute\""),
    (["is_decoder": true], "found true, expected false"),
    (["hidden_size": 1_099_511_627_776], "expected an integer from 1 to 65536"),
    (["hidden_sizes": 8, "hidden_size": nil], "found null, expected an integer"),
    (["hidden_dropout_prob": 1.5], "expected a number from 0.0 to 1.0"),
    (["model_type": "roberta", "pad_token_id": nil], "found null, expected an integer: RoBERTa counts positions from it"),
    (["architectures": "Bert"], "found \"Bert\", expected a list of strings"),
  ] as [(JSONObject, String)])
  func contradictionsAreErrors(_ changes: JSONObject, _ words: String) throws {
    let error = #expect(throws: InputError.self) { try config(changes) }
    #expect("\(try #require(error))".contains(words), "\(error!)")
  }

  @Test func aMissingKeyNamesItsNearest() throws {
    var object = tinyConfig.object!
    object["hidden_size"] = nil
    object["hiden_size"] = 8
    let error = #expect(throws: InputError.self) { try ModelConfig(.object(object), path: "c") }
    #expect("\(error!)".contains("key \"hidden_size\": missing (nearest is \"hiden_size\"), expected an integer"))
  }

  @Test func nullProblemTypeIsInferred() throws {
    #expect(try config(["num_labels": 1]).inferredProblemType(labelsAreIntegers: true) == .regression)
    #expect(try config([:]).inferredProblemType(labelsAreIntegers: true) == .singleLabel)
    #expect(try config([:]).inferredProblemType(labelsAreIntegers: false) == .multiLabel)
    #expect(try config(["problem_type": "regression"]).inferredProblemType(labelsAreIntegers: true) == .regression)
  }

  /// transformers wrote the fixtures; written again they change by the version-4 name of the dtype alone.
  @Test(.enabled(if: Fixtures.hasAll, "set ATTUNE_FIXTURES"), arguments: ["bert_seqcls", "roberta_seqcls", "bert_pooler"])
  func writingWhatTransformersWroteGivesItsBytes(_ name: String) throws {
    let folder = Fixtures.path("a_models/\(name)")
    let written = try ModelConfig.read(folder: folder).encoded()
    #expect(written.split(separator: "\n").filter { !$0.contains("torch_dtype") } == (try contents("\(folder)/config.json")).split(separator: "\n"))
    #expect(written.hasSuffix("}\n"))
  }

  @Test func savingKeepsUnknownKeysAndWritesLabels() throws {
    var model = try config(["my_key": ["b": 1, "a": 1e-12], "num_labels": 2, "torch_dtype": "float16"])
    #expect(model.encoded().contains("\"my_key\": {\n    \"a\": 1e-12,\n    \"b\": 1\n  },"))
    #expect(!model.encoded().contains("id2label") && !model.encoded().contains("num_labels"))
    model.labels = (0..<11).map { "é\($0)" }
    model.problemType = .singleLabel
    model.architectures = [model.family.classifierArchitecture]
    let text = model.encoded()
    #expect(text.contains("\"9\": \"\\u00e99\",\n    \"10\": \"\\u00e910\""))  // ids by number
    #expect(text.contains("\"\\u00e910\": 10,\n    \"\\u00e92\": 2"))  // names by code point
    let again = try ModelConfig(try JSON.parse(text, source: "again"), path: "again")
    #expect(again.labels == model.labels && again.problemType == .singleLabel && again.encoder == model.encoder)
    #expect(again.architectures == ["BertForSequenceClassification"])
  }
}
