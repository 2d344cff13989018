// The kernels for processors with AVX-512 (F, BW, DQ, VL).
#include "kernels.h"

#if defined(__x86_64__)
#include <cstdlib>
#include <immintrin.h>

#define CT_VECTOR_BYTES 64
#define CT_BLOCK_ROWS 8
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
namespace ct::avx512 {
#include "kernels.inc"
}
#pragma clang attribute pop
#endif
