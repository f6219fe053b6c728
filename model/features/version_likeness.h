// Whether one version predicts what another one does, of the same words: what serves, and what comes after it; or the
// version that a training starts from, and its rows. Pure, and cheap.
#pragma once

#include <string>

#include "absl/types/span.h"
#include "model/data/schema.h"
#include "model/features/target_transform.h"

namespace roicast {

// No market changes what comes back of 1 spent so much from one version to the next; per cent, thousands and other
// targets do.
inline constexpr double kOtherScale = 10.0;

// How the typical ROIs of two versions differ, for people; empty: they do not. The upper ends are compared as what
// comes back of 1 spent (ROI + 1, at least 0.1), and differ by a factor of kOtherScale or more, in either direction.
std::string OtherScale(const RoiRange& serving, const RoiRange& candidate);

// Which words of the serving version the candidate has not learnt, for people; empty: it knows enough of them. Of the
// categorical features that both have, with two words or more in the serving version, more than half have lost more
// than half of their words. A single feature among others may change its words: names of campaigns do.
std::string LostWords(const Schema& serving, const Schema& candidate);

// A version's numbers: its schema, with the ranges of its training rows, and the usual value of each feature, NaN where
// none is known or the feature is no number. Empty: none is known.
struct UsualNumbers {
  const Schema& schema;
  absl::Span<const double> typical;
};

// Which numeric features of both versions are in another unit, for people; empty: none. Their usual values differ by a
// factor of kOtherScale or more, and either the range of before does not have the new one, or the widths of the ranges
// differ along with them: spend in thousands, euros for cents. The usual one of a few values changes without that.
std::string OtherUnits(const UsualNumbers& serving, const UsualNumbers& candidate);

// Which ones have moved: not that far, but their usual values differ by a factor of 2 or in sign, and the ranges
// hardly overlap: the weeks of the next quarter. Years move on without that.
std::string MovedNumbers(const UsualNumbers& serving, const UsualNumbers& candidate);

// Both.
std::string OtherNumbers(const UsualNumbers& serving, const UsualNumbers& candidate);

}  // namespace roicast
