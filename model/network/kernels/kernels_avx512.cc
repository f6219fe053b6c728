// Compiled for Avx512: see CMakeLists.txt. No header with inline functions may be included here.
#define ROICAST_KERNELS kAvx512Kernels
#define ROICAST_KERNELS_NAME "avx512"
#define ROICAST_KERNELS_LANES 16
#include "model/network/kernels/kernels_impl.h"
