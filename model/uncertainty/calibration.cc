#include "model/uncertainty/calibration.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace roicast {
namespace {

absl::Status Bad(absl::string_view field, absl::string_view expected, absl::string_view got) {
  return absl::InvalidArgumentError(absl::StrCat("calibration.", field, ": expected ", expected, ", got ", got));
}

absl::Status CheckLogScale(const DenseLayer& layer, int64_t hidden_units) {
  if (hidden_units == 0) return Bad("log_scale", "none without a hidden layer", "one");
  if (layer.weights.rows() != 1 || layer.weights.cols() != hidden_units || layer.biases.size() != 1) {
    return Bad("log_scale", absl::StrCat(hidden_units, " inputs, as the last hidden layer has units, and 1 output"),
               absl::StrCat(layer.weights.cols(), " inputs and ", layer.weights.rows(), " outputs"));
  }
  if (layer.activation != Activation::kIdentity) return Bad("log_scale.activation", "none", "one");
  if (!layer.weights.allFinite() || !layer.biases.allFinite()) {
    return Bad("log_scale", "finite numbers", "NaN or infinity");
  }
  return absl::OkStatus();
}

absl::Status CheckGroup(const CalibrationGroup& group, absl::string_view field) {
  const auto stored = static_cast<int64_t>(group.scores.size());
  if (stored < 1 || stored > kMaxStoredScores) {
    return Bad(absl::StrCat(field, ".scores"), absl::StrCat("1 to ", kMaxStoredScores), absl::StrCat(stored));
  }
  if (stored < kMaxStoredScores ? group.rows != stored : group.rows < stored) {
    return Bad(absl::StrCat(field, ".rows"),
               absl::StrCat("the number of its scores, ", stored, stored == kMaxStoredScores ? ", or more" : ""),
               absl::StrCat(group.rows));
  }
  if (!std::all_of(group.scores.begin(), group.scores.end(), [](float score) { return std::isfinite(score); })) {
    return Bad(absl::StrCat(field, ".scores"), "finite numbers", "NaN or infinity");
  }
  if (!std::is_sorted(group.scores.begin(), group.scores.end())) {
    return Bad(absl::StrCat(field, ".scores"), "ascending numbers", "others");
  }
  return absl::OkStatus();
}

absl::Status CheckLevels(const CalibrationGroup& levels) {
  if (absl::Status valid = CheckGroup(levels, "levels"); !valid.ok()) return valid;
  if (levels.code != -1) return Bad("levels.code", "-1", absl::StrCat(levels.code));
  // Ascending.
  if (levels.scores.front() >= 0.0f && levels.scores.back() <= 1.0f) return absl::OkStatus();
  return Bad("levels.scores", "probabilities from 0 to 1",
             absl::StrCat("some from ", levels.scores.front(), " to ", levels.scores.back()));
}

absl::Status CheckShapes(const std::vector<CalibrationGroup>& shapes, absl::string_view group_feature) {
  if (shapes.empty()) return absl::OkStatus();
  if (!group_feature.empty()) return Bad("shapes", "none beside a group_feature", "some");
  if (shapes.size() < 2 || shapes.size() > kMaxShapes) {
    return Bad("shapes", absl::StrCat("none, or 2 to ", kMaxShapes), absl::StrCat(shapes.size()));
  }
  for (size_t i = 0; i < shapes.size(); ++i) {
    const std::string field = absl::StrCat("shapes[", i, "]");
    if (absl::Status valid = CheckGroup(shapes[i], field); !valid.ok()) return valid;
    if (shapes[i].code != -1) return Bad(absl::StrCat(field, ".code"), "-1", absl::StrCat(shapes[i].code));
    if (!std::isfinite(shapes[i].location) || (i > 0 && !(shapes[i].location > shapes[i - 1].location))) {
      return Bad(absl::StrCat(field, ".location"), "ascending numbers", absl::StrCat(shapes[i].location));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckBins(const std::vector<CalibrationBin>& bins) {
  if (bins.size() > kMaxCalibrationBins) {
    return Bad("bins", absl::StrCat("at most ", kMaxCalibrationBins), absl::StrCat(bins.size()));
  }
  for (size_t i = 0; i < bins.size(); ++i) {
    const std::string field = absl::StrCat("bins[", i, "]");
    if (!std::isfinite(bins[i].up_to) || (i > 0 && bins[i].up_to < bins[i - 1].up_to)) {
      return Bad(absl::StrCat(field, ".up_to"), "ascending numbers", absl::StrCat(bins[i].up_to));
    }
    if (bins[i].rows < 1 || bins[i].positives < 0 || bins[i].positives > bins[i].rows) {
      return Bad(field, "1 row or more, and 0 to as many positives",
                 absl::StrCat(bins[i].rows, " rows and ", bins[i].positives, " positives"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Calibration::Validate(int64_t hidden_units, TargetKind kind) const {
  const bool has_levels = kind == TargetKind::kZeroHeavy || !shapes.empty();
  if (has_levels != levels.has_value()) {
    return has_levels ? Bad("levels", "those of a zero-heavy target, or of shapes", "none")
                      : Bad("levels", "none unless the target is zero-heavy or there are shapes", "some");
  }
  if (absl::Status valid = CheckShapes(shapes, group_feature); !valid.ok()) return valid;
  if (levels.has_value()) {
    if (absl::Status valid = CheckLevels(*levels); !valid.ok()) return valid;
  }
  if (!bins.empty()) {
    if (!groups.empty() || log_scale.has_value() || !group_feature.empty() || levels.has_value()) {
      return Bad("bins", "neither groups, levels nor log_scale beside them", "them");
    }
    return CheckBins(bins);
  }
  if (groups.empty()) return Bad("groups", "one of all rows", "none");
  for (size_t i = 0; i < groups.size(); ++i) {
    const std::string field = absl::StrCat("groups[", i, "]");
    if (i == 0 ? groups[i].code != -1 : groups[i].code <= groups[i - 1].code) {
      return Bad(absl::StrCat(field, ".code"), i == 0 ? "-1" : "ascending codes", absl::StrCat(groups[i].code));
    }
    if (absl::Status valid = CheckGroup(groups[i], field); !valid.ok()) return valid;
  }
  if (groups.size() > 1 && group_feature.empty()) return Bad("group_feature", "a feature", "none");
  return log_scale.has_value() ? CheckLogScale(*log_scale, hidden_units) : absl::OkStatus();
}

}  // namespace roicast
