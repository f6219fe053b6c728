#include "model/network/attention/attention_pass.h"

#include <algorithm>

#include "base/check.h"

namespace roicast {
namespace {

using attention::AttendSizes;
using attention::Channels;
using attention::ConstChannels;
using attention::Weights;

// W [in, out], row-major.
Weights Along(const float* parameters, int64_t weights, int64_t bias, int outputs) {
  return {parameters + weights, outputs, 1, parameters + bias};
}
// Wᵀ, without a bias.
Weights Against(const float* parameters, int64_t weights, int outputs) {
  return {parameters + weights, 1, outputs, nullptr};
}

void Multiply(const float* factors, int64_t count, float* values) {
  for (int64_t i = 0; i < count; ++i) values[i] *= factors[i];
}

}  // namespace

AttentionPass::AttentionPass(const AttentionShape& shape, const std::vector<int>& feature_inputs, int rows,
                             bool backward, const attention::Kernels& kernels)
    : shape_(shape),
      feature_inputs_(feature_inputs),
      layout_(shape, feature_inputs),
      rows_(rows),
      tokens_(static_cast<int>(feature_inputs.size()) + 1),
      all_(static_cast<int64_t>(tokens_) * rows),
      kernels_(kernels) {
  ROICAST_CHECK(rows > 0 && rows % 16 == 0);
  const int64_t d = shape.width;
  state_ = Take(d * all_);
  for (int b = 0; b < shape.blocks; ++b) {
    const int asking = b + 1 == shape.blocks ? 1 : tokens_;
    // Without a backward pass the blocks take turns; the first one is the largest.
    if (b == 0 || backward) {
      blocks_.push_back(TakeBlock(asking, backward));
    } else {
      blocks_.push_back(blocks_.front());
      blocks_.back().asking = asking;
    }
  }
  normalized_ = Take(d * rows);
  if (!backward) return;
  standardised_ = Take(d * rows), inverse_ = Take(rows);
  dstate_ = Take(d * all_);
  dwide_ = Take(std::max<int64_t>(d, shape.hidden) * all_);
  dsums_ = Take(2 * shape.hidden * all_);
  dquery_ = Take(d * all_), dkey_ = Take(d * all_), dvalue_ = Take(d * all_);
  temporary_ = Take(all_);
}

// In whole lines of 16 floats.
int64_t AttentionPass::Take(int64_t floats) {
  const int64_t offset = memory_;
  memory_ += (floats + 15) / 16 * 16;
  return offset;
}

AttentionPass::BlockMemory AttentionPass::TakeBlock(int asking, bool backward) {
  const int64_t d = shape_.width, h = shape_.hidden, asked = static_cast<int64_t>(asking) * rows_;
  BlockMemory block = {};
  block.asking = asking;
  block.normalized1 = Take(d * all_);
  block.query = Take(d * asked), block.key = Take(d * all_), block.value = Take(d * all_);
  block.probabilities = Take(backward ? shape_.heads * asking * all_ : all_);
  block.attended = Take(d * asked);
  block.normalized2 = Take(d * asked);
  block.sums = Take(2 * h * asked), block.gated = Take(h * asked);
  if (!backward) return block;
  block.standardised1 = Take(d * all_), block.inverse1 = Take(all_);
  block.standardised2 = Take(d * asked), block.inverse2 = Take(asked);
  block.attended_mask = Take(d * asked), block.gated_mask = Take(h * asked);
  masks_.push_back({block.attended_mask, d * asked});
  masks_.push_back({block.gated_mask, h * asked});
  return block;
}

void AttentionPass::Forward(const float* parameters, const float* x, bool dropout, float* memory, float* z) const {
  const int d = shape_.width;
  const Channels state = {memory + state_, all_};
  for (int c = 0; c < d; ++c) {
    std::fill_n(state.data + c * all_, rows_, parameters[layout_.cls + c]);
  }
  for (size_t f = 0; f < feature_inputs_.size(); ++f) {
    const ConstChannels inputs = {x + static_cast<int64_t>(layout_.input[f]) * rows_, rows_};
    const Channels token = {state.data + static_cast<int64_t>(f + 1) * rows_, all_};
    kernels_.linear(Along(parameters, layout_.token[f], layout_.token_bias[f], d), false, feature_inputs_[f], d, inputs,
                    rows_, token);
  }
  for (size_t b = 0; b < blocks_.size(); ++b) ForwardBlock(parameters, b, dropout, memory);
  const bool keep = dstate_ != 0;
  kernels_.normalize({state.data, all_}, d, rows_, parameters + layout_.norm_gain, parameters + layout_.norm_bias,
                     {memory + normalized_, rows_}, keep ? memory + standardised_ : nullptr,
                     keep ? memory + inverse_ : nullptr);
  const Channels output = {z, rows_};
  kernels_.linear(Along(parameters, layout_.head, layout_.head_bias, 1), false, d, 1, {memory + normalized_, rows_},
                  rows_, output);
  kernels_.linear({parameters + layout_.linear, 1, 1, nullptr}, true, layout_.inputs, 1, {x, rows_}, rows_, output);
}

void AttentionPass::ForwardBlock(const float* parameters, size_t block, bool dropout, float* memory) const {
  const AttentionLayout::Block& at = layout_.blocks[block];
  const BlockMemory& m = blocks_[block];
  const int d = shape_.width, h = shape_.hidden;
  const int64_t asked = static_cast<int64_t>(m.asking) * rows_;
  const bool keep = dstate_ != 0;
  const Channels state = {memory + state_, all_};
  const ConstChannels normalized1 = {memory + m.normalized1, all_};
  kernels_.normalize({state.data, all_}, d, all_, parameters + at.norm1_gain, parameters + at.norm1_bias,
                     {memory + m.normalized1, all_}, keep ? memory + m.standardised1 : nullptr,
                     keep ? memory + m.inverse1 : nullptr);
  kernels_.linear(Along(parameters, at.query, at.query_bias, d), false, d, d, normalized1, asked,
                  {memory + m.query, asked});
  kernels_.linear(Along(parameters, at.key, at.key_bias, d), false, d, d, normalized1, all_, {memory + m.key, all_});
  kernels_.linear(Along(parameters, at.value, at.value_bias, d), false, d, d, normalized1, all_,
                  {memory + m.value, all_});
  const AttendSizes sizes = {d, shape_.heads, m.asking, tokens_, rows_};
  kernels_.attend(sizes, memory + m.query, memory + m.key, memory + m.value, keep, memory + m.probabilities,
                  memory + m.attended);
  if (dropout) Multiply(memory + m.attended_mask, d * asked, memory + m.attended);
  kernels_.linear(Along(parameters, at.output, at.output_bias, d), true, d, d, {memory + m.attended, asked}, asked,
                  state);
  kernels_.normalize({state.data, all_}, d, asked, parameters + at.norm2_gain, parameters + at.norm2_bias,
                     {memory + m.normalized2, asked}, keep ? memory + m.standardised2 : nullptr,
                     keep ? memory + m.inverse2 : nullptr);
  kernels_.linear(Along(parameters, at.spread, at.spread_bias, 2 * h), false, d, 2 * h, {memory + m.normalized2, asked},
                  asked, {memory + m.sums, asked});
  kernels_.gate(memory + m.sums, h * asked, memory + m.gated);
  if (dropout) Multiply(memory + m.gated_mask, h * asked, memory + m.gated);
  kernels_.linear(Along(parameters, at.gather, at.gather_bias, d), true, h, d, {memory + m.gated, asked}, asked, state);
}

void AttentionPass::Backward(const float* parameters, const float* x, const float* dz, bool dropout, float* memory,
                             float* gradient) const {
  ROICAST_CHECK(dstate_ != 0);
  const int d = shape_.width;
  float* const dstate = memory + dstate_;
  std::fill_n(dstate, d * all_, 0.0f);
  const ConstChannels dout = {dz, rows_};
  kernels_.linear_gradient({memory + normalized_, rows_}, d, dout, 1, rows_, gradient + layout_.head,
                           gradient + layout_.head_bias);
  const Channels dnormalized = {memory + dwide_, rows_};
  kernels_.linear(Against(parameters, layout_.head, 1), false, 1, d, dout, rows_, dnormalized);
  kernels_.normalize_gradient({dnormalized.data, rows_}, memory + standardised_, memory + inverse_, d, rows_,
                              parameters + layout_.norm_gain, {dstate, all_}, gradient + layout_.norm_gain,
                              gradient + layout_.norm_bias);
  for (size_t b = blocks_.size(); b-- > 0;) BackwardBlock(parameters, b, dropout, memory, gradient);
  for (size_t f = 0; f < feature_inputs_.size(); ++f) {
    const ConstChannels inputs = {x + static_cast<int64_t>(layout_.input[f]) * rows_, rows_};
    const ConstChannels dtoken = {dstate + static_cast<int64_t>(f + 1) * rows_, all_};
    kernels_.linear_gradient(inputs, feature_inputs_[f], dtoken, d, rows_, gradient + layout_.token[f],
                             gradient + layout_.token_bias[f]);
  }
  kernels_.linear_gradient({x, rows_}, 0, {dstate, all_}, d, rows_, nullptr, gradient + layout_.cls);
}

void AttentionPass::BackwardBlock(const float* parameters, size_t block, bool dropout, float* memory,
                                  float* gradient) const {
  const AttentionLayout::Block& at = layout_.blocks[block];
  const BlockMemory& m = blocks_[block];
  const int d = shape_.width, h = shape_.hidden;
  const int64_t asked = static_cast<int64_t>(m.asking) * rows_;
  const Channels dstate = {memory + dstate_, all_};
  const ConstChannels dout = {memory + dstate_, all_};
  float* const dgated = memory + dwide_;
  kernels_.linear_gradient({memory + m.gated, asked}, h, dout, d, asked, gradient + at.gather,
                           gradient + at.gather_bias);
  kernels_.linear(Against(parameters, at.gather, d), false, d, h, dout, asked, {dgated, asked});
  if (dropout) Multiply(memory + m.gated_mask, h * asked, dgated);
  kernels_.gate_gradient(memory + m.sums, dgated, h * asked, memory + dsums_);
  const ConstChannels dsums = {memory + dsums_, asked};
  kernels_.linear_gradient({memory + m.normalized2, asked}, d, dsums, 2 * h, asked, gradient + at.spread,
                           gradient + at.spread_bias);
  const Channels dnormalized = {memory + dwide_, asked};
  kernels_.linear(Against(parameters, at.spread, 2 * h), false, 2 * h, d, dsums, asked, dnormalized);
  kernels_.normalize_gradient({dnormalized.data, asked}, memory + m.standardised2, memory + m.inverse2, d, asked,
                              parameters + at.norm2_gain, dstate, gradient + at.norm2_gain, gradient + at.norm2_bias);
  BackwardAttention(parameters, block, dropout, memory, gradient);
}

void AttentionPass::BackwardAttention(const float* parameters, size_t block, bool dropout, float* memory,
                                      float* gradient) const {
  const AttentionLayout::Block& at = layout_.blocks[block];
  const BlockMemory& m = blocks_[block];
  const int d = shape_.width;
  const int64_t asked = static_cast<int64_t>(m.asking) * rows_;
  const ConstChannels dout = {memory + dstate_, all_};
  float* const dattended = memory + dwide_;
  kernels_.linear_gradient({memory + m.attended, asked}, d, dout, d, asked, gradient + at.output,
                           gradient + at.output_bias);
  kernels_.linear(Against(parameters, at.output, d), false, d, d, dout, asked, {dattended, asked});
  if (dropout) Multiply(memory + m.attended_mask, d * asked, dattended);
  std::fill_n(memory + dkey_, d * all_, 0.0f);
  std::fill_n(memory + dvalue_, d * all_, 0.0f);
  const AttendSizes sizes = {d, shape_.heads, m.asking, tokens_, rows_};
  kernels_.attend_gradient(sizes, memory + m.query, memory + m.key, memory + m.value, memory + m.probabilities,
                           dattended, memory + dquery_, memory + dkey_, memory + dvalue_, memory + temporary_);
  const ConstChannels normalized = {memory + m.normalized1, all_};
  const ConstChannels dquery = {memory + dquery_, asked}, dkey = {memory + dkey_, all_},
                      dvalue = {memory + dvalue_, all_};
  kernels_.linear_gradient(normalized, d, dquery, d, asked, gradient + at.query, gradient + at.query_bias);
  kernels_.linear_gradient(normalized, d, dkey, d, all_, gradient + at.key, gradient + at.key_bias);
  kernels_.linear_gradient(normalized, d, dvalue, d, all_, gradient + at.value, gradient + at.value_bias);
  const Channels dnormalized = {memory + dwide_, all_};
  kernels_.linear(Against(parameters, at.key, d), false, d, d, dkey, all_, dnormalized);
  kernels_.linear(Against(parameters, at.value, d), true, d, d, dvalue, all_, dnormalized);
  kernels_.linear(Against(parameters, at.query, d), true, d, d, dquery, asked, dnormalized);
  kernels_.normalize_gradient({dnormalized.data, all_}, memory + m.standardised1, memory + m.inverse1, d, all_,
                              parameters + at.norm1_gain, {memory + dstate_, all_}, gradient + at.norm1_gain,
                              gradient + at.norm1_bias);
}

}  // namespace roicast
