internal import Files

extension Template {
  init(json node: JSONNode) throws(InputError) {
    let type = try node.type()
    switch type {
    case "BertProcessing", "RobertaProcessing":
      func id(_ key: String) throws(InputError) -> Int32 {
        let pair = try node.required(key).elements()
        guard pair.count == 2 else { throw node.failure("found \(pair.count) elements in \(key), expected a token and its id") }
        return try pair[1].tokenID()
      }
      let (classifier, separator) = (try id("cls"), try id("sep"))
      self = type == "BertProcessing" ? .bert(classifier: classifier, separator: separator) : .roberta(start: classifier, end: separator)
    case "TemplateProcessing":
      var special: [String: [Int32]] = [:]
      if let tokens = node["special_tokens"] {
        for (name, _) in try tokens.object() {
          var ids: [Int32] = []
          for id in try tokens.required(name).required("ids").elements() { ids.append(try id.tokenID()) }
          special[name] = ids
        }
      }
      self.init(single: try Self.pieces(node.required("single"), special), pair: try Self.pieces(node.required("pair"), special))
    default:
      throw node.failure(
        "found the post-processor \(JSON.string(type).encoded()); supported: TemplateProcessing, BertProcessing, RobertaProcessing, null")
    }
  }

  private static func pieces(_ node: JSONNode, _ special: [String: [Int32]]) throws(InputError) -> [Piece] {
    var result: [Piece] = []
    for element in try node.elements() {
      if let text = element["Sequence"] {
        let name = try text.required("id").string()
        guard name == "A" || name == "B" else { throw text.failure("found the text \(JSON.string(name).encoded()), expected \"A\" or \"B\"") }
        result.append(.text(isPair: name == "B", type: try text.required("type_id").tokenID()))
      } else if let token = element["SpecialToken"] {
        let name = try token.required("id").string()
        guard let ids = special[name] else {
          throw token.failure("the template names \(JSON.string(name).encoded()), which special_tokens does not define")
        }
        result.append(.special(ids, type: try token.required("type_id").tokenID()))
      } else {
        throw element.failure("found \(element.value.kind), expected an object with \"Sequence\" or \"SpecialToken\"")
      }
    }
    return result
  }
}
