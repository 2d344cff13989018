import Files
import TestSupport
import Testing
import Torch

/// One row of Tests/Fixtures/torch/operations.json, which `scripts/reference/torch_operations.py` writes: an operation, what goes
/// in, and what PyTorch gave forward and backward. Numbers name tensors of operations.safetensors.
struct OperationCase: Sendable, CustomTestStringConvertible {
  let row: Int
  /// The C function's name without `ct_`.
  let operation: String
  let inputs: [Int?]
  let parameters: JSONObject
  let outputs: [Int]
  /// One for each input; nil for inputs that do not want a gradient.
  let gradients: [Int?]
  /// Whether it ran inside `autocast(.bfloat16)`.
  let autocast: Bool

  static let golden = try! GoldenTensors(Fixtures.path("torch/operations.safetensors"))
  static let all: [OperationCase] = try! JSON.read(Fixtures.path("torch/operations.json")).array!.enumerated().map(OperationCase.init)

  private init(row: Int, _ json: JSON) {
    self.row = row
    operation = json["op"]!.string!
    inputs = json["inputs"]!.array!.map(\.int)
    parameters = json["parameters"]?.object ?? [:]
    outputs = json["outputs"]!.array!.map { $0.int! }
    gradients = json["gradients"]?.array?.map(\.int) ?? inputs.map { _ in nil }
    autocast = json["autocast"]?.bool ?? false
  }

  static func entry(_ number: Int) -> GoldenTensors.Entry { golden[String(number)] }

  var testDescription: String {
    let shapes = inputs.map { $0.map { "\(Self.entry($0).dtype)\(Self.entry($0).shape)" } ?? "nil" }
    return "\(operation)(\(shapes.joined(separator: ", "))) \(JSON.object(parameters).encoded()), row \(row)\(autocast ? ", autocast" : "")"
  }
}

/// What an operation of the table is called with.
struct Arguments {
  let tensors: [Tensor?]
  let parameters: JSONObject

  subscript(index: Int) -> Tensor { tensors[index]! }
  /// The tensors of an operation over a list.
  var list: [Tensor] { tensors.map { $0! } }

  func int(_ name: String) -> Int { parameters[name]!.int! }
  func int(_ name: String, or absent: Int) -> Int { parameters[name]?.int ?? absent }
  func ints(_ name: String) -> [Int] { parameters[name]!.array!.map { $0.int! } }
  func double(_ name: String) -> Double { parameters[name]!.double! }
  func optional(_ name: String) -> Double? { parameters[name]?.double }
  func bool(_ name: String) -> Bool { parameters[name]!.bool! }
  func has(_ name: String) -> Bool { parameters[name] != nil }
  func string(_ name: String) -> String { parameters[name]!.string! }
  var value: Double { double("value") }
  var dim: Int { int("dim") }
  var dtype: DType { DType.allCases.first { $0.description == string("dtype") }! }
  var generator: Generator { Generator(seed: UInt64(int("seed"))) }
  var reduction: Reduction {
    switch parameters["reduction"]?.string {
    case "none": .none
    case "sum": .sum
    default: .mean
    }
  }
}

/// How the inputs lie in memory; the results must not depend on it.
enum Layout: String, CaseIterable, Sendable {
  /// Row-major.
  case contiguous
  /// Every other element of a larger tensor.
  case strided
  /// The first dimension varies fastest in place of the last.
  case transposed

  func apply(_ tensor: Tensor) -> Tensor {
    switch self {
    case .contiguous: tensor
    case .strided: Tensor.stacked([tensor, tensor], dim: -1).select(-1, 0)
    case .transposed: tensor.rank < 2 ? tensor : tensor.transposed(0, -1).contiguous().transposed(0, -1)
    }
  }
}

extension DType {
  /// The name safetensors uses.
  var format: String {
    switch self {
    case .uint8: "U8"
    case .int8: "I8"
    case .int16: "I16"
    case .int32: "I32"
    case .int64: "I64"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .float32: "F32"
    case .float64: "F64"
    case .bool: "BOOL"
    }
  }
}

extension GoldenTensors.Entry {
  func tensor() -> Tensor {
    switch dtype {
    case "F32": Tensor(floats, shape: shape)
    case "F64": Tensor(doubles, shape: shape)
    case "I64": Tensor(integers, shape: shape)
    case "U8": Tensor(bytes, shape: shape)
    case "BOOL": Tensor(integers.map { $0 != 0 }, shape: shape)
    default: Tensor(integersOrFloats, shape: shape).to(DType.allCases.first { $0.format == dtype }!)
    }
  }
  private var integersOrFloats: [Float] { dtype.hasPrefix("I") ? integers.map(Float.init) : floats }
}

/// Dtype and shape exactly; values to the tolerance of the dtype: nothing for integers, 1e-10 for float64, 1e-5 for float32 and two
/// units in the last place of bfloat16 for anything computed in it.
func expectEqual(_ found: Tensor, _ expected: GoldenTensors.Entry, bfloat16: Bool, _ what: String) {
  #expect(found.dtype.format == expected.dtype, "dtype of \(what)")
  #expect(found.shape == expected.shape, "shape of \(what)")
  guard found.dtype.format == expected.dtype, found.shape == expected.shape else { return }
  let coarse = 1.0 / 64
  switch found.dtype {
  case .float64: expectClose(found.array(Double.self), expected.doubles, what)
  case .float16, .bfloat16: expectClose(found.array(Float.self), expected.floats, relative: coarse, absolute: coarse, what)
  case .float32:
    let tolerance = bfloat16 ? coarse : 1e-5
    expectClose(found.array(Float.self), expected.floats, relative: tolerance, absolute: tolerance, what)
  default: #expect(found.array(Int.self) == expected.integers, "\(what)")
  }
}
