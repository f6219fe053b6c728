#include "server/services/prediction/how_sure.h"

#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"

namespace roicast {

bool AsksHowSure(const UncertaintyOptions& options) {
  return options.interval_level.has_value() || options.profit_probability || options.profit_threshold.has_value();
}

UncertaintyOptions UncertaintyFromProto(const v1::UncertaintyOptions& proto) {
  UncertaintyOptions options;
  if (proto.has_interval_level()) options.interval_level = proto.interval_level();
  options.profit_probability = proto.profit_probability();
  if (proto.has_profit_threshold()) options.profit_threshold = proto.profit_threshold();
  return options;
}

absl::StatusOr<Uncertainty::Question> AskHowSure(const UncertaintyOptions& options, const ServedModel& model) {
  model.metrics().CountUncertaintyRequest();
  if (model.uncertainty() == nullptr) {
    return NoCalibration(model.name(), model.version(), "nothing is known of how sure its predictions are");
  }
  absl::StatusOr<Uncertainty::Question> question = model.uncertainty()->Ask(options);
  if (absl::IsFailedPrecondition(question.status())) {
    return NoCalibration(model.name(), model.version(), question.status().message());
  }
  if (!question.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("uncertainty.", question.status().message()));
  }
  return question;
}

}  // namespace roicast
