// Which table of kernels this processor runs.
#include "kernels.h"

#include <cstdlib>
#include <cstring>

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace ct {

#if defined(__x86_64__)
// Tiles are switched on per process: their 8 KB of state must be asked for (arch_prctl, ARCH_REQ_XCOMP_PERM).
static bool tiles_permitted() {
#if defined(__linux__)
  constexpr long request_permission = 0x1023, tile_data = 18;
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}

static Level best_level() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return Level::baseline;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512vl"))
    return Level::avx2;
  if (!__builtin_cpu_supports("avx512bf16")) return Level::avx512;
  return __builtin_cpu_supports("amx-bf16") && __builtin_cpu_supports("amx-tile") && tiles_permitted() ? Level::amx : Level::bf16;
}
#else
static Level best_level() { return Level::baseline; }
#endif

static Level &chosen() {
  static Level level = [] {
    Level best = best_level();
    const char *wanted = getenv("ATTUNE_CPU");
    static constexpr const char *names[] = {"baseline", "avx2", "avx512", "bf16", "amx"};
    for (int i = 0; wanted && i < static_cast<int>(best); ++i)
      if (!strcmp(wanted, names[i])) return static_cast<Level>(i);
    return best;
  }();
  return level;
}

Level level() { return chosen(); }
bool set_level(Level wanted) {
  static const Level best = best_level();
  if (wanted > best || wanted < Level::baseline) return false;
  chosen() = wanted;
  return true;
}

const Kernels &kernels(bool bfloat16) {
  switch (chosen()) {
#if defined(__x86_64__)
    case Level::amx: return bfloat16 ? amx::bfloat16 : amx::float32;
    case Level::bf16: return bfloat16 ? bf16::bfloat16 : bf16::float32;
    case Level::avx512: return bfloat16 ? avx512::bfloat16 : avx512::float32;
    case Level::avx2: return bfloat16 ? avx2::bfloat16 : avx2::float32;
#endif
    default: return bfloat16 ? baseline::bfloat16 : baseline::float32;
  }
}

}  // namespace ct
