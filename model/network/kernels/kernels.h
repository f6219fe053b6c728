// The inner loops of training, one set per vector instruction set, chosen once at startup.
//
// Buffers are row-major float32 with rows padded with zeros to PaddedUnits(). Pointers are 64-byte aligned unless
// stated otherwise. n is a count of floats, a multiple of 8. This header is included by sources that are compiled for a
// newer machine than the one they may run on: it must not include anything with inline functions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/network/activation.h"
#include "model/network/loss.h"
#include "model/simd/instruction_set.h"

namespace roicast {

// 16 independent xoshiro128++ generators, word by word. Blackman and Vigna (2021).
struct DropoutState {
  alignas(64) uint32_t words[4][16];
};

// w ← w − step · m / (√v + epsilon), after m and v are updated with the gradient. Kingma and Ba, "Adam" (2015), with
// the bias corrections included in step and epsilon.
struct AdamCoefficients {
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float one_minus_beta1 = 0.1f;  // separate, because 1 − 0.999f has a relative error of 5e-5
  float one_minus_beta2 = 0.001f;
  float step = 0.0f;
  float epsilon = 1e-8f;
};

struct LossArguments {
  Loss loss = Loss::kSquared;
  float huber_delta = 1.0f;
  float scale = 1.0f;  // of the derivative
};

struct Kernels {
  const char* name;

  // c[i][:] = start + Σ_p a[i · a_row + p · a_depth] · b[p][:] for i < rows: a matrix product whose left factor may be
  // transposed. b [depth, n], c [rows, n]. start: c itself if accumulate, else bias [n], else (null) zero.
  void (*multiply)(const float* a, ptrdiff_t a_row, ptrdiff_t a_depth, int rows, int depth, const float* b, int n,
                   const float* bias, bool accumulate, float* c);

  // values ← f(values) · mask; derivatives ← f'(values) · mask. derivatives, mask: may be null.
  void (*activate)(Activation activation, float* values, float* derivatives, const float* mask, size_t n);

  // z[i] = bias + h[i][:] · w. h [rows, n].
  void (*output_forward)(const float* h, int rows, int n, const float* w, float bias, float* z);

  // dw += Σ_i dz[i] · h[i][:]; dh[i][:] = dz[i] · w ∘ derivatives[i][:] (dh may be null). Returns Σ dz.
  float (*output_backward)(const float* h, int rows, int n, const float* w, const float* dz, const float* derivatives,
                           float* dw, float* dh);

  // dz[i] = scale · weights[i] · loss'(z[i], y[i]); returns Σ weights[i] · loss. n rows: padding rows have weight 0.
  // dz may be null.
  double (*loss)(const LossArguments& arguments, const float* z, const float* y, const float* weights, size_t n,
                 float* dz);

  // sums[:] += Σ_i a[i][:]. a [rows, n].
  void (*column_sums)(const float* a, int rows, int n, float* sums);
  // values[i] *= factors[i].
  void (*multiply_elements)(float* values, const float* factors, size_t n);
  // values[i] *= factor.
  void (*scale)(float* values, float factor, size_t n);
  // average[i] += share · (values[i] − average[i]).
  void (*average)(float* average, const float* values, float share, size_t n);
  double (*squared_norm)(const float* values, size_t n);
  // gradient[i] += l1 · sign(w[i]) + l2 · w[i].
  void (*penalize)(float* gradient, const float* w, float l1, float l2, size_t n);

  void (*adam)(const AdamCoefficients& coefficients, float* w, float* m, float* v, const float* gradient, size_t n);
  // velocity ← momentum · velocity + gradient; w ← w − rate · velocity. Polyak (1964).
  void (*sgd)(float momentum, float rate, float* w, float* velocity, const float* gradient, size_t n);

  // mask[i] = scale with probability keep, else 0. n: a multiple of 16 is written. keep in (0, 1].
  void (*dropout_mask)(DropoutState& state, float keep, float* mask, size_t n);
  // to[i][:] = from[rows[i]][:]. n columns.
  void (*gather)(const float* from, const int32_t* rows, int count, int n, float* to);
};

// The number of columns of a buffer for `units` units.
constexpr int PaddedUnits(int units) { return units <= 8 ? 8 : (units + 15) / 16 * 16; }

extern const Kernels kSse2Kernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;

const Kernels& KernelsFor(InstructionSet set);

// Those of ChosenInstructionSet().
const Kernels& ChosenKernels();

}  // namespace roicast
