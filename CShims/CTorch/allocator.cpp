// Memory of large CPU tensors: one address range of our own instead of malloc.
//
// A training step allocates and frees hundreds of megabytes whose sizes differ from step to step. malloc either maps and
// faults them in anew each time, or keeps them in the heap, where small long-lived objects between them stop it from
// merging the holes: gigabytes after an epoch. Here large tensors have the range to themselves, so at the end of a step
// everything merges again, and the pages stay.
#include "support.h"

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include <sys/mman.h>

namespace ct {

class Arena final : public c10::Allocator {
 public:
  // Smaller requests go to malloc, which is good at them.
  static constexpr size_t kSmallest = 1 << 16, kPage = 4096, kRange = size_t{1} << 40;

  static Arena &shared() {
    static auto arena = new Arena;  // never destroyed: tensors may outlive every static object
    return *arena;
  }

  bool reserve() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (base_) return true;
    auto range = mmap(nullptr, kRange, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) return false;  // a system that promises no more memory than it has: malloc it is
    madvise(range, kRange, MADV_HUGEPAGE);
    base_ = static_cast<char *>(range);
    insert(base_, kRange);
    return true;
  }

  c10::DataPtr allocate(size_t size) override {
    void *memory = take(size);
    return {memory, memory, &Arena::give_back, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &Arena::give_back; }
  void copy_data(void *target, const void *source, size_t count) const override { default_copy_data(target, source, count); }

  void release() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto &[address, size] : holes_) {
      // The last hole reaches to the end of the range; only what was ever used has pages.
      if (address < top_) madvise(address, std::min(size, static_cast<size_t>(top_ - address)), MADV_DONTNEED);
    }
    top_ = base_;
    for (auto &[address, size] : taken_) top_ = std::max(top_, address + size);
  }

 private:
  std::mutex mutex_;
  char *base_ = nullptr, *top_ = nullptr;
  std::map<char *, size_t> holes_;                    // by address, never adjacent
  std::set<std::pair<size_t, char *>> by_size_;       // the same: the smallest that fits, lowest first
  std::unordered_map<char *, size_t> taken_;

  void insert(char *address, size_t size) {
    holes_.emplace(address, size);
    by_size_.emplace(size, address);
  }
  void remove(std::map<char *, size_t>::iterator hole) {
    by_size_.erase({hole->second, hole->first});
    holes_.erase(hole);
  }

  void *take(size_t size) {
    if (size < kSmallest) return size ? c10::alloc_cpu(size) : nullptr;
    size = (size + kPage - 1) / kPage * kPage;
    std::lock_guard<std::mutex> lock(mutex_);
    auto fit = by_size_.lower_bound({size, nullptr});
    TORCH_CHECK_WITH(OutOfMemoryError, fit != by_size_.end(), "no room for a tensor of ", size, " bytes");
    auto hole = holes_.find(fit->second);
    auto [address, room] = *hole;
    remove(hole);
    if (room > size) insert(address + size, room - size);
    taken_.emplace(address, size);
    top_ = std::max(top_, address + size);
    return address;
  }

  static void give_back(void *memory) {
    auto &arena = shared();
    auto address = static_cast<char *>(memory);
    if (!arena.base_ || address < arena.base_ || address >= arena.base_ + kRange) {
      c10::free_cpu(memory);
      return;
    }
    std::lock_guard<std::mutex> lock(arena.mutex_);
    auto taken = arena.taken_.find(address);
    auto size = taken->second;
    arena.taken_.erase(taken);
    auto next = arena.holes_.lower_bound(address);
    if (next != arena.holes_.end() && next->first == address + size) {
      size += next->second;
      arena.remove(next);
    }
    auto previous = arena.holes_.lower_bound(address);
    if (previous != arena.holes_.begin()) {
      --previous;
      if (previous->first + previous->second == address) {
        address = previous->first;
        size += previous->second;
        arena.remove(previous);
      }
    }
    arena.insert(address, size);
  }
};

}  // namespace ct

using namespace ct;

void ct_keep_freed_memory(void) {
  if (Arena::shared().reserve()) c10::SetCPUAllocator(&Arena::shared(), /*priority=*/100);
}

void ct_release_freed_memory(void) { Arena::shared().release(); }
