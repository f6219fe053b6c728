#include "client/report/target_words.h"

#include "absl/strings/str_cat.h"

namespace roicast::client {

TargetWords WordsOfTarget(const v1::Model& model) {
  const v1::TargetDescription& target = model.report().target();
  const v1::TargetSpec& spec = model.provenance().spec().target();
  TargetWords words;
  words.probability = spec.kind() == v1::TARGET_KIND_TWO_VALUED || !target.positive_value().empty();
  // Reports of older releases do not say what the target is; it counted as an ROI.
  words.roi = !words.probability && (target.name().empty() || target.is_roi());
  if (words.roi) {
    words.name = "ROI";
    words.row = "campaign";
    words.rows = "campaigns";
  } else if (words.probability) {
    const std::string& column = target.name().empty() ? spec.column() : target.name();
    const std::string& value = target.positive_value().empty() ? spec.positive_value() : target.positive_value();
    words.name = absl::StrCat("the chance of ", column, " = ", value);
  } else {
    words.name = target.name();
  }
  return words;
}

std::string VersionWords(const v1::Model& model) { return absl::StrCat(model.name(), ", version ", model.version()); }

}  // namespace roicast::client
