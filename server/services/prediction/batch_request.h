// A BatchPredictRequest as read from the wire. Numbers of fixed size stay where the transport has them until they are
// predicted; others are decoded into arrays that a thread keeps from one request to the next. Generated code would copy
// all of them twice and fault in fresh memory each time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/memory_budget.h"
#include "model/uncertainty/uncertainty.h"
#include "roicast/v1/prediction.pb.h"
#include "server/services/prediction/packed_array.h"
#include "server/serving/compute_pool.h"

namespace roicast {

class FastReader;

struct BatchColumn {
  enum class Values { kNone, kFloats, kDoubles, kCategories, kTimes };
  std::string name;
  Values kind = Values::kNone;
  PackedArray<float> floats;
  PackedArray<double> doubles;
  Scratch<int32_t> codes;
  std::vector<std::string> dictionary;
  Scratch<int64_t> times;
  // The codes or times as the request has them, still encoded.
  absl::string_view encoded;

  int64_t size() const;
};

// Not thread-safe; meant to be kept by a thread. Its arrays point into it: it stays where it is.
class BatchRequest {
 public:
  enum class Input { kNone, kColumns, kMatrix, kCampaigns, kRows };

  BatchRequest() = default;
  BatchRequest(const BatchRequest&) = delete;
  BatchRequest& operator=(const BatchRequest&) = delete;

  // How to read: columns of more than max_rows rows are not decoded; `pool`, unless nullptr, shares the work; what is
  // decoded draws from `memory` until Trim or the next Read.
  struct Options {
    int64_t max_rows = 1;
    ComputePool* pool = nullptr;
    MemoryBudget* memory = MemoryBudget::Unlimited();
  };
  // More columns than a schema may have features are refused before they are read.
  static constexpr size_t kMaxColumns = 4096;

  // Replaces what was read before, and refers to `bytes` until Trim or the next Read. Errors:
  // InvalidArgument if the bytes are not a BatchPredictRequest, or it has too many columns; ResourceExhausted if a
  // column has more than max_rows rows, or there is no memory for it.
  absl::Status Read(absl::string_view bytes, const Options& options);
  // The same where other calls wait meanwhile. False: it has too many fields, or is not written as libraries write
  // columns and matrices, and takes too long to parse.
  absl::StatusOr<bool> ReadQuickly(absl::string_view bytes, const Options& options);
  // As Read, but only for a matrix, whose numbers stay where they are: this takes microseconds, whatever the size.
  // False: it is something else, or not written as libraries write it.
  bool ReadMatrix(absl::string_view bytes);
  // As Read, for the StreamPredictRequest around it. False: the item is something else, or is not written as libraries
  // write it, and has to be parsed as a message.
  absl::StatusOr<bool> ReadStreamItem(absl::string_view bytes, const Options& options);
  // As Read, for a request that was already parsed.
  void Take(const v1::BatchPredictRequest& request);
  // As Read, for an item of a stream that was parsed; what is not needed twice is moved.
  absl::Status Take(v1::BatchPredictRequest&& request);
  // Takes the memory that parsing a message needs, if that is worth counting. Errors: ResourceExhausted.
  absl::Status ClaimParsing(const google::protobuf::Message& prototype, absl::string_view bytes, MemoryBudget* memory);

  // Of its input, as far as they can be told without the model: of the longest column.
  int64_t RowCount() const;

  // Refers to nothing any more, and gives back memory beyond a few megabytes.
  void Trim();

  std::string model;
  int64_t version = 0;
  int32_t max_issues = 0;
  // What is asked beside the predictions.
  UncertaintyOptions uncertainty;
  Input input = Input::kNone;
  // kColumns. The columns' memory outlives the request; column_count of them count.
  std::vector<BatchColumn> columns;
  size_t column_count = 0;
  // kMatrix.
  PackedArray<float> values;
  int64_t rows = 0;
  std::string schema_digest;
  // kCampaigns.
  v1::CampaignList campaigns;
  // kRows.
  v1::RowList named_rows;

 private:
  void Clear();
  BatchColumn& AddColumn();
  // What surrounds the request, must be in it, or must not be much.
  enum class Form { kAny, kInStreamItem, kMatrix, kQuick };
  // Finds out where everything is; nothing is decoded.
  bool Locate(absl::string_view bytes, Form form);
  absl::StatusOr<bool> ReadFast(absl::string_view bytes, const Options& options, Form form);
  // By the generated parser.
  absl::Status ReadParsed(absl::string_view bytes, const Options& options);
  // A field of the request other than its model. As all that follow: false if it is not written as libraries do.
  bool LocateField(uint32_t tag, FastReader& reader);
  bool LocateMatrix(FastReader& reader);
  bool ReadModelRef(FastReader& reader);
  bool ReadColumn(FastReader& reader);
  absl::StatusOr<bool> DecodeColumns(const Options& options);

  MemoryClaim memory_;
  // Of all columns.
  size_t dictionary_words_ = 0;
};

}  // namespace roicast
