// The inner loops of attention over features, one set per vector instruction set.
//
// A quantity of C channels for T tokens of R rows is laid out [C][T][R], R a multiple of 16: vectors run across rows
// and tokens, so that no row's numbers depend on its neighbours. `n` is T · R, or R for token 0 alone, which comes
// first; a stride is the distance from channel to channel. Pointers need no alignment. Included by sources that are
// compiled for a newer machine than the one they may run on: it must not include anything with inline functions.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "model/simd/instruction_set.h"

namespace roicast::attention {

struct Channels {
  float* data;
  ptrdiff_t stride;
};

struct ConstChannels {
  const float* data;
  ptrdiff_t stride;
};

// Σ_i w[i · in + j · out] · x_i for each output j: W may be transposed.
struct Weights {
  const float* data;
  ptrdiff_t in, out;
  const float* bias;  // [outputs], or null
};

struct AttendSizes {
  int width, heads;
  int asking;  // tokens whose queries are answered: the first ones
  int tokens, rows;
};

struct Kernels {
  const char* name;

  // y_j = bias_j + Σ_i w x_i, added to y if accumulate.
  void (*linear)(const Weights& weights, bool accumulate, int inputs, int outputs, ConstChannels x, int64_t n,
                 Channels y);
  // dw[i][j] += Σ x_i · dy_j; dbias[j] += Σ dy_j. dw [inputs, outputs], row-major.
  void (*linear_gradient)(ConstChannels x, int inputs, ConstChannels dy, int outputs, int64_t n, float* dw,
                          float* dbias);

  // y = standardised · gain + bias across channels. standardised (stride n), inverse [n]: kept for the gradient; may be
  // null.
  void (*normalize)(ConstChannels x, int width, int64_t n, const float* gain, const float* bias, Channels y,
                    float* standardised, float* inverse);
  // dx += …; dgain[c] += …; dbias[c] += …
  void (*normalize_gradient)(ConstChannels dy, const float* standardised, const float* inverse, int width, int64_t n,
                             const float* gain, Channels dx, float* dgain, float* dbias);

  // q, out [width][asking][rows]; k, v [width][tokens][rows]; probabilities [heads][asking][tokens][rows], or
  // [tokens][rows] if not kept.
  void (*attend)(const AttendSizes& sizes, const float* q, const float* k, const float* v, bool keep,
                 float* probabilities, float* out);
  // dq is written; dk, dv are added to. temporary [tokens][rows].
  void (*attend_gradient)(const AttendSizes& sizes, const float* q, const float* k, const float* v,
                          const float* probabilities, const float* dout, float* dq, float* dk, float* dv,
                          float* temporary);

  // y = u_first ∘ max(u_second, 0); u: 2 · count floats, y: count.
  void (*gate)(const float* u, int64_t count, float* y);
  void (*gate_gradient)(const float* u, const float* dy, int64_t count, float* du);
};

extern const Kernels kSse2Kernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;

const Kernels& KernelsFor(InstructionSet set);

// Those of ChosenInstructionSet().
const Kernels& ChosenKernels();

}  // namespace roicast::attention
