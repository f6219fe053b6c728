// What requests and answers need from a model, computed once per version: where the fields of a Campaign go in its
// rows, and the parts that are the same in all answers.
#pragma once

#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/check.h"
#include "model/predictor/predictor.h"
#include "server/serving/served_model.h"

namespace roicast {

// Immutable and thread-safe.
class ModelBinding final : public ModelAttachment {
 public:
  explicit ModelBinding(const ServedModel& model);

  // The registry's AttachmentFactory.
  static std::unique_ptr<const ModelAttachment> Make(const ServedModel& model);
  // The binding that Make attached to the model. No other factory attaches anything.
  static const ModelBinding& Of(const ServedModel& model) {
    ROICAST_CHECK(model.attachment() != nullptr);
    return *static_cast<const ModelBinding*>(model.attachment());
  }

  // Encoded field 1 (served_by) of PredictResponse and BatchPredictResponse.
  const std::string& served_by_field() const { return served_by_field_; }
  // An encoded roicast.v1.Warning.
  const std::string& warning(WarningKind kind, int feature) const {
    return warnings_[static_cast<size_t>(feature) * std::size(kAllWarningKinds) + static_cast<size_t>(kind)];
  }

  // Feature index of each field of CampaignSchema(), −1 if this model does not use it.
  const std::vector<int>& campaign_features() const { return campaign_features_; }
  // Why campaigns cannot be answered; OK if they can. FailedPrecondition.
  const absl::Status& takes_campaigns() const { return takes_campaigns_; }

 private:
  void BindCampaign(const ServedModel& model);
  void EncodeAnswers(const ServedModel& model);

  std::string served_by_field_;
  // For each feature, one of each kind, in the order of the enum.
  std::vector<std::string> warnings_;
  std::vector<int> campaign_features_;
  absl::Status takes_campaigns_;
};

}  // namespace roicast
