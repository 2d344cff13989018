public import Checkpoints
public import Files

/// Finding out what kind of language model a folder holds before it is read.
public enum LanguageModels {
  /// The configuration of the model in `folder`, or of the base model that the adapter there names.
  public static func config(of folder: String) throws(InputError) -> ModelConfig {
    try ModelConfig.read(folder: AdapterFolder.isAdapter(folder) ? AdapterFolder.open(folder).baseFolder() : folder)
  }
}
