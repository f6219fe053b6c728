// Compiled for SSE2: see CMakeLists.txt. No header that defines inline functions with external linkage may be included.
#define ROICAST_KERNELS kSse2Kernels
#define ROICAST_KERNELS_NAME "sse2"
#define ROICAST_KERNELS_LANES 4
#include "model/simd/vector_sse2.h"
// clang-format off: the vectors come before what is written in them.
#include "model/network/kernels/kernels_impl.h"
