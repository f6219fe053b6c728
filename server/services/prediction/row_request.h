// A PredictRequest as read from the wire. Text stays in the transport's bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/features/preprocessor.h"
#include "model/uncertainty/uncertainty.h"
#include "roicast/v1/prediction.pb.h"
#include "server/services/prediction/campaign_fields.h"
#include "server/services/prediction/named_values.h"

namespace roicast {

// Not thread-safe; meant to be kept by a thread, with its memory. Views point into it: it stays where it is.
class RowRequest {
 public:
  enum class Input { kNone, kCampaign, kRow, kDenseRow };

  RowRequest() = default;
  RowRequest(const RowRequest&) = delete;
  RowRequest& operator=(const RowRequest&) = delete;

  // A row of as many features as a schema may have, with long names and words, has less.
  static constexpr size_t kMaxBytes = size_t{1} << 20;
  // Of a row, one for each feature of the largest schema.
  static constexpr size_t kMaxValues = size_t{kMaxFeatures};
  // Errors: ResourceExhausted.
  static absl::Status CheckSize(size_t bytes);

  // Replaces what was read before, and refers to `bytes` until Trim or the next Read.
  // Errors: InvalidArgument if the bytes are not a PredictRequest or have more than kMaxValues values,
  // ResourceExhausted (those of CheckSize, or it would become larger than any row is).
  absl::Status Read(absl::string_view bytes);
  // The same where other calls wait meanwhile. False: it is not written as libraries write it, and takes too long to
  // parse.
  absl::StatusOr<bool> ReadQuickly(absl::string_view bytes);
  // As Read, for the StreamPredictRequest around it. False: the item is something else, or is not written as libraries
  // write it, and has to be parsed as a message.
  absl::StatusOr<bool> ReadStreamItem(absl::string_view bytes);
  // As Read, for a request that was already parsed; changes it. Errors: InvalidArgument (kMaxValues).
  absl::Status Take(v1::PredictRequest* request);
  // Refers to nothing any more, and gives back memory beyond some kilobytes. What was read is gone.
  void Trim();

  absl::string_view model() const { return model_; }
  int64_t version() const { return version_; }
  Input input() const { return input_; }
  // What is asked beside the prediction.
  const UncertaintyOptions& uncertainty() const { return uncertainty_; }
  // kCampaign.
  const CampaignFields& campaign() const { return campaign_; }
  // kRow.
  absl::Span<const NamedValue> values() const { return values_; }
  // kDenseRow.
  size_t dense_size() const { return dense_.size() / sizeof(float); }
  // To `row` [dense_size()].
  void CopyDense(float* row) const;
  absl::string_view schema_digest() const { return schema_digest_; }

 private:
  void Clear();
  // Whether it was read; false: it takes more than that to parse.
  absl::StatusOr<bool> ReadWithin(absl::string_view bytes, uint64_t max_parsed_bytes);
  // All false if the bytes are not written as libraries write them, or not such a message at all. Fields of later
  // releases are passed over.
  bool Parse(absl::string_view request);
  bool ParseModelRef(absl::string_view model);
  bool ParseRow(absl::string_view row);
  bool ParseDenseRow(absl::string_view row);

  // Of what was read last.
  size_t size_ = 0;
  // Why Parse was false.
  bool too_many_values_ = false;
  // What the views point into, unless it is the transport's.
  std::string serialized_;
  absl::string_view model_;
  int64_t version_ = 0;
  Input input_ = Input::kNone;
  UncertaintyOptions uncertainty_;
  CampaignFields campaign_;
  std::vector<NamedValue> values_;
  absl::string_view dense_;
  absl::string_view schema_digest_;
};

}  // namespace roicast
