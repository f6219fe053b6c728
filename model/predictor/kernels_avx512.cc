#include "model/predictor/compiled_model.h"
#include "model/simd/vector_avx512.h"

namespace roicast::predictor {
namespace {
namespace avx512 {
constexpr int W = 16;
#include "model/predictor/kernels.inc"
}  // namespace avx512
}  // namespace

const Kernels kAvx512Kernels = {"avx512",
                                avx512::PredictRow,
                                avx512::PredictRows,
                                avx512::PredictColumns,
                                avx512::SpreadRows,
                                avx512::SpreadColumns,
                                avx512::Intervals,
                                avx512::CountAtMost,
                                avx512::CountBetween,
                                avx512::Evaluate,
                                avx512::Calendar};

}  // namespace roicast::predictor
