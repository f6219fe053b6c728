// The rule that says whether a version may start to serve. Pure: knows no store and no registry.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/data/schema.h"
#include "model/evaluation/metrics.h"
#include "model/features/target_transform.h"

namespace roicast {

// What is in the way of serving a version. A closed set, for metrics.
enum class Obstacle {
  kIncompatible,  // Requests that the serving version takes would fail.
  kQuality,       // The holdout shows that it is no better than a constant.
  // Its typical ROI differs wildly from that of the serving version, or its numbers do: another target, or another
  // unit.
  kScale,
  kWords,     // It has not learnt most words that the serving version knows.
  kUnproven,  // It is not shown to be better than a constant, and the serving version is.
  kOlder,     // A newer version serves.
  kHeld,      // A person went back to an older version, which holds.
};
// "incompatible", "quality", "scale", "words", "unproven", "older", "held".
absl::string_view ObstacleName(Obstacle obstacle);

struct Objection {
  Obstacle obstacle;
  std::string text;  // For people: what would fail, or which numbers speak against it.
};

// What serves now.
struct ServingState {
  int64_t version = 0;             // 0: nothing serves.
  const Schema* schema = nullptr;  // Of that version; nullptr: nothing serves.
  int64_t held = 0;                // The version that a person went back to, as long as it holds; otherwise 0.
  const MetricsWithBaseline* holdout = nullptr;  // Of that version; nullptr: as without rows.
  RoiRange typical_roi = {};                     // Of that version.
  absl::Span<const double> typical_values = {};  // Of that version's features, as UsualNumbers has them.
};

// What would serve. The pointers are not nullptr.
struct ServingCandidate {
  int64_t version = 0;
  const Schema* schema = nullptr;
  const MetricsWithBaseline* holdout = nullptr;  // Without rows: nothing was held out.
  RoiRange typical_roi = {};
  absl::Span<const double> typical_values = {};
};

// Why requests that `serving` takes would be invalid for `candidate`, one entry per cause; empty if all stay valid.
// A request may name any feature of the schema that serves, with values of its kind within its allowed range, and may
// be a Campaign message if all features are fields of Campaign. Words that are not in the vocabulary are no error, and
// features that a request does not name are imputed: further features and other vocabularies change nothing.
std::vector<std::string> RequestsThatWouldFail(const Schema& serving, const Schema& candidate);

// Against serving it because a person wants it: kIncompatible, kQuality. Empty: none.
std::vector<Objection> ObjectionsByHand(const ServingState& now, const ServingCandidate& candidate);

// Against its starting to serve by itself: the same and all others. Empty: it starts to serve. A person may want what
// kScale, kWords and kUnproven find, such as after a correction: then the command needs no force.
std::vector<Objection> ObjectionsByRule(const ServingState& now, const ServingCandidate& candidate);

// The objections in one line.
std::string ObjectionsText(const std::vector<Objection>& objections);

// The same, with the command that makes the version serve all the same. At least one objection.
std::string NotServingText(const std::vector<Objection>& objections, absl::string_view model, int64_t version);

}  // namespace roicast
