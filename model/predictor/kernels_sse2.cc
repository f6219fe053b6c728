#include "model/predictor/compiled_model.h"
#include "model/simd/vector_sse2.h"

namespace roicast::predictor {
namespace {
namespace sse2 {
constexpr int W = 4;
#include "model/predictor/kernels.inc"
}  // namespace sse2
}  // namespace

const Kernels kSse2Kernels = {
    "sse2",          sse2::PredictRow,  sse2::PredictRows,  sse2::PredictColumns, sse2::SpreadRows, sse2::SpreadColumns,
    sse2::Intervals, sse2::CountAtMost, sse2::CountBetween, sse2::Evaluate,       sse2::Calendar};

}  // namespace roicast::predictor
