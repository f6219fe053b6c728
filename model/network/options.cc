#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/network/mlp.h"
#include "model/network/trainer.h"

namespace roicast {
namespace {

absl::Status Expect(bool holds, absl::string_view field, absl::string_view expected, double got) {
  if (holds) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, ": expected ", expected, ", got ", got));
}

bool FiniteAtLeast(double value, double least) { return std::isfinite(value) && value >= least; }

}  // namespace

absl::Status NetworkOptions::Validate() const {
  constexpr int kMaxLayers = 16;
  constexpr int kMaxUnits = 4096;
  ROICAST_RETURN_IF_ERROR(
      Expect(hidden.size() <= kMaxLayers, "hidden", "at most 16 layers", static_cast<double>(hidden.size())));
  for (size_t i = 0; i < hidden.size(); ++i) {
    ROICAST_RETURN_IF_ERROR(Expect(hidden[i] >= 1 && hidden[i] <= kMaxUnits, absl::StrCat("hidden[", i, "]"),
                                   "1 to 4096 units", hidden[i]));
  }
  if (!hidden.empty() && activation == Activation::kIdentity) {
    return absl::InvalidArgumentError("activation: expected a non-linear one for hidden layers, got identity");
  }
  return Expect(dropout >= 0.0 && dropout < 1.0, "dropout", "a share in [0, 1)", dropout);
}

absl::Status TrainingOptions::Validate() const {
  ROICAST_RETURN_IF_ERROR(Expect(std::isfinite(huber_delta) && huber_delta > 0.0, "huber_delta", "> 0", huber_delta));
  ROICAST_RETURN_IF_ERROR(
      Expect(std::isfinite(learning_rate) && learning_rate > 0.0, "learning_rate", "> 0", learning_rate));
  ROICAST_RETURN_IF_ERROR(Expect(momentum >= 0.0 && momentum < 1.0, "momentum", "a value in [0, 1)", momentum));
  ROICAST_RETURN_IF_ERROR(Expect(epochs >= 1 && epochs <= 100'000, "epochs", "1 to 100000", epochs));
  ROICAST_RETURN_IF_ERROR(Expect(warmup_epochs >= 0 && warmup_epochs <= epochs, "warmup_epochs",
                                 absl::StrCat("0 to epochs (", epochs, ")"), warmup_epochs));
  ROICAST_RETURN_IF_ERROR(Expect(batch_size >= 0, "batch_size", "≥ 1, or 0 for all rows", batch_size));
  ROICAST_RETURN_IF_ERROR(Expect(FiniteAtLeast(l1, 0.0), "l1", "≥ 0", l1));
  ROICAST_RETURN_IF_ERROR(Expect(FiniteAtLeast(l2, 0.0), "l2", "≥ 0", l2));
  ROICAST_RETURN_IF_ERROR(Expect(FiniteAtLeast(weight_decay, 0.0), "weight_decay", "≥ 0", weight_decay));
  if (weight_decay > 0.0 && optimizer != Optimizer::kAdamW) {
    return absl::InvalidArgumentError(
        absl::StrCat("weight_decay: expected 0 unless the optimizer is AdamW, got ", weight_decay, "; use l2 instead"));
  }
  ROICAST_RETURN_IF_ERROR(
      Expect(FiniteAtLeast(gradient_clip_norm, 0.0), "gradient_clip_norm", "≥ 0 (0 = off)", gradient_clip_norm));
  return Expect(patience >= 0, "patience", "≥ 0 (0 = never)", patience);
}

}  // namespace roicast
