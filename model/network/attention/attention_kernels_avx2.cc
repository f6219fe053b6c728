#include "model/network/attention/attention_kernels.h"
#include "model/simd/vector_avx2.h"

namespace roicast::attention {
namespace {
namespace avx2 {
constexpr int W = 8;
#include "model/network/attention/attention_kernels.inc"
}  // namespace avx2
}  // namespace

const Kernels kAvx2Kernels = {
    "avx2",       avx2::Linear,         avx2::LinearGradient, avx2::Normalize,   avx2::NormalizeGradient,
    avx2::Attend, avx2::AttendGradient, avx2::Gate,           avx2::GateGradient};

}  // namespace roicast::attention
