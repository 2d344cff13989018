import ArgumentParser
import Configuration

/// Options of a training by `attune eval dialogue-safety`.
struct DialogueTrainingArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Folder of the pretrained encoder to train, a BERT with [unused1] and [unused2] for the speakers; or of the model to ask.", valueName: "dir"))
  var model: String?
  @Option(help: ArgumentHelp("Rows to train on. Default: those below --data, else cross-validation on the test set.", valueName: "file")) var train: String?
  @Option(help: ArgumentHelp("Rows that choose the checkpoint. Default: a tenth of the training rows.", valueName: "file")) var validation: String?
  @Option(help: ArgumentHelp("Parts of a cross-validation. Default: 5.", valueName: "n")) var folds: Int?
  @Flag(help: "As upstream: tags beside punctuation in pieces, the checkpoint chosen on the test set.") var compat = false
  @Option(help: ArgumentHelp("First seed. Default: 42.", valueName: "n")) var seed: UInt64?
  @Option(help: ArgumentHelp("Trainings, each with the next seed. Default: 5.", valueName: "n")) var seeds: Int?
  @Option(help: ArgumentHelp("YAML file with settings.", valueName: "file")) var recipe: String?
  @Flag(help: "Show configuration, schedule, predicted memory and time; train nothing.") var dryRun = false

  var isAsked: Bool { model != nil || train != nil || seed != nil || recipe != nil || isTrained }
  /// Whether something is set that only a training has.
  var isTrained: Bool { validation != nil || folds != nil || compat || seeds != nil || dryRun }

  /// - Parameter seeded: the section that the seed belongs to.
  func overrides(_ seeded: String) -> [Override] {
    var options = OptionOverrides()
    options.set("--model", "model.base", model)
    options.set("--train", "dialogue.train", train)
    options.set("--validation", "dialogue.validation", validation)
    options.set("--folds", "dialogue.folds", folds)
    options.set(flag: "--compat", "dialogue.compat", compat)
    options.set("--seed", "\(seeded).seed", seed)
    options.set("--seeds", "training.seeds", seeds)
    return options.list
  }
}
