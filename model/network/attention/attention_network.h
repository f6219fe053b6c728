// Attention over features: each feature of a row is a token, and self-attention lets the tokens mix.
//
// A small FT-Transformer (Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data", 2021, section 3.3)
// beside a linear path. With d = width, T = features + 1 tokens (token 0 is the CLS token), LN = layer normalisation
// with epsilon 1e-5 (Ba et al., 2016):
//
//   token 0 = c;  token 1 + f = x_f · W_f + b_f, x_f = the encoded inputs of feature f
//   each block:  h ← h + Attention(LN(h)) · W_o + b_o
//                h ← h + ReGLU(LN(h) · W_1 + b_1) · W_2 + b_2
//   z = LN(h of token 0) · w + b + x · u
//
// Attention: softmax(q kᵀ / √(d / heads)) v per head, over all tokens (Vaswani et al., 2017). ReGLU of 2 · hidden sums
// is (the first half) ∘ max(the second half, 0) (Shazeer, 2020). In the last block only token 0 asks: nothing else is
// read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace roicast {

// Limits of a network that is read from a file.
inline constexpr int kMaxAttentionWidth = 256;
inline constexpr int kMaxAttentionBlocks = 8;
inline constexpr int kMaxAttentionHidden = 1024;
// The cost of a prediction grows with the square of the number of features.
inline constexpr int kMaxAttentionFeatures = 512;

struct AttentionShape {
  int width = 24;  // of a token: a multiple of heads
  int heads = 4;
  int blocks = 2;
  int hidden = 32;  // units of a block's feed-forward layer

  // Errors: InvalidArgument (a size out of range, heads that do not divide the width).
  absl::Status Validate() const;
};

// Where each part starts among the parameters. Matrices are row-major [in, out].
struct AttentionLayout {
  struct Block {
    int64_t norm1_gain, norm1_bias;            // [width]
    int64_t query, query_bias;                 // [width, width], [width]
    int64_t key, key_bias, value, value_bias;  // the same
    int64_t output, output_bias;               // the same
    int64_t norm2_gain, norm2_bias;            // [width]
    int64_t spread, spread_bias;               // [width, 2 · hidden]: the values, then the gates
    int64_t gather, gather_bias;               // [hidden, width], [width]
  };

  // In the order of the parameters: per feature W_f [inputs, width] and b_f [width]; then c [width]; the blocks, each
  // in the order of its members above; norm gain and bias [width]; w [width]; b; u [inputs].
  AttentionLayout(const AttentionShape& shape, const std::vector<int>& feature_inputs);

  std::vector<int> input;  // per feature: its first input
  std::vector<int64_t> token, token_bias;
  int64_t cls = 0;
  std::vector<Block> blocks;
  int64_t norm_gain = 0, norm_bias = 0;
  int64_t head = 0, head_bias = 0;
  int64_t linear = 0;
  int64_t size = 0;
  int inputs = 0;
};

struct AttentionNetwork {
  AttentionShape shape;
  std::vector<int> feature_inputs;  // per feature: how many encoded inputs it has, ≥ 0; 1 to kMaxAttentionFeatures
  std::vector<float> parameters;    // AttentionLayout

  int inputs() const;
  int64_t parameter_count() const { return static_cast<int64_t>(parameters.size()); }
  // Such as "20 features → 2 blocks of attention, 24 wide, 4 heads → 1".
  std::string Describe() const;
  // Errors: InvalidArgument naming the field.
  absl::Status Validate() const;
  // The reference forward pass in float64: encoded row [inputs] → z. The network is valid.
  double Evaluate(const float* encoded_row) const;
  // Multiplies what attention adds to the linear path.
  void ScaleAttention(double share);
};

}  // namespace roicast
