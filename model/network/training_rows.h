// The rows that a model is trained or validated on, as all trainers take them, and what is checked of them first.
#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/matrix.h"
#include "model/network/linear_input.h"
#include "model/network/loss.h"

namespace roicast {

// x [n, inputs], y [n] standardised target (of the logistic loss: in [0, 1]), weights [n] ≥ 0 or empty = all 1. Not
// owned. Weights count relative to their mean. offsets [n], or empty = all 0: what is added to the network's output
// before the loss, so that it learns what another model leaves. linear_input: nullptr, or what the network does not
// see; its weights of these inputs are 0.
struct TrainingRows {
  const RowMajorMatrix* x = nullptr;
  absl::Span<const float> y;
  absl::Span<const float> weights = {};
  absl::Span<const float> offsets = {};
  const LinearInput* linear_input = nullptr;

  // x: not null, of any number of rows. name: what messages call the rows, such as "train". Reads every value, so it
  // asks `stop` in between. Errors: stop's; InvalidArgument naming the field and the row: sizes that differ, x without
  // `inputs` columns, a value that is not finite, a weight below 0 or none above, a y that the loss cannot take, a
  // hidden input that x does not have.
  absl::Status Validate(absl::string_view name, int inputs, Loss loss, const StopCheck& stop) const;
};

// The inputs that the network does not see.
absl::Span<const int> HiddenInputs(const TrainingRows& rows);

// So many are looked at, hashed or copied between two questions whether to stop: some milliseconds. Even.
inline constexpr size_t kNumbersBetweenStops = 4'000'000;

}  // namespace roicast
