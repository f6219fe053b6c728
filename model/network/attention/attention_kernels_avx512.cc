#include "model/network/attention/attention_kernels.h"
#include "model/simd/vector_avx512.h"

namespace roicast::attention {
namespace {
namespace avx512 {
constexpr int W = 16;
#include "model/network/attention/attention_kernels.inc"
}  // namespace avx512
}  // namespace

const Kernels kAvx512Kernels = {
    "avx512",       avx512::Linear,         avx512::LinearGradient, avx512::Normalize,   avx512::NormalizeGradient,
    avx512::Attend, avx512::AttendGradient, avx512::Gate,           avx512::GateGradient};

}  // namespace roicast::attention
