#include "server/serving/serving_rule.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "base/one_line.h"
#include "model/evaluation/first_metric.h"
#include "model/features/version_likeness.h"

namespace roicast {
namespace {

// A schema may have thousands of features, and messages are for people.
constexpr size_t kListedCauses = 8;
constexpr size_t kMaxNameBytes = 60;

std::string FeatureLabel(const Feature& feature) {
  return absl::StrCat("feature \"", OneLine(feature.name, kMaxNameBytes), "\"");
}

// Whether some value that `wide` allows is not allowed by `narrow`.
bool IsNarrower(const Feature& narrow, const Feature& wide) {
  if (narrow.allowed_max < wide.allowed_max || narrow.allowed_min > wide.allowed_min) return true;
  return narrow.allowed_min == wide.allowed_min && narrow.allowed_min_exclusive && !wide.allowed_min_exclusive;
}

// The first feature that a Campaign message cannot give; nullptr if there is none.
const Feature* BeyondCampaign(const Schema& schema) {
  const Schema& campaign = CampaignSchema();
  for (const Feature& feature : schema.features) {
    const int field = campaign.IndexOf(feature.name);
    if (field < 0 || campaign.features[static_cast<size_t>(field)].kind != feature.kind) return &feature;
  }
  return nullptr;
}

// First in the target's own unit, then as it was judged: on the scale that the model learns, beside a constant.
std::string WithInterval(const MetricsWithBaseline& holdout) {
  std::string text = absl::StrFormat("%s on the holdout's %d %s; judged by R² %.3g %s", DescribeFirstMetric(holdout),
                                     holdout.model.rows, holdout.model.rows == 1 ? "row" : "rows", RelativeR2(holdout),
                                     holdout.model.two_valued.has_value() ? "of the probability" : "as transformed");
  if (!std::isnan(holdout.r2_standard_error)) {
    absl::StrAppendFormat(&text, " with a standard error of %.2g", holdout.r2_standard_error);
  }
  return text;
}

// Against its quality; empty: nothing.
std::string QualityObjection(const MetricsWithBaseline& holdout) {
  switch (JudgeAgainstConstant(holdout)) {
    case ConstantVerdict::kNotMeasured:
    case ConstantVerdict::kBetter:
    case ConstantVerdict::kNotShown:
      return "";
    case ConstantVerdict::kNoBetter:
      return absl::StrCat("no better than a constant: ", WithInterval(holdout));
    case ConstantVerdict::kWorse:
      return absl::StrCat("worse than a constant: ", WithInterval(holdout));
  }
  return "";
}

// How the kinds of the targets differ, for people; empty: they do not, or nothing was held out.
std::string OtherKind(const ServingState& now, const ServingCandidate& candidate) {
  if (now.holdout == nullptr || now.holdout->model.rows == 0 || candidate.holdout->model.rows == 0) return "";
  const bool was = now.holdout->model.two_valued.has_value(), is = candidate.holdout->model.two_valued.has_value();
  if (was == is) return "";
  return absl::StrCat("it predicts ", is ? "a probability" : "a number", ", and version ", now.version, " ",
                      was ? "a probability" : "a number");
}

// What is odd beside the version that serves, though requests stay valid and the holdout is good.
void AddUnlikeness(const ServingState& now, const ServingCandidate& candidate, std::vector<Objection>& objections) {
  if (const std::string kind = OtherKind(now, candidate); !kind.empty()) {
    objections.push_back({Obstacle::kScale, kind});
  } else if (const std::string scale = OtherScale(now.typical_roi, candidate.typical_roi); !scale.empty()) {
    objections.push_back(
        {Obstacle::kScale, absl::StrCat(scale, " in version ", now.version,
                                        ", as if it were another target, or in another unit, such as per cent")});
  }
  if (const std::string numbers =
          OtherNumbers({*now.schema, now.typical_values}, {*candidate.schema, candidate.typical_values});
      !numbers.empty()) {
    objections.push_back({Obstacle::kScale, absl::StrCat("numbers are on another scale than in version ", now.version,
                                                         ", as if they were in another unit: ", numbers)});
  }
  if (const std::string words = LostWords(*now.schema, *candidate.schema); !words.empty()) {
    objections.push_back(
        {Obstacle::kWords, absl::StrCat("it does not know most words that version ", now.version, " knows: ", words)});
  }
  if (now.holdout != nullptr && JudgeAgainstConstant(*now.holdout) == ConstantVerdict::kBetter &&
      JudgeAgainstConstant(*candidate.holdout) == ConstantVerdict::kNotShown) {
    objections.push_back({Obstacle::kUnproven, absl::StrCat("not shown to be better than a constant, as version ",
                                                            now.version, " was: ", WithInterval(*candidate.holdout))});
  }
}

}  // namespace

absl::string_view ObstacleName(Obstacle obstacle) {
  switch (obstacle) {
    case Obstacle::kIncompatible:
      return "incompatible";
    case Obstacle::kQuality:
      return "quality";
    case Obstacle::kScale:
      return "scale";
    case Obstacle::kWords:
      return "words";
    case Obstacle::kUnproven:
      return "unproven";
    case Obstacle::kOlder:
      return "older";
    case Obstacle::kHeld:
      return "held";
  }
  return "unknown";
}

std::vector<std::string> RequestsThatWouldFail(const Schema& serving, const Schema& candidate) {
  absl::flat_hash_map<absl::string_view, const Feature*> features;
  for (const Feature& feature : candidate.features) features[feature.name] = &feature;
  std::vector<std::string> causes;
  for (const Feature& feature : serving.features) {
    const auto found = features.find(feature.name);
    if (found == features.end()) {
      causes.push_back(absl::StrCat(FeatureLabel(feature), " is missing"));
      continue;
    }
    const Feature& other = *found->second;
    if (other.kind != feature.kind) {
      causes.push_back(absl::StrCat(FeatureLabel(feature), " is ", FeatureKindName(other.kind), ", was ",
                                    FeatureKindName(feature.kind)));
    } else if (feature.kind == FeatureKind::kNumeric && IsNarrower(other, feature)) {
      causes.push_back(
          absl::StrCat(FeatureLabel(feature), " takes ", AllowedRange(other), ", took ", AllowedRange(feature)));
    }
  }
  const Feature* const beyond = BeyondCampaign(candidate);
  if (causes.empty() && beyond != nullptr && BeyondCampaign(serving) == nullptr) {
    causes.push_back(
        absl::StrCat("Campaign messages are no longer taken, because they have no field for ", FeatureLabel(*beyond)));
  }
  return causes;
}

std::vector<Objection> ObjectionsByHand(const ServingState& now, const ServingCandidate& candidate) {
  std::vector<Objection> objections;
  if (now.schema != nullptr && now.version != candidate.version) {
    std::vector<std::string> causes = RequestsThatWouldFail(*now.schema, *candidate.schema);
    if (!causes.empty()) {
      const size_t more = causes.size() - std::min(causes.size(), kListedCauses);
      causes.resize(causes.size() - more);
      objections.push_back(
          {Obstacle::kIncompatible,
           absl::StrCat("requests that version ", now.version, " takes would fail: ", absl::StrJoin(causes, "; "),
                        more > 0 ? absl::StrCat("; and ", more, " more") : "")});
    }
  }
  std::string quality = QualityObjection(*candidate.holdout);
  if (!quality.empty()) objections.push_back({Obstacle::kQuality, std::move(quality)});
  return objections;
}

std::vector<Objection> ObjectionsByRule(const ServingState& now, const ServingCandidate& candidate) {
  std::vector<Objection> objections = ObjectionsByHand(now, candidate);
  if (now.schema != nullptr && now.version != candidate.version) AddUnlikeness(now, candidate, objections);
  if (now.version > candidate.version) {
    objections.push_back({Obstacle::kOlder, absl::StrCat("version ", now.version, " is newer and serves")});
  }
  if (now.held != 0) {
    objections.push_back(
        {Obstacle::kHeld, absl::StrCat("version ", now.held, " was made to serve by hand and holds its place")});
  }
  return objections;
}

std::string ObjectionsText(const std::vector<Objection>& objections) {
  return absl::StrJoin(objections, "; ",
                       [](std::string* out, const Objection& objection) { absl::StrAppend(out, objection.text); });
}

std::string NotServingText(const std::vector<Objection>& objections, absl::string_view model, int64_t version) {
  ROICAST_CHECK(!objections.empty());
  const bool force = std::any_of(objections.begin(), objections.end(), [](const Objection& objection) {
    return objection.obstacle == Obstacle::kIncompatible || objection.obstacle == Obstacle::kQuality;
  });
  return absl::StrCat(ObjectionsText(objections), ". To serve it all the same: roicast models serve ", model, " ",
                      version, force ? " --force" : "");
}

}  // namespace roicast
