#include "model/predictor/compiled_model.h"
#include "model/simd/vector_avx2.h"

namespace roicast::predictor {
namespace {
namespace avx2 {
constexpr int W = 8;
#include "model/predictor/kernels.inc"
}  // namespace avx2
}  // namespace

const Kernels kAvx2Kernels = {
    "avx2",          avx2::PredictRow,  avx2::PredictRows,  avx2::PredictColumns, avx2::SpreadRows, avx2::SpreadColumns,
    avx2::Intervals, avx2::CountAtMost, avx2::CountBetween, avx2::Evaluate,       avx2::Calendar};

}  // namespace roicast::predictor
