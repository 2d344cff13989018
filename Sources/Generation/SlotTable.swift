/// Which slot of the cache holds which tokens: where a request goes, and how much of its prompt is there already.
struct SlotTable {
  private struct Slot {
    /// Tokens whose keys and values were computed as prompt, from position 0 on. Answers are not listed: they went through other
    /// kernels, and a request's numbers must not depend on which.
    var prompt: [Int32] = []
    var isBusy = false
    var lastUse = 0
  }

  /// Where a request was put.
  struct Place: Equatable {
    let slot: Int
    /// Positions that are already right in that slot, or that are to be copied there from `source` first.
    let shared: Int
    let source: Int?
  }

  private var slots: [Slot]
  private var clock = 0

  init(count: Int) { slots = Array(repeating: Slot(), count: count) }

  var hasRoom: Bool { slots.contains { !$0.isBusy } }

  /// Takes a free slot for a prompt. The longest prefix that any slot holds is used, except the last token, whose logits are
  /// needed; ties go to a slot that needs no copy, and what is overwritten is what was used longest ago.
  /// - Parameter arriving: slots whose prompts are being computed, from which nothing can be copied yet.
  /// - Returns: nil when every slot is busy.
  mutating func place(_ prompt: [Int32], arriving: Set<Int> = []) -> Place? {
    let lengths = slots.indices.map { arriving.contains($0) ? 0 : sharedCount(prompt, with: $0) }
    let free = slots.indices.filter { !slots[$0].isBusy }
    guard let oldest = free.min(by: { slots[$0].lastUse < slots[$1].lastUse }) else { return nil }
    let longest = lengths.max() ?? 0
    let inPlace = free.first { lengths[$0] == longest && longest > 0 }
    let target = inPlace ?? oldest
    let source = inPlace == nil && longest > 0 ? lengths.firstIndex(of: longest) : nil
    clock += 1
    slots[target] = Slot(prompt: prompt, isBusy: true, lastUse: clock)
    return Place(slot: target, shared: longest, source: source)
  }

  /// Whether a prompt should wait until those of `arriving` are computed: it begins like one of them for longer than like
  /// anything that is there, by more tokens than a pass of its own costs.
  func shouldWait(_ prompt: [Int32], for arriving: Set<Int>) -> Bool {
    func longest(_ slots: some Sequence<Int>) -> Int { slots.map { sharedCount(prompt, with: $0) }.max() ?? 0 }
    return longest(arriving) > longest(slots.indices.filter { !arriving.contains($0) }) + Self.worthAPass
  }
  private static let worthAPass = 32

  private func sharedCount(_ prompt: [Int32], with slot: Int) -> Int {
    min(zip(slots[slot].prompt, prompt).prefix { $0 == $1 }.count, prompt.count - 1)
  }

  /// Notes that a free slot is given this prompt by other means.
  /// - Returns: whether it holds the whole of it already.
  mutating func lend(_ slot: Int, to prompt: [Int32]) -> Bool {
    defer { slots[slot].prompt = prompt }
    return slots[slot].prompt.starts(with: prompt)
  }

  /// Gives a slot back; its prompt stays until another is put there.
  /// - Parameter count: how many tokens of the prompt are there, where it was not computed to its end.
  mutating func release(_ slot: Int, holding count: Int? = nil) {
    slots[slot].isBusy = false
    if let count { slots[slot].prompt.removeSubrange(count...) }
  }
}
