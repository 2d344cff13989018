// The kernels for processors with nothing beyond the compiler's baseline.
#include "kernels.h"

#include <cstdlib>

#define CT_VECTOR_BYTES 16
#define CT_BLOCK_ROWS 4

namespace ct::baseline {
#include "kernels.inc"
}

