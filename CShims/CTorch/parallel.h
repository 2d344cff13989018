// Work shared among libtorch's threads.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>

#include <dlfcn.h>

namespace ct {

// Splits [0, count) over libtorch's own OpenMP pool: a second pool would fight it for the cores. The runtime is found by
// name because its file is called differently in each distribution; without it the work runs on this thread.
template <class Body>
inline void parallel(int64_t count, int64_t grain, const Body &body) {
  using Parallel = void (*)(void (*)(void *), void *, unsigned, unsigned);
  static const auto start = reinterpret_cast<Parallel>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  static const auto self = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_thread_num"));
  int64_t threads = std::min<int64_t>(at::get_num_threads(), (count + grain - 1) / std::max<int64_t>(grain, 1));
  if (threads <= 1 || !start || !self) {
    if (count > 0) body(0, int64_t{0}, count);
    return;
  }
  struct Share { const Body &body; int64_t count, threads; } share{body, count, threads};
  start([](void *data) {
    auto &share = *static_cast<Share *>(data);
    int64_t t = self(), size = (share.count + share.threads - 1) / share.threads;
    int64_t begin = t * size, end = std::min(share.count, begin + size);
    if (begin < end) share.body(static_cast<int>(t), begin, end);
  }, &share, static_cast<unsigned>(threads), 0);
}

}  // namespace ct
