/// Reads one pickle (protocols 0 to 5) into a `PickleMachine`, with the opcodes that torch's files use.
///
/// Opcodes: CPython's `Lib/pickletools.py`. What may be built: `torch/_weights_only_unpickler.py` allows more; a state dict needs no more than this.
struct Unpickler {
  typealias Failure = PickleMachine.Failure

  private(set) var machine = PickleMachine()
  private let bytes: Bytes
  /// The next byte; after `load`, the byte after the pickle.
  private(set) var offset: Int

  init(_ buffer: UnsafeRawBufferPointer, from offset: Int = 0) {
    bytes = Bytes(buffer)
    self.offset = offset
  }

  /// Runs the pickle to its end and returns its value.
  mutating func load() throws(Failure) -> PickleMachine.Reference {
    while true {
      let start = offset
      do throws(Failure) {
        let opcode: UInt8 = try number()
        if opcode == UInt8(ascii: ".") {
          guard machine.marks.isEmpty else { throw Failure(problem: "the pickle ends inside a group") }
          return try machine.pop()
        }
        try step(opcode)
      } catch {
        throw Failure(offset: error.offset ?? start, problem: error.problem)
      }
    }
  }

  private mutating func step(_ opcode: UInt8) throws(Failure) {
    switch Character(Unicode.Scalar(opcode)) {
    // Framing
    case "\u{80}":
      let version: UInt8 = try number()
      guard version <= 5 else { throw Failure(problem: "found pickle protocol \(version), expected at most 5") }
    case "\u{95}":
      let length: UInt64 = try number()
      guard length <= bytes.count - offset else { throw Failure(problem: "found a frame of \(length) bytes, expected at most \(bytes.count - offset)") }

    // Scalars
    case "N": machine.push(.none)
    case "\u{88}": machine.push(.bool(true))
    case "\u{89}": machine.push(.bool(false))
    case "K": machine.push(.int(Int(try number() as UInt8)))
    case "M": machine.push(.int(Int(try number() as UInt16)))
    case "J": machine.push(.int(Int(try number() as Int32)))
    case "\u{8A}": machine.push(try integer(byteCount: Int(try number() as UInt8)))
    case "\u{8B}": machine.push(try integer(byteCount: Int(try number() as Int32)))
    case "I": machine.push(try textInteger(try line()))
    case "L": machine.push(try textInteger(try line().trimmingSuffix("L")))
    case "G": machine.push(.double(Double(bitPattern: (try number() as UInt64).byteSwapped)))
    case "F": machine.push(try textDouble(try line()))

    // Text
    case "X": machine.push(.string(try text(byteCount: Int(try number() as UInt32))))
    case "\u{8C}": machine.push(.string(try text(byteCount: Int(try number() as UInt8))))
    case "\u{8D}": machine.push(.string(try text(byteCount: try length64())))
    case "U": machine.push(.string(try text(byteCount: Int(try number() as UInt8))))  // Python 2's str
    case "T": machine.push(.string(try text(byteCount: Int(try number() as Int32))))
    case "C": try skip(Int(try number() as UInt8))
    case "B": try skip(Int(try number() as UInt32))
    case "\u{8E}", "\u{96}": try skip(try length64())

    // Containers
    case "(": machine.marks.append(machine.stack.count)
    case "0":
      if machine.top == nil, machine.marks.popLast() != nil { return }
      _ = try machine.pop()
    case "1": _ = try machine.popToMark()
    case "2":
      guard let top = machine.top else { throw Failure(problem: "the pickle duplicates a value of an empty stack") }
      machine.stack.append(top)
    case ")": machine.push(.tuple([]))
    case "\u{85}": try tuple(1)
    case "\u{86}": try tuple(2)
    case "\u{87}": try tuple(3)
    case "t": machine.push(.tuple(try machine.popToMark()))
    case "]": machine.push(.list([]))
    case "l": machine.push(.list(try machine.popToMark()))
    case "a": try machine.append([try machine.pop()], to: try top())
    case "e": try machine.append(try machine.popToMark(), to: try top())
    case "}": machine.push(.dictionary([]))
    case "d":
      let items = try machine.popToMark()
      machine.push(.dictionary([]))
      try machine.set(items, in: try top())
    case "s":
      let value = try machine.pop()
      try machine.set([try machine.pop(), value], in: try top())
    case "u": try machine.set(try machine.popToMark(), in: try top())

    // Memo
    case "q": machine.memo[Int(try number() as UInt8)] = try top()
    case "r": machine.memo[Int(try number() as UInt32)] = try top()
    case "p": machine.memo[try index(try line())] = try top()
    case "\u{94}": machine.memo[machine.memo.count] = try top()
    case "h": try recall(Int(try number() as UInt8))
    case "j": try recall(Int(try number() as UInt32))
    case "g": try recall(try index(try line()))

    // Names and calls
    case "c":
      let module = try line()
      try global("\(module).\(try line())")
    case "\u{93}":
      let (name, module) = (try machine.pop(), try machine.pop())
      guard case .string(let name) = machine[name], case .string(let module) = machine[module] else { throw Failure(problem: "the pickle names a global that is not text") }
      try global("\(module).\(name)")
    case "i":
      let module = try line()
      throw Self.refused("\(module).\(try line())")
    case "R", "\u{81}":
      let arguments = try machine.pop()
      try call(try machine.pop(), arguments)
    case "b": try build()
    case "Q":
      let identifier = try machine.pop()
      machine.push(.storage(try machine.storage(identifier)))

    case "o": throw Failure(problem: "the pickle makes an object (opcode OBJ), which a state dict does not need")
    case "\u{92}": throw Failure(problem: "the pickle makes an object (opcode NEWOBJ_EX), which a state dict does not need")
    case "P": throw Failure(problem: "the pickle has a persistent id as text, expected torch's storage tuple")
    case "\u{82}", "\u{83}", "\u{84}": throw Failure(problem: "the pickle uses Python's extension registry, which is refused")
    default: throw Failure(problem: "found the pickle opcode 0x\(String(opcode, radix: 16)), which a state dict does not need")
    }
  }

  // MARK: Calls

  private static func refused(_ name: String) -> Failure {
    Failure(problem: "the pickle asks for \(name.shortened), which is refused: a state dict needs tensors and containers only")
  }

  private mutating func global(_ name: String) throws(Failure) {
    guard let global = PickleGlobal(rawValue: name) else { throw Self.refused(name) }
    machine.push(.global(global))
  }

  private mutating func call(_ callee: PickleMachine.Reference, _ arguments: PickleMachine.Reference) throws(Failure) {
    guard case .global(let global) = machine[callee] else { throw Failure(problem: "the pickle calls \(machine[callee].kind)") }
    guard case .tuple(let arguments) = machine[arguments] else { throw Failure(problem: "the pickle calls \(global.rawValue) with \(machine[arguments].kind)") }
    switch global {
    case .orderedDict:
      machine.push(.dictionary([]))
      guard let first = arguments.first else { return }
      // Python 2 passes the members as a list of pairs.
      guard arguments.count == 1, case .list(let pairs) = machine[first] else { throw Failure(problem: "the pickle builds an OrderedDict from \(machine[first].kind)") }
      for pair in pairs {
        guard case .list(let pair) = machine[pair] else { throw Failure(problem: "the pickle builds an OrderedDict from \(machine[pair].kind)") }
        try machine.set(pair, in: try top())
      }
    case .rebuildTensor, .rebuildTensor2: machine.push(.tensor(try machine.tensor(arguments)))
    case .rebuildParameter:
      guard let first = arguments.first, case .tensor = machine[first] else { throw Failure(problem: "\(global.rawValue) has no tensor") }
      machine.stack.append(first)
    default: throw Failure(problem: "the pickle calls the storage class \(global.rawValue)")
    }
  }

  /// `state_dict()` carries a `_metadata` attribute with module versions, which nothing here needs.
  private mutating func build() throws(Failure) {
    let state = try machine.pop()
    guard case .dictionary = machine[state], case .dictionary = machine[try top()] else {
      throw Failure(problem: "the pickle sets the state of \(machine[try top()].kind), expected an OrderedDict's attributes")
    }
  }

  // MARK: Operands

  private func top() throws(Failure) -> PickleMachine.Reference {
    guard let top = machine.top else { throw Failure(problem: "the pickle uses a value of an empty stack") }
    return top
  }

  private mutating func tuple(_ count: Int) throws(Failure) {
    var items: [PickleMachine.Reference] = []
    for _ in 0..<count { items.append(try machine.pop()) }
    machine.push(.tuple(items.reversed()))
  }

  private mutating func recall(_ index: Int) throws(Failure) {
    guard let reference = machine.memo[index] else { throw Failure(problem: "the pickle recalls value \(index), which it never stored") }
    machine.stack.append(reference)
  }

  private mutating func number<Value: FixedWidthInteger & BitwiseCopyable>() throws(Failure) -> Value {
    guard let value: Value = bytes.load(offset) else { throw Failure(problem: "the pickle ends without its STOP") }
    offset += MemoryLayout<Value>.size
    return value
  }

  private mutating func length64() throws(Failure) -> Int {
    let length: UInt64 = try number()
    return Int(clamping: length)
  }

  private mutating func take(_ count: Int) throws(Failure) -> Slice<UnsafeRawBufferPointer> {
    guard count >= 0, count <= bytes.count - offset else { throw Failure(problem: "found an operand of \(count) bytes, expected at most \(bytes.count - offset)") }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  private mutating func skip(_ count: Int) throws(Failure) {
    _ = try take(count)
    machine.push(.bytes)
  }

  private mutating func text(byteCount: Int) throws(Failure) -> String {
    guard let text = String(validating: try take(byteCount), as: UTF8.self) else { throw Failure(problem: "found text that is not UTF-8") }
    return text
  }

  /// Text up to the next newline.
  private mutating func line() throws(Failure) -> String {
    guard let end = bytes[offset..<bytes.count].firstIndex(of: UInt8(ascii: "\n")) else { throw Failure(problem: "the pickle ends inside a line") }
    let text = try text(byteCount: end - offset)
    offset += 1
    return text
  }

  /// Little-endian two's complement.
  private mutating func integer(byteCount: Int) throws(Failure) -> PickleMachine.Value {
    let bytes = try take(byteCount)
    guard byteCount <= 8 else { return .bigInteger(Array(bytes)) }
    var value: UInt64 = bytes.last.map { $0 >= 0x80 ? ~0 : 0 } ?? 0
    for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
    return .int(Int(Int64(bitPattern: value)))
  }

  private func textInteger(_ text: String) throws(Failure) -> PickleMachine.Value {
    if text == "01" { return .bool(true) }
    if text == "00" { return .bool(false) }
    return .int(try index(text))
  }

  private func index(_ text: String) throws(Failure) -> Int {
    guard let value = Int(text) else { throw Failure(problem: "found \"\(text.shortened)\", expected an integer") }
    return value
  }

  private func textDouble(_ text: String) throws(Failure) -> PickleMachine.Value {
    guard let value = Double(text) else { throw Failure(problem: "found \"\(text.shortened)\", expected a number") }
    return .double(value)
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: Character) -> String { last == suffix ? String(dropLast()) : self }
}
