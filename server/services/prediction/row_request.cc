#include "server/services/prediction/row_request.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/protobuf/parsed_size.h"
#include "server/services/prediction/how_sure.h"
#include "server/services/prediction/wire_reader.h"

namespace roicast {
namespace {

constexpr uint32_t VarintField(int field) { return static_cast<uint32_t>(field) << 3; }
constexpr uint32_t DoubleField(int field) { return static_cast<uint32_t>(field) << 3 | 1; }
constexpr uint32_t BytesField(int field) { return static_cast<uint32_t>(field) << 3 | 2; }

// The options of uncertainty that this release knows, and more.
constexpr size_t kMaxUncertaintyBytes = 64;
// What is not written as libraries write it becomes a message first. Rows of as many features as may be, with what a
// later release may add to each value, are less.
constexpr uint64_t kMaxParsedBytes = uint64_t{4} << 20;

absl::Status TooManyValues() {
  return absl::InvalidArgumentError(
      absl::StrCat("row.values: expected at most ", RowRequest::kMaxValues, ", one per feature, got more"));
}

// Passes over a field behind those that the message has: it is of a later release.
bool SkipLater(WireReader& reader, uint32_t tag, int last_known) {
  return tag >> 3 > static_cast<uint32_t>(last_known) && reader.Skip(tag);
}

bool ParseNamedValue(absl::string_view bytes, NamedValue* value) {
  WireReader reader(bytes);
  bool has_name = false;
  const auto is_first = [value](NamedValue::Kind kind) {
    return std::exchange(value->kind, kind) == NamedValue::Kind::kNone;
  };
  while (!reader.done()) {
    uint32_t tag = 0;
    if (!reader.Tag(&tag)) return false;
    bool read = false;
    switch (tag) {
      case BytesField(v1::NamedValue::kNameFieldNumber):
        read = !std::exchange(has_name, true) && reader.String(&value->name);
        break;
      case DoubleField(v1::NamedValue::kNumberFieldNumber):
        read = is_first(NamedValue::Kind::kNumber) && reader.Double(&value->number);
        break;
      case BytesField(v1::NamedValue::kWordFieldNumber):
        read = is_first(NamedValue::Kind::kWord) && reader.String(&value->word);
        break;
      case BytesField(v1::NamedValue::kTimeFieldNumber): {
        absl::string_view time;
        read = is_first(NamedValue::Kind::kTime) && reader.Bytes(&time) &&
               ParseTimestamp(time, &value->seconds, &value->nanos);
        break;
      }
      default:
        read = SkipLater(reader, tag, v1::NamedValue::kTimeFieldNumber);
        break;
    }
    if (!read) return false;
  }
  return true;
}

}  // namespace

void RowRequest::Clear() {
  model_ = {};
  version_ = 0;
  input_ = Input::kNone;
  uncertainty_ = UncertaintyOptions();
  values_.clear();
  dense_ = {};
  schema_digest_ = {};
  too_many_values_ = false;
}

bool RowRequest::ParseModelRef(absl::string_view model) {
  WireReader reader(model);
  bool has_name = false;
  bool has_version = false;
  while (!reader.done()) {
    uint32_t tag = 0;
    if (!reader.Tag(&tag)) return false;
    if (tag == BytesField(v1::ModelRef::kNameFieldNumber)) {
      if (std::exchange(has_name, true) || !reader.String(&model_)) return false;
    } else if (tag == VarintField(v1::ModelRef::kVersionFieldNumber)) {
      if (std::exchange(has_version, true) || !reader.Int64(&version_)) return false;
    } else if (!SkipLater(reader, tag, v1::ModelRef::kVersionFieldNumber)) {
      return false;
    }
  }
  return true;
}

bool RowRequest::ParseRow(absl::string_view row) {
  WireReader reader(row);
  size_t room = kMaxValues;
  while (!reader.done()) {
    uint32_t tag = 0;
    absl::string_view value;
    if (!reader.Tag(&tag)) return false;
    if (tag != BytesField(v1::Row::kValuesFieldNumber)) {
      if (!SkipLater(reader, tag, v1::Row::kValuesFieldNumber)) return false;
      continue;
    }
    if (room-- == 0) {
      too_many_values_ = true;
      return false;
    }
    if (!reader.Bytes(&value) || !ParseNamedValue(value, &values_.emplace_back())) return false;
  }
  return true;
}

bool RowRequest::ParseDenseRow(absl::string_view row) {
  WireReader reader(row);
  bool has_values = false;
  bool has_digest = false;
  while (!reader.done()) {
    uint32_t tag = 0;
    if (!reader.Tag(&tag)) return false;
    if (tag == BytesField(v1::DenseRow::kValuesFieldNumber)) {
      if (std::exchange(has_values, true) || !reader.Bytes(&dense_) || dense_.size() % sizeof(float) != 0) return false;
    } else if (tag == BytesField(v1::DenseRow::kSchemaDigestFieldNumber)) {
      if (std::exchange(has_digest, true) || !reader.String(&schema_digest_)) return false;
    } else if (!SkipLater(reader, tag, v1::DenseRow::kSchemaDigestFieldNumber)) {
      return false;
    }
  }
  return true;
}

bool RowRequest::Parse(absl::string_view request) {
  Clear();
  WireReader reader(request);
  bool has_model = false;
  bool has_uncertainty = false;
  while (!reader.done()) {
    uint32_t tag = 0;
    absl::string_view message;
    if (!reader.Tag(&tag)) return false;
    if (tag >> 3 > v1::PredictRequest::kUncertaintyFieldNumber) {
      if (!reader.Skip(tag)) return false;
      continue;
    }
    if (!reader.Bytes(&message)) return false;
    if (tag == BytesField(v1::PredictRequest::kModelFieldNumber)) {
      if (std::exchange(has_model, true) || !ParseModelRef(message)) return false;
      continue;
    }
    if (tag == BytesField(v1::PredictRequest::kUncertaintyFieldNumber)) {
      v1::UncertaintyOptions asked;
      if (std::exchange(has_uncertainty, true) || message.size() > kMaxUncertaintyBytes ||
          !asked.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
        return false;
      }
      uncertainty_ = UncertaintyFromProto(asked);
      continue;
    }
    if (input_ != Input::kNone) return false;
    bool read = false;
    switch (tag) {
      case BytesField(v1::PredictRequest::kCampaignFieldNumber):
        input_ = Input::kCampaign;
        read = ParseCampaign(message, &campaign_);
        break;
      case BytesField(v1::PredictRequest::kRowFieldNumber):
        input_ = Input::kRow;
        read = ParseRow(message);
        break;
      case BytesField(v1::PredictRequest::kDenseRowFieldNumber):
        input_ = Input::kDenseRow;
        read = ParseDenseRow(message);
        break;
      default:
        break;
    }
    if (!read) return false;
  }
  return true;
}

absl::Status RowRequest::CheckSize(size_t bytes) {
  if (bytes <= kMaxBytes) return absl::OkStatus();
  return RequestTooLarge("bytes of a row", static_cast<int64_t>(kMaxBytes), static_cast<int64_t>(bytes));
}

absl::StatusOr<bool> RowRequest::ReadWithin(absl::string_view bytes, uint64_t max_parsed_bytes) {
  size_ = bytes.size();
  ROICAST_RETURN_IF_ERROR(CheckSize(bytes.size()));
  if (Parse(bytes)) return true;
  if (too_many_values_) return TooManyValues();
  v1::PredictRequest request;
  if (ParsedBytes(request, bytes) > max_parsed_bytes) return false;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    Clear();
    return absl::InvalidArgumentError("the bytes are not a roicast.v1.PredictRequest");
  }
  ROICAST_RETURN_IF_ERROR(Take(&request));
  return true;
}

absl::Status RowRequest::Read(absl::string_view bytes) {
  ROICAST_ASSIGN_OR_RETURN(const bool read, ReadWithin(bytes, kMaxParsedBytes));
  if (read) return absl::OkStatus();
  return RequestTooLarge("bytes of a parsed row", static_cast<int64_t>(kMaxParsedBytes),
                         static_cast<int64_t>(ParsedBytes(v1::PredictRequest::default_instance(), bytes)));
}

absl::StatusOr<bool> RowRequest::ReadQuickly(absl::string_view bytes) { return ReadWithin(bytes, kQuickParsedBytes); }

absl::StatusOr<bool> RowRequest::ReadStreamItem(absl::string_view bytes) {
  size_ = bytes.size();
  WireReader reader(bytes);
  uint32_t tag = 0;
  absl::string_view request;
  if (!reader.Tag(&tag) || tag != BytesField(v1::StreamPredictRequest::kPredictFieldNumber) ||
      !reader.Bytes(&request) || !reader.done()) {
    return false;
  }
  ROICAST_RETURN_IF_ERROR(CheckSize(bytes.size()));
  if (Parse(request)) return true;
  if (too_many_values_) return TooManyValues();
  return false;
}

// Written again by the library, the request has the form that Parse reads: one meaning, whatever its first form.
absl::Status RowRequest::Take(v1::PredictRequest* request) {
  if (static_cast<size_t>(request->row().values_size()) > kMaxValues) return TooManyValues();
  request->DiscardUnknownFields();
  serialized_ = request->SerializeAsString();
  ROICAST_CHECK(Parse(serialized_));
  return absl::OkStatus();
}

void RowRequest::Trim() {
  constexpr size_t kKeepBytes = 64 << 10;
  if (size_ > kKeepBytes || serialized_.capacity() > kKeepBytes) {
    std::vector<NamedValue>().swap(values_);
    std::string().swap(serialized_);
  }
  Clear();
  size_ = 0;
}

void RowRequest::CopyDense(float* row) const { std::memcpy(row, dense_.data(), dense_.size()); }

}  // namespace roicast
