// The kernels for processors with AMX tiles (Intel from Sapphire Rapids).
#include "kernels.h"

#if defined(__x86_64__)
#include <cstdlib>
#include <immintrin.h>

#define CT_VECTOR_BYTES 64
#define CT_BLOCK_ROWS 8
#define CT_NATIVE_BF16 1
#define CT_AMX 1
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,amx-tile,amx-bf16,avx2,fma"))), apply_to = function)
namespace ct::amx {
#include "kernels.inc"
}
#pragma clang attribute pop
#endif
