// Compiled for AVX-512: see CMakeLists.txt. No header that defines inline functions with external linkage may be
// included.
#define ROICAST_KERNELS kAvx512Kernels
#define ROICAST_KERNELS_NAME "avx512"
#define ROICAST_KERNELS_LANES 16
#include "model/simd/vector_avx512.h"
// clang-format off: the vectors come before what is written in them.
#include "model/network/kernels/kernels_impl.h"
