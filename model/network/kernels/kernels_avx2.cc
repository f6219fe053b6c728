// Compiled for AVX2: see CMakeLists.txt. No header that defines inline functions with external linkage may be included.
#define ROICAST_KERNELS kAvx2Kernels
#define ROICAST_KERNELS_NAME "avx2"
#define ROICAST_KERNELS_LANES 8
#include "model/simd/vector_avx2.h"
// clang-format off: the vectors come before what is written in them.
#include "model/network/kernels/kernels_impl.h"
