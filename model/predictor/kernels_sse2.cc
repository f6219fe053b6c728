#include <emmintrin.h>

#include "model/predictor/compiled_model.h"

namespace roicast::predictor {
namespace {
namespace sse2 {
// The vector type comes before what is written in it.
// clang-format off
#include "model/predictor/simd_sse2.h"
#include "model/predictor/kernels.inc"
// clang-format on
}  // namespace sse2
}  // namespace

const Kernels kSse2Kernels = {"sse2",         sse2::PredictRow, sse2::PredictRows, sse2::PredictColumns,
                              sse2::Evaluate, sse2::Calendar};

}  // namespace roicast::predictor
