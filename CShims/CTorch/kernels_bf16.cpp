// The kernels for processors that multiply bfloat16 pairs (AVX512-BF16: AMD from Zen 4, Intel from Cooper Lake).
#include "kernels.h"

#if defined(__x86_64__)
#include <cstdlib>
#include <immintrin.h>

#define CT_VECTOR_BYTES 64
#define CT_BLOCK_ROWS 8
#define CT_NATIVE_BF16 1
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma"))), apply_to = function)
namespace ct::bf16 {
#include "kernels.inc"
}
#pragma clang attribute pop
#endif
