// Compiled for Sse2: see CMakeLists.txt. No header with inline functions may be included here.
#define ROICAST_KERNELS kSse2Kernels
#define ROICAST_KERNELS_NAME "sse2"
#define ROICAST_KERNELS_LANES 4
#include "model/network/kernels/kernels_impl.h"
