// The losses of one row. The training kernels compute the same formulas on vectors; tests compare the two.
//
// Adding one: here and in loss.cc, kernels/kernels_impl.h, artifact/enum_map.h and the proto's enum (kLogistic is not
// in it: the kind of the target asks for it, not a person). The build fails while one of them lacks it.
//
// Sources that are compiled for a newer machine than the one they may run on include this header: it must neither
// define an inline function nor include a header that does.
#pragma once

namespace roicast {

// With e = prediction − truth. Squared: e². Absolute: |e|. Huber: ½ e² up to delta, delta (|e| − ½ delta) beyond;
// Huber, "Robust Estimation of a Location Parameter" (1964). Logistic, of a truth in [0, 1] and a prediction z
// on the scale of log odds: −ln of the probability that 1 / (1 + e^−z) gives to the truth, ln(1 + e^z) − truth · z.
enum class Loss { kSquared, kAbsolute, kHuber, kLogistic };

inline constexpr Loss kAllLosses[] = {Loss::kSquared, Loss::kAbsolute, Loss::kHuber, Loss::kLogistic};

double LossValue(Loss loss, double prediction, double truth, double huber_delta);

// The derivative with respect to the prediction; 0 at the kink of the absolute loss.
double LossDerivative(Loss loss, double prediction, double truth, double huber_delta);

}  // namespace roicast
