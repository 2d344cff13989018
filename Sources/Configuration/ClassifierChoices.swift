/// What is trained.
public enum ClassifierMethod: String, SettingChoice {
  /// Every weight of the encoder.
  case full
  /// Low-rank updates of a frozen encoder, and the head.
  case lora
  /// TF-IDF and logistic regression, no encoder.
  case linear
}

/// What lies between a BERT encoder and the logits.
public enum EncoderHead: String, SettingChoice {
  /// The pretrained pooler, dropout, projection: transformers' classifier. Other families keep their own head.
  case pooler
  /// Dropout and projection of the first token's hidden state.
  case firstToken = "first_token"
  /// Dropout, a new dense layer with tanh, dropout, projection.
  case dense
}

/// Which text of a row the classifier reads.
public enum InputView: String, SettingChoice {
  /// The explanation as it was generated, with its verdict ("Yes, …") where it has one.
  case full
  /// The text after `Reasoning:`, the whole text where there is none.
  case reasoning
  /// Every explanation in both forms: twice the rows in training.
  case both
  /// The post itself.
  case post
  /// The question and the post as a pair, for sets whose questions differ.
  case postAndQuestion = "post+question"
  /// A conversation and the response to it as a pair: dialogue safety.
  case dialogue = "context+response"
}

/// What happens to a row whose gold matches no label rule.
public enum UnmatchedPolicy: String, SettingChoice {
  /// Stop and list the rows.
  case error
  /// Leave the rows out and say how many.
  case drop
}

/// The dataset of a run: one by name, or every one that the data folder has.
public enum DatasetSelection: SettingValue {
  case all
  case named(String)

  public static var expectation: String { "a dataset's name, or all" }
  public init?(spelling: SettingSpelling) {
    guard let text = spelling.text, !text.isEmpty else { return nil }
    self = text == "all" ? .all : .named(text)
  }
  public var yaml: String {
    switch self {
    case .all: "all"
    case .named(let name): name.yaml
    }
  }
}

/// The course of the learning rate after the warm-up.
public enum ScheduleShape: String, SettingChoice {
  /// Straight down to 0 at the last step.
  case linear
  /// Half a cosine down to 0 at the last step.
  case cosine
  /// No change.
  case constant
}

/// The number format of the forward and backward passes; weights and optimizer state stay in fp32.
public enum Precision: String, SettingChoice {
  case fp32, bf16
  /// bf16 where the device multiplies it in hardware, else fp32.
  case auto
}

/// Where tensors live.
public enum DeviceChoice: SettingValue {
  /// The first GPU that works, else the processor.
  case auto
  case cpu
  /// A GPU by index; nil is the first.
  case cuda(Int?)

  public static var expectation: String { "auto, cpu, cuda or cuda:N" }
  public init?(_ text: String) {
    switch text {
    case "auto": self = .auto
    case "cpu": self = .cpu
    case "cuda": self = .cuda(nil)
    default:
      guard text.hasPrefix("cuda:"), let index = Int(text.dropFirst(5)), index >= 0, text == "cuda:\(index)" else { return nil }
      self = .cuda(index)
    }
  }
  public init?(spelling: SettingSpelling) {
    guard let text = spelling.text else { return nil }
    self.init(text)
  }
  public var yaml: String {
    switch self {
    case .auto: "auto"
    case .cpu: "cpu"
    case .cuda(nil): "cuda"
    case .cuda(let index?): "cuda:\(index)"
    }
  }
}

/// How often something happens during training.
public enum Interval: SettingValue {
  case epoch
  case steps(Int)

  public static var expectation: String { "epoch, or a number of steps above 0" }
  public init?(spelling: SettingSpelling) {
    guard let word = spelling.word else { return nil }
    if word == "epoch" {
      self = .epoch
    } else {
      guard let steps = Int(word), steps > 0 else { return nil }
      self = .steps(steps)
    }
  }
  public var yaml: String {
    switch self {
    case .epoch: "epoch"
    case .steps(let count): "\(count)"
    }
  }
}

/// The validation figure that decides which checkpoint is best. All grow with quality but the loss.
public enum BestMetric: String, SettingChoice {
  /// The weighted F1; the loss where a `RefitPolicy` lets it choose only how long to train: on a few held-out rows one error more or less
  /// moves F1 by more than an epoch does.
  case auto
  case weightedF1 = "weighted_f1"
  case macroF1 = "macro_f1"
  case accuracy
  case loss
}

/// Whether the model that is kept is trained once more with the validation rows among its training rows, for as long as they found best.
public enum RefitPolicy: String, SettingChoice {
  /// Where no validation file is published, so that rows held out of the training file would be lost to it.
  case auto
  case always, never
}

/// How much a row's loss counts, by its label.
public enum ClassWeights: SettingValue {
  /// Every row counts 1.
  case off
  /// Inverse to the label's share of the training rows: `rows / (labels · rows of the label)`.
  case automatic
  /// By label; labels not named count 1. In the order written.
  case named([Weight])

  /// One label's weight, above 0.
  public struct Weight: Sendable, Hashable {
    public var label: String
    public var weight: Double
    public init(_ label: String, _ weight: Double) {
      self.label = label
      self.weight = weight
    }
  }

  public static var expectation: String { "off, auto, or weights above 0 by label such as {yes: 2, no: 1}" }
  public init?(spelling: SettingSpelling) {
    switch spelling.raw {
    case .scalar("off", quoted: false): self = .off
    case .scalar("auto", quoted: false): self = .automatic
    case .mapping(let pairs) where !pairs.isEmpty:
      var weights: [Weight] = []
      for pair in pairs {
        guard let weight = Double(spelling: SettingSpelling(raw: pair.value)), weight > 0 else { return nil }
        weights.append(Weight(pair.key, weight))
      }
      self = .named(weights)
    default: return nil
    }
  }
  public var yaml: String {
    switch self {
    case .off: "off"
    case .automatic: "auto"
    case .named(let weights): "{\(weights.map { "\($0.label.yaml): \($0.weight.yaml)" }.joined(separator: ", "))}"
    }
  }
}
