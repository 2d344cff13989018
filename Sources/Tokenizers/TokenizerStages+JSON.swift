internal import Files

extension SpaceNormalizer {
  /// Reads the normalisers of Llama 2: `Prepend`, `Replace`, or a `Sequence` of them.
  init(json node: JSONNode) throws(InputError) {
    var parts = [node]
    if try node.type() == "Sequence" { parts = try node.required("normalizers").elements() }
    var prepends = false
    var marks = false
    for part in parts {
      let type = try part.type()
      if type == "Prepend", part["prepend"]?.value.string == BPEModel.mark {
        prepends = true
      } else if part.replaces(" ", with: BPEModel.mark) {
        marks = true
      } else {
        throw part.failure(
          "found the normalizer \(JSON.string(type).encoded()) for BPE; supported: Prepend \"▁\", Replace \" \" with \"▁\", a Sequence of these, null")
      }
    }
    guard marks || !prepends else { throw node.failure("found Prepend without Replace, which is not supported") }
    self.init(prepends: prepends, marksSpaces: marks)
  }
}

extension JSONNode {
  /// Whether this is `{"type": "Replace", "pattern": {"String": old}, "content": new}`.
  fileprivate func replaces(_ old: String, with new: String) -> Bool {
    value["type"]?.string == "Replace" && value["pattern"]?["String"]?.string == old && value["content"]?.string == new
  }
}

/// One stage of a pre-tokenizer.
enum WordStage {
  case byteLevel(addsPrefixSpace: Bool, usesPattern: Bool)
  case pattern(BytePattern)
  case metaspace(BPEWords.SpacePrefix, splits: Bool)
  case punctuation
  case splitter(WordSplitter)

  static func read(_ node: JSONNode) throws(InputError) -> [WordStage] {
    switch try node.type() {
    case "Sequence":
      var stages: [WordStage] = []
      for part in try node.required("pretokenizers").elements() { stages += try read(part) }
      return stages
    case "ByteLevel":
      return [.byteLevel(addsPrefixSpace: try node.flag("add_prefix_space", true), usesPattern: try node.flag("use_regex", true))]
    case "Split": return [.pattern(try BytePattern(json: node))]
    case "Metaspace":
      let mark = try node["replacement"]?.string() ?? BPEModel.mark
      guard mark == BPEModel.mark else { throw node.failure("found the replacement \(JSON.string(mark).encoded()), expected \"▁\"") }
      let scheme = try metaspaceScheme(node)
      guard let prefix = BPEWords.SpacePrefix(rawValue: scheme) else {
        throw node.failure("found prepend_scheme \(JSON.string(scheme).encoded()), expected always, first or never")
      }
      return [.metaspace(prefix, splits: try node.flag("split", true))]
    case "Punctuation" where (try node["behavior"]?.string() ?? "Isolated") == "Isolated": return [.punctuation]
    default: return [.splitter(try WordSplitter(json: node))]
    }
  }
}

/// Files of 2023 and before say add_prefix_space.
private func metaspaceScheme(_ node: JSONNode) throws(InputError) -> String {
  if let scheme = node["prepend_scheme"] { return try scheme.string() }
  return try node.flag("add_prefix_space", true) ? "always" : "never"
}

extension BytePattern {
  init(json node: JSONNode) throws(InputError) {
    let pattern = try node.required("pattern")
    let source = pattern.value["Regex"]?.string ?? pattern.value["String"]?.string ?? ""
    let behavior = try node.required("behavior").string()
    let inverts = try node.flag("invert", false)
    // The patterns match everywhere, so these two ways of saying "the matches are the words" are the same.
    let keepsMatches = behavior == "Isolated" || behavior == "Removed" && inverts
    if keepsMatches, source == Self.gpt2Source { self = .gpt2 }
    else if keepsMatches, source == Self.llama3Source { self = .llama3 }
    else {
      throw node.failure(
        "found the split pattern \(JSON.string(source).encoded()) (\(behavior)); supported: those of GPT-2 and Llama 3",
        advice: "Use a model of the BERT, RoBERTa, LLaMA or Mistral families")
    }
  }
}

extension BPEWords {
  init(_ stages: [WordStage], marksSpaces: Bool, cutsAtSpaces: Bool, _ node: JSONNode) throws(InputError) {
    switch stages.count == 1 ? stages[0] : nil {
    case .byteLevel(let prefix, let usesPattern)?: self = .bytes(usesPattern ? .gpt2 : .whole, addsPrefixSpace: prefix)
    case .metaspace(let prefix, let splits)?:
      self = .marked(prefix: prefix, cut: splits ? .beforeEach : cutsAtSpaces ? .beforeRuns : nil)
    case .splitter(let splitter)? where !marksSpaces: self = .split(splitter)
    default:
      if stages.isEmpty {
        self = marksSpaces ? .marked(prefix: .never, cut: cutsAtSpaces ? .beforeRuns : nil) : .split(.none)
      } else if stages.count == 2, case .pattern(let pattern) = stages[0], case .byteLevel(let prefix, false) = stages[1], !prefix {
        self = .bytes(pattern, addsPrefixSpace: false)
      } else {
        throw node.failure("found a combination of pre-tokenizers that is not supported; supported: ByteLevel, Split then ByteLevel, Metaspace")
      }
    }
  }
}

/// What a `post_processor` says: the template, and whether offsets leave white space out.
struct PostProcessors {
  var template: Template?
  var trimming: OffsetTrimming?

  init() {}

  init(json node: JSONNode) throws(InputError) {
    switch try node.type() {
    case "Sequence": for part in try node.required("processors").elements() { try add(part) }
    default: try add(node)
    }
  }

  private mutating func add(_ node: JSONNode) throws(InputError) {
    let type = try node.type()
    if type == "ByteLevel" || type == "RobertaProcessing", try node.flag("trim_offsets", true) {
      trimming = OffsetTrimming(addsPrefixSpace: try node.flag("add_prefix_space", true))
    }
    if type != "ByteLevel" { template = try Template(json: node) }
  }
}

extension TokenDecoder {
  init(json node: JSONNode) throws(InputError) {
    switch try node.type() {
    case "ByteLevel": self = .bytes
    case "Metaspace":
      self = .metaspace(dropsFirst: try metaspaceScheme(node) != "never")
    case "Sequence":
      var bytes = false
      var strips = false
      for part in try node.required("decoders").elements() {
        let type = try part.type()
        if type == "ByteFallback" {
          bytes = true
        } else if type == "Strip", part.value["content"]?.string == " ", part.value["start"]?.int == 1, part.value["stop"]?.int == 0 {
          strips = true
        } else if type != "Fuse" && !part.replaces(BPEModel.mark, with: " ") {
          throw Self.unsupported(part, type)
        }
      }
      self = .marked(bytes: bytes, stripsFirst: strips)
    default: throw Self.unsupported(node, try node.type())
    }
  }

  private static func unsupported(_ node: JSONNode, _ type: String) -> InputError {
    node.failure("found the decoder \(JSON.string(type).encoded()) as it is here; supported: ByteLevel, Metaspace, Llama's Sequence, null")
  }
}
