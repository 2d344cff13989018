package import Torch

extension Generator {
  /// A stream of its own for the tensor `name` of a model that is drawn from `seed`, so that tensors can be drawn in any order: the seed is mixed
  /// into FNV-1a of the name.
  package convenience init(seed: UInt64, name: String) {
    self.init(seed: name.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ seed &* 0x9E37_79B9_7F4A_7C15) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
  }
}
