#include "model/network/attention/attention_kernels.h"
#include "model/simd/vector_sse2.h"

namespace roicast::attention {
namespace {
namespace sse2 {
constexpr int W = 4;
#include "model/network/attention/attention_kernels.inc"
}  // namespace sse2
}  // namespace

const Kernels kSse2Kernels = {
    "sse2",       sse2::Linear,         sse2::LinearGradient, sse2::Normalize,   sse2::NormalizeGradient,
    sse2::Attend, sse2::AttendGradient, sse2::Gate,           sse2::GateGradient};

}  // namespace roicast::attention
