#include <emmintrin.h>

#include "model/predictor/compiled_model.h"

namespace roicast::predictor {
namespace {
namespace sse2 {
#include "model/predictor/kernels.inc"
#include "model/predictor/simd_sse2.h"
}  // namespace sse2
}  // namespace

const Kernels kSse2Kernels = {"sse2",         sse2::PredictRow, sse2::PredictRows, sse2::PredictColumns,
                              sse2::Evaluate, sse2::Calendar};

}  // namespace roicast::predictor
