public import Torch

/// The activation functions that configurations name (`hidden_act`), under Hugging Face's spellings.
public enum Activation: String, Sendable, CaseIterable {
  case gelu
  case geluNew = "gelu_new"
  case geluTanh = "gelu_pytorch_tanh"
  case relu
  case silu
  case swish
  case tanh

  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .gelu: x.fusedGELU()
    case .geluNew, .geluTanh: x.gelu(tanhApproximation: true)
    case .relu: x.relu()
    case .silu, .swish: x.silu()
    case .tanh: x.tanh()
    }
  }
}
