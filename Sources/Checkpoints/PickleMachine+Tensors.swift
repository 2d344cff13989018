extension PickleMachine {
  /// The storage that a persistent id names: `("storage", class, key, location, count)`, in the legacy format with a view as sixth.
  /// The location (`cuda:0`, say) is where it was; it is always read to the host.
  func storage(_ identifier: Reference) throws(Failure) -> PickleStorage {
    guard case .tuple(let parts) = self[identifier], parts.count == 5 || parts.count == 6,
      case .string("storage") = self[parts[0]], case .global(let global) = self[parts[1]], let dtype = global.dtype,
      case .string(let key) = self[parts[2]], case .int(let count) = self[parts[4]]
    else { throw Failure(problem: "a persistent id is not torch's (\"storage\", class, key, location, count)") }
    guard count >= 0, !count.multipliedReportingOverflow(by: dtype.bits).overflow else { throw Failure(problem: "storage \(key.shortened) claims \(count) elements") }
    if parts.count == 6 {
      guard case .none = self[parts[5]] else { throw Failure(problem: "storage \(key.shortened) is a view of another (torch before 0.4)") }
    }
    return PickleStorage(key: key, dtype: dtype, count: count)
  }

  /// The arguments of `_rebuild_tensor[_v2]`: storage, offset, size, stride, then hooks and flags that do not matter here.
  func tensor(_ arguments: [Reference]) throws(Failure) -> PickleTensor {
    guard arguments.count >= 4, case .storage(let storage) = self[arguments[0]], case .int(let offset) = self[arguments[1]],
      let shape = integers(arguments[2]), let strides = integers(arguments[3])
    else { throw Failure(problem: "a tensor's arguments are not (storage, offset, size, stride, …)") }
    guard shape.count == strides.count, shape.count <= StoredTensor.maximumRank else {
      throw Failure(problem: "a tensor has \(shape.count) sizes and \(strides.count) strides, expected equally many, at most \(StoredTensor.maximumRank)")
    }
    guard offset >= 0, let count = StoredTensor.count(shape), strides.allSatisfy({ $0 >= 0 }) else {
      throw Failure(problem: "a tensor has a negative offset, size or stride, or too many elements: \(offset), \(shape), \(strides)")
    }
    // The last element's position must lie in the storage.
    var last = offset
    var overflow = false
    if count > 0 {
      for (size, stride) in zip(shape, strides) {
        let (step, stepOverflow) = (size - 1).multipliedReportingOverflow(by: stride)
        let (sum, sumOverflow) = last.addingReportingOverflow(step)
        (last, overflow) = (sum, overflow || stepOverflow || sumOverflow)
      }
    }
    guard !overflow, count == 0 ? offset <= storage.count : last < storage.count, !count.multipliedReportingOverflow(by: storage.dtype.bits).overflow else {
      throw Failure(problem: "a tensor of shape \(shape), strides \(strides) and offset \(offset) does not fit its storage of \(storage.count) elements")
    }
    return PickleTensor(storage: storage, offset: offset, shape: shape, strides: strides)
  }

  private func integers(_ reference: Reference) -> [Int]? {
    guard case .tuple(let items) = self[reference] else { return nil }
    var result: [Int] = []
    for item in items {
      guard case .int(let value) = self[item] else { return nil }
      result.append(value)
    }
    return result
  }

  /// The tensors of a state dict, in order: `root` itself, or its member `state_dict` where a training loop saved more around it.
  func stateDict(_ root: Reference) throws(Failure) -> [(name: String, tensor: PickleTensor)] {
    guard case .dictionary(var members) = self[root] else { throw Failure(problem: "found \(self[root].kind), expected a dict of tensors") }
    let nested = members.last { if case .string("state_dict") = self[$0.key], case .dictionary = self[$0.value] { true } else { false } }
    if let nested, case .dictionary(let inner) = self[nested.value] { members = inner }

    var result: [(name: String, tensor: PickleTensor)] = []
    result.reserveCapacity(members.count)
    for (key, value) in members {
      guard case .string(let name) = self[key] else { throw Failure(problem: "found \(self[key].kind) as a key of the state dict, expected a tensor's name") }
      guard case .tensor(let tensor) = self[value] else { throw Failure(problem: "\"\(name.shortened)\" is \(self[value].kind), expected a tensor") }
      result.append((name, tensor))
    }
    return result
  }
}
