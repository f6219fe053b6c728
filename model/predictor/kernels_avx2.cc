#include <immintrin.h>

#include "model/predictor/compiled_model.h"

namespace roicast::predictor {
namespace {
namespace avx2 {
// The vector type comes before what is written in it.
// clang-format off
#include "model/predictor/simd_avx2.h"
#include "model/predictor/kernels.inc"
// clang-format on
}  // namespace avx2
}  // namespace

const Kernels kAvx2Kernels = {"avx2",         avx2::PredictRow, avx2::PredictRows, avx2::PredictColumns,
                              avx2::Evaluate, avx2::Calendar};

}  // namespace roicast::predictor
