#include <immintrin.h>

#include "model/predictor/compiled_model.h"

namespace roicast::predictor {
namespace {
namespace avx512 {
// The vector type comes before what is written in it.
// clang-format off
#include "model/predictor/simd_avx512.h"
#include "model/predictor/kernels.inc"
// clang-format on
}  // namespace avx512
}  // namespace

const Kernels kAvx512Kernels = {"avx512",         avx512::PredictRow, avx512::PredictRows, avx512::PredictColumns,
                                avx512::Evaluate, avx512::Calendar};

}  // namespace roicast::predictor
