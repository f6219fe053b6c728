#include "server/services/prediction/model_binding.h"

#include "absl/strings/str_cat.h"
#include "roicast/v1/common.pb.h"
#include "roicast/v1/prediction.pb.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

absl::Status CampaignsNotSupported(const ServedModel& model, absl::string_view why) {
  return WithReason(absl::FailedPreconditionError(
                        absl::StrCat(model.label(), " does not take campaigns: ", why,
                                     "; send named values (PredictRequest.row, BatchPredictRequest.columns)")),
                    v1::CAMPAIGNS_NOT_SUPPORTED, {{"model", model.name()}, {"version", absl::StrCat(model.version())}});
}

v1::WarningKind KindToProto(WarningKind kind) {
  switch (kind) {
    case WarningKind::kValueImputed:
      return v1::WARNING_KIND_VALUE_IMPUTED;
    case WarningKind::kCategoryUnseen:
      return v1::WARNING_KIND_CATEGORY_UNSEEN;
    case WarningKind::kValueOutOfRange:
      return v1::WARNING_KIND_VALUE_OUT_OF_RANGE;
    case WarningKind::kValueOutOfWordRange:
      return v1::WARNING_KIND_VALUE_OUT_OF_WORD_RANGE;
  }
  return v1::WARNING_KIND_UNSPECIFIED;
}

}  // namespace

ModelBinding::ModelBinding(const ServedModel& model) {
  BindCampaign(model);
  EncodeAnswers(model);
}

std::unique_ptr<const ModelAttachment> ModelBinding::Make(const ServedModel& model) {
  return std::make_unique<const ModelBinding>(model);
}

void ModelBinding::BindCampaign(const ServedModel& model) {
  const Schema& campaign = CampaignSchema();
  for (const Feature& field : campaign.features) campaign_features_.push_back(model.FeatureIndex(field.name));
  for (const Feature& feature : model.schema().features) {
    const int field = campaign.IndexOf(feature.name);
    if (field < 0) {
      takes_campaigns_ =
          CampaignsNotSupported(model, absl::StrCat("its feature \"", feature.name, "\" is not a field of Campaign"));
      return;
    }
    const FeatureKind expected = campaign.features[static_cast<size_t>(field)].kind;
    if (feature.kind != expected) {
      takes_campaigns_ = CampaignsNotSupported(
          model, absl::StrCat("its feature \"", feature.name, "\" is ", FeatureKindName(feature.kind),
                              ", that of Campaign is ", FeatureKindName(expected)));
      return;
    }
  }
}

void ModelBinding::EncodeAnswers(const ServedModel& model) {
  v1::PredictResponse response;
  v1::ServedBy& served_by = *response.mutable_served_by();
  served_by.set_model(model.name());
  served_by.set_version(model.version());
  served_by.set_artifact_digest(model.artifact_digest());
  served_by_field_ = response.SerializeAsString();
  for (const Feature& feature : model.schema().features) {
    for (const WarningKind kind : kAllWarningKinds) {
      v1::Warning warning;
      warning.set_kind(KindToProto(kind));
      warning.set_feature(feature.name);
      warnings_.push_back(warning.SerializeAsString());
    }
  }
}

}  // namespace roicast
