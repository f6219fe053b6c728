// Compiled for Avx2: see CMakeLists.txt. No header with inline functions may be included here.
#define ROICAST_KERNELS kAvx2Kernels
#define ROICAST_KERNELS_NAME "avx2"
#define ROICAST_KERNELS_LANES 8
#include "model/network/kernels/kernels_impl.h"
