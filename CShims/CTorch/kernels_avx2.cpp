// The kernels for processors with AVX2 and FMA.
#include "kernels.h"

#if defined(__x86_64__)
#include <cstdlib>

#define CT_VECTOR_BYTES 32
#define CT_BLOCK_ROWS 4
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
namespace ct::avx2 {
#include "kernels.inc"
}
#pragma clang attribute pop
#endif
