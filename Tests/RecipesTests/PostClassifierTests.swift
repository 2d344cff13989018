import Checkpoints
import Configuration
import Datasets
import Files
import Models
import TestSupport
import Testing

@testable import Recipes

extension RecipesTests {
  /// Classifiers of posts, whose label is the condition, and encoders other than BERT, from a folder to answers.
  @Suite struct PostClassifierTests {
    static let bases = ["roberta_seqcls", "deberta_v3"].filter { Fixtures.has("a_models/\($0)/tokenizer.json") }

    @Test(arguments: bases)
    func aFolderOfAnyFamilyIsTrainedReloadedAndEvaluated(_ name: String) throws {
      try withTemporaryFolder { folder in
        let base = Fixtures.path("a_models/\(name)")
        let result = try Job.train(try Job.training("\(folder)/run", "data.input=post", "model.base=\(base)", "training.max_steps=4"))
        #expect(result.json["report"]?["datasets"]?.array?.count == 1)
        let model = "\(folder)/run/models/sample-stress"
        let loaded = try ClassifierModel.load(model)
        #expect(loaded.newParameters.isEmpty && loaded.labels == ["no", "yes"])
        #expect(loaded.config.architectures == [loaded.config.family.classifierArchitecture])
        #expect(try ClassifierMetadata.read(model, classes: 2, longest: 512).input == .post)
        // Judged on posts alone: one form, the linear model beside it, no labelling by rule.
        let dataset = try #require(try JSON.read("\(folder)/run/results.json")["report"]?["datasets"]?.array?[0])
        #expect(dataset["forms"]?.array?.map { $0["name"]?.string } == ["post", "TF-IDF + logistic regression, post"])
        let job = EvaluateClassifierJob(
          model: model, data: "\(Fixtures.repository)/test_data/samples/sample-stress.csv", runtime: Job.runtime, console: Job.quiet)
        let evaluated = try TorchEngine().evaluate(job).json["report"]?["datasets"]?.array?[0]
        #expect(evaluated?["forms"]?.array?.map { $0["name"]?.string } == ["post"])
        #expect(evaluated?["confusion"] == dataset["confusion"], "the saved model answers as it did in training")
      }
    }

    @Test func thePostIsWhatIsRead() throws {
      let catalog = try Catalog(root: Fixtures.repository)
      let dataset = try catalog.load("sample-stress")
      let tokenizer = try ClassifierModel.load(Job.base).tokenizer
      let data = try ClassifierData(dataset, view: .post, tokenizer: tokenizer, maxLength: 48)
      #expect(data.input == .post && data.notes == dataset.notes)
      #expect(data.trainTexts == dataset.train.map(\.post) && data.test.map(\.texts) == [dataset.test.map(\.post)])
      #expect(data.trainLabels == dataset.train.map(\.label))
    }

    /// Irf asks two questions of each post, so half of its posts have both labels.
    @Test func setsThatAskSeveralQuestionsShowThem() throws {
      try withTemporaryFolder { folder in
        let rows = (0..<24).flatMap { (row: Int) -> [String] in
          [("belongingness", row % 2 == 0), ("burdensomeness", row % 3 == 0)].map { (what: String, yes: Bool) -> String in
            "\"Consider this post: \"\"Row \(row) is about \(yes ? "an empty room" : "a full table").\"\" Question: Does the post show \(what)?\",\"\(yes ? "Yes" : "No"), it does. Reasoning: it says so.\""
          }
        }
        let text = "query,gpt-3.5-turbo\n" + rows.joined(separator: "\n") + "\n"
        for path in ["train_data/imhi/instruction/Irf/val.csv", "test_data/imhi/instruction/Irf.csv"] {
          try AtomicWrite.createFolder("\(folder)/" + path.split(separator: "/").dropLast().joined(separator: "/"))
          try AtomicWrite.file("\(folder)/\(path)", text)
        }
        let job = try Job.training("\(folder)/run", dataset: "Irf", method: .linear, "data.folder=\(folder)", "data.input=post")
        let dataset = try #require(try Job.train(job).json["report"]?["datasets"]?.array?[0])
        #expect(dataset["forms"]?.array?.map { $0["name"]?.string } == ["post and question"])
        #expect(dataset["notes"]?.array?.contains { $0.string?.contains("several questions") == true } == true)
        #expect(try ClassifierMetadata.read("\(folder)/run/models/Irf", classes: 2, longest: 512).input == .postAndQuestion)

        // A classifier of posts is not one of explanations.
        try AtomicWrite.createFolder("\(folder)/generated")
        try AtomicWrite.file("\(folder)/generated/Irf.csv", "goldens,generated_text\n\"Yes, it does. Reasoning: so.\",\"It is hard to say.\"\n")
        let label = LabelJob(models: "\(folder)/run/models", data: "\(folder)/generated", output: "\(folder)/labelled", runtime: Job.runtime, console: Job.quiet)
        let error = #expect(throws: InputError.self) { try TorchEngine().label(label) }
        #expect(error?.description.contains("this classifier reads posts") == true)
      }
    }
  }
}
