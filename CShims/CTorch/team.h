// A few threads that take one long computation through many short phases.
//
// A parallel region costs a wake-up of tens of microseconds where idle threads sleep, and one token needs dozens of phases: so
// the whole step is one region of libtorch's pool, and phases meet at barriers that spin. A thread that waits longer than a
// phase lasts gives its core away, first for a turn and then until it is called, so a busy machine loses turns, not minutes.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>

#include <dlfcn.h>
#include <sched.h>

namespace ct {

class Team {
 public:
  /// Runs `body(team)` on every thread of a team of at most `threads`.
  template <class Body>
  static void run(int64_t threads, const Body &body) {
    using Parallel = void (*)(void (*)(void *), void *, unsigned, unsigned);
    static const auto start = reinterpret_cast<Parallel>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
    static const auto size = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_num_threads"));
    Team team;
    if (threads <= 1 || !start || !size) return body(team);
    struct Job { const Body &body; Team &team; } job{body, team};
    start([](void *data) {
      auto &job = *static_cast<Job *>(data);
      job.team.size_.store(size(), std::memory_order_relaxed);  // the same from each: what the runtime really gave
      job.body(job.team);
    }, &job, static_cast<unsigned>(threads), 0);
  }

  /// Shares [0, count) in runs of at least `grain` (multiples of it), large ones first; returns when all of it is done.
  /// Every thread of the team calls it with the same arguments.
  template <class Body>
  void share(int64_t count, int64_t grain, const Body &body) {
    int64_t size = size_.load(std::memory_order_relaxed);
    if (size == 1) {
      if (count > 0) body(int64_t{0}, count);
      return;
    }
    int64_t begin = next_.load(std::memory_order_relaxed);
    while (begin < count) {
      int64_t run = std::max<int64_t>(1, (count - begin) / (2 * size * grain)) * grain, end = std::min(count, begin + run);
      if (next_.compare_exchange_weak(begin, end, std::memory_order_relaxed)) {
        body(begin, end);
        begin = next_.load(std::memory_order_relaxed);
      }
    }
    meet(size);
  }

 private:
  std::atomic<int64_t> size_{1};
  alignas(64) std::atomic<int64_t> next_{0};
  alignas(64) std::atomic<int64_t> arrived_{0};
  alignas(64) std::atomic<uint32_t> phase_{0};

  void meet(int64_t size) {
    uint32_t phase = phase_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size) {
      arrived_.store(0, std::memory_order_relaxed);
      next_.store(0, std::memory_order_relaxed);
      phase_.store(phase + 1, std::memory_order_release);
      phase_.notify_all();
      return;
    }
    for (int turn = 0; phase_.load(std::memory_order_acquire) == phase; ++turn) {
      if (turn < 2000) pause();
      else if (turn < 2100) sched_yield();
      else phase_.wait(phase, std::memory_order_acquire);
    }
  }
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
};

}  // namespace ct
