// The forward and the backward pass of attention over features, for a block of rows at once.
//
// Backward: Goodfellow et al., Deep Learning (2016), section 6.5, applied to the formulas of attention_network.h; of
// softmax and layer normalisation in attention_kernels.inc.
#pragma once

#include <cstdint>
#include <vector>

#include "model/network/attention/attention_kernels.h"
#include "model/network/attention/attention_network.h"

namespace roicast {

// Immutable and thread-safe: what a pass computes is in the caller's memory.
class AttentionPass {
 public:
  // rows: of a block, a multiple of 16. backward: whether Backward follows Forward, for which more is kept.
  AttentionPass(const AttentionShape& shape, const std::vector<int>& feature_inputs, int rows, bool backward,
                const attention::Kernels& kernels);

  int rows() const { return rows_; }
  const AttentionLayout& layout() const { return layout_; }
  // Floats of `memory`.
  int64_t memory() const { return memory_; }

  // Factors of units, as dropout has them.
  struct Mask {
    int64_t offset, size;  // in the memory
  };
  // With dropout, the caller fills these before each Forward.
  const std::vector<Mask>& masks() const { return masks_; }

  // x [inputs][rows], encoded; z [rows]. dropout: multiply by the masks.
  void Forward(const float* parameters, const float* x, bool dropout, float* memory, float* z) const;
  // After Forward with the same arguments: adds Σ dz · ∂z/∂parameter to gradient [parameters]. dz [rows]. The linear
  // path gets none: it is fitted before.
  void Backward(const float* parameters, const float* x, const float* dz, bool dropout, float* memory,
                float* gradient) const;

 private:
  // Offsets in the memory. Those with a gradient of their own are [channels][tokens or asking][rows].
  struct BlockMemory {
    int64_t standardised1, inverse1, normalized1, query, key, value, probabilities, attended, attended_mask;
    int64_t standardised2, inverse2, normalized2, sums, gated, gated_mask;
    int asking;
  };

  int64_t Take(int64_t floats);
  BlockMemory TakeBlock(int asking, bool backward);
  void ForwardBlock(const float* parameters, size_t block, bool dropout, float* memory) const;
  void BackwardBlock(const float* parameters, size_t block, bool dropout, float* memory, float* gradient) const;
  void BackwardAttention(const float* parameters, size_t block, bool dropout, float* memory, float* gradient) const;

  const AttentionShape shape_;
  const std::vector<int> feature_inputs_;
  const AttentionLayout layout_;
  const int rows_;
  const int tokens_;
  const int64_t all_;  // tokens · rows
  const attention::Kernels& kernels_;
  int64_t memory_ = 0;
  std::vector<Mask> masks_;
  std::vector<BlockMemory> blocks_;
  int64_t state_ = 0, standardised_ = 0, inverse_ = 0, normalized_ = 0;
  // Gradients.
  int64_t dstate_ = 0, dwide_ = 0, dsums_ = 0, dquery_ = 0, dkey_ = 0, dvalue_ = 0, temporary_ = 0;
};

}  // namespace roicast
