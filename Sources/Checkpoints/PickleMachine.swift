/// What a checkpoint's pickle may build: plain values, containers, and tensors over storages. Nothing runs.
///
/// Values live in one array and refer to each other by index. So sharing and cycles cost nothing, freeing never recurses, and there are at
/// most as many values as the pickle has bytes.
struct PickleMachine {
  typealias Reference = Int

  enum Value {
    case none
    case bool(Bool)
    case int(Int)
    /// An integer beyond 64 bits, as the pickle's little-endian two's complement.
    case bigInteger([UInt8])
    case double(Double)
    case string(String)
    case bytes
    case tuple([Reference])
    case list([Reference])
    case dictionary([(key: Reference, value: Reference)])
    case global(PickleGlobal)
    case storage(PickleStorage)
    case tensor(PickleTensor)

    /// For messages.
    var kind: String {
      switch self {
      case .none: "None"
      case .bool: "a bool"
      case .int, .bigInteger: "an int"
      case .double: "a float"
      case .string: "a string"
      case .bytes: "bytes"
      case .tuple: "a tuple"
      case .list: "a list"
      case .dictionary: "a dict"
      case .global(let global): global.rawValue
      case .storage: "a storage"
      case .tensor: "a tensor"
      }
    }
  }

  struct Failure: Error {
    /// Where in the bytes the machine read, or nil when the whole is meant.
    var offset: Int?
    var problem: String
  }

  private(set) var values: [Value] = []
  var stack: [Reference] = []
  /// Heights of the stack at each MARK.
  var marks: [Int] = []
  /// A dictionary: a pickle may use any index, however large.
  var memo: [Int: Reference] = [:]

  subscript(reference: Reference) -> Value {
    get { values[reference] }
    set { values[reference] = newValue }
  }

  mutating func push(_ value: Value) {
    stack.append(values.count)
    values.append(value)
  }

  /// The top of the stack, not below the last mark.
  var top: Reference? { stack.count > (marks.last ?? 0) ? stack.last : nil }

  mutating func pop() throws(Failure) -> Reference {
    guard let top else { throw Failure(problem: "the pickle takes a value from an empty stack") }
    stack.removeLast()
    return top
  }

  /// Removes and returns what was pushed since the last MARK.
  mutating func popToMark() throws(Failure) -> [Reference] {
    guard let mark = marks.popLast() else { throw Failure(problem: "the pickle closes a group that it did not open") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  mutating func append(_ items: [Reference], to target: Reference) throws(Failure) {
    guard case .list(var list) = values[target] else { throw Failure(problem: "the pickle appends to \(values[target].kind)") }
    values[target] = .none  // so that the array is extended in place
    list.append(contentsOf: items)
    values[target] = .list(list)
  }

  mutating func set(_ items: [Reference], in target: Reference) throws(Failure) {
    guard case .dictionary(var members) = values[target] else { throw Failure(problem: "the pickle sets an item of \(values[target].kind)") }
    guard items.count % 2 == 0 else { throw Failure(problem: "the pickle sets a key without a value") }
    values[target] = .none
    for index in stride(from: 0, to: items.count, by: 2) { members.append((items[index], items[index + 1])) }
    values[target] = .dictionary(members)
  }
}

/// The names a pickle may mention. Everything else is refused before anything is done with it.
enum PickleGlobal: String {
  case orderedDict = "collections.OrderedDict"
  case rebuildTensor = "torch._utils._rebuild_tensor"
  case rebuildTensor2 = "torch._utils._rebuild_tensor_v2"
  case rebuildParameter = "torch._utils._rebuild_parameter"
  case float64 = "torch.DoubleStorage"
  case float32 = "torch.FloatStorage"
  case float16 = "torch.HalfStorage"
  case bfloat16 = "torch.BFloat16Storage"
  case int64 = "torch.LongStorage"
  case int32 = "torch.IntStorage"
  case int16 = "torch.ShortStorage"
  case int8 = "torch.CharStorage"
  case uint8 = "torch.ByteStorage"
  case bool = "torch.BoolStorage"

  /// The elements of a storage class; nil for the functions.
  var dtype: StoredDType? {
    switch self {
    case .float64: .f64
    case .float32: .f32
    case .float16: .f16
    case .bfloat16: .bf16
    case .int64: .i64
    case .int32: .i32
    case .int16: .i16
    case .int8: .i8
    case .uint8: .u8
    case .bool: .bool
    default: nil
    }
  }
}

/// A block of elements, named by a key that the container resolves.
struct PickleStorage {
  let key: String
  let dtype: StoredDType
  /// Number of elements.
  let count: Int
}

/// A view of a storage, in elements; bounds are checked by `StorageView`, against the storage's real size.
struct PickleTensor {
  let storage: PickleStorage
  let offset: Int
  let shape: [Int]
  let strides: [Int]
}
