// The activations of hidden layers. The kernels of training and of the predictor compute the same formulas on vectors;
// tests compare them with the functions below.
//
// Adding one: here and in activation.cc, kernels/kernels_impl.h, predictor/vector_math.h, artifact/enum_map.h and the
// proto's enum. The build fails while one of them lacks it.
//
// Sources that are compiled for a newer machine than the one they may run on include this header: it must neither
// define an inline function nor include a header that does.
#pragma once

namespace roicast {

enum class Activation { kIdentity, kRelu, kLeakyRelu, kGelu, kSilu, kMish, kTanh };

inline constexpr Activation kAllActivations[] = {Activation::kIdentity, Activation::kRelu, Activation::kLeakyRelu,
                                                 Activation::kGelu,     Activation::kSilu, Activation::kMish,
                                                 Activation::kTanh};

// "ReLU", "SiLU" …
const char* ActivationName(Activation activation);

// f(x). Sources: ReLU: Nair and Hinton (2010). Leaky, of slope 0.01: Maas et al. (2013). GELU, tanh approximation:
// Hendrycks and Gimpel (2016), equal to x σ(2u). SiLU: Elfwing, Uchibe and Doya (2017). Mish: Misra (2019).
double ActivationValue(Activation activation, double x);

// f'(x); at a kink, the value from the left.
double ActivationDerivative(Activation activation, double x);

// Whether f is close to x for large x and suppresses negative x. The weights of such layers are initialised with He's
// variance, those of other layers with Glorot's.
bool IsRectifier(Activation activation);

// Whether f(x) − f(−x) = x for all x, so that two units with opposite weights can pass on a linear sum.
bool PassesLinearSums(Activation activation);

}  // namespace roicast
