#include "client/campaign_fields.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/csv/csv_values.h"
#include "client/cell_error.h"

namespace roicast::client {
namespace {

using google::protobuf::FieldDescriptor;

const FieldDescriptor* FindField(absl::string_view name) {
  return v1::Campaign::descriptor()->FindFieldByName(std::string(name));
}

v1::FeatureKind KindOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return v1::FEATURE_KIND_NUMERIC;
    case FieldDescriptor::CPPTYPE_STRING:
      return v1::FEATURE_KIND_CATEGORICAL;
    default:
      return v1::FEATURE_KIND_TIME;
  }
}

}  // namespace

bool FitsCampaign(const v1::Schema& schema) {
  for (const v1::Feature& feature : schema.features()) {
    const FieldDescriptor* field = FindField(feature.name());
    if (field == nullptr || KindOf(*field) != feature.kind()) return false;
  }
  return schema.features_size() > 0;
}

absl::Status SetCampaignField(absl::string_view name, absl::string_view value, v1::Campaign* campaign) {
  const FieldDescriptor* field = FindField(name);
  if (field == nullptr) return absl::NotFoundError(absl::StrCat("a campaign has no field \"", name, "\""));
  const google::protobuf::Reflection& reflection = *campaign->GetReflection();
  switch (KindOf(*field)) {
    case v1::FEATURE_KIND_NUMERIC: {
      const std::optional<double> number = ParseNumber(value);
      if (!number.has_value()) return CellError(name, v1::FEATURE_KIND_NUMERIC, value);
      reflection.SetDouble(campaign, field, *number);
      return absl::OkStatus();
    }
    case v1::FEATURE_KIND_CATEGORICAL:
      reflection.SetString(campaign, field, std::string(value));
      return absl::OkStatus();
    default: {
      const std::optional<int64_t> time = ParseTime(value);
      if (!time.has_value()) return CellError(name, v1::FEATURE_KIND_TIME, value);
      campaign->mutable_start_time()->set_seconds(*time);
      return absl::OkStatus();
    }
  }
}

}  // namespace roicast::client
