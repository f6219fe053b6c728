// The rows of a batch: checked against a model's schema, and fetched part by part from where the request has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "base/memory_budget.h"
#include "server/services/prediction/batch_request.h"
#include "server/services/prediction/packed_array.h"
#include "server/serving/served_model.h"

namespace roicast {

// Not thread-safe but for Fetch; meant to be kept by a thread, with its memory.
class BatchRows {
 public:
  struct Limits {
    int64_t max_rows = 1;  // ≥ 1.
    // What the caller holds for each row.
    uint64_t bytes_per_row = 0;
    // What is held for the rows draws from it, for this use, until ShrinkTo, Clear or the next Bind.
    MemoryBudget* memory = MemoryBudget::Unlimited();
    MemoryUse memory_use = MemoryUse::kBatches;
  };

  // Request and model have to outlive the last use of the rows. Errors: InvalidArgument (names the field, what was
  // expected, what came), FailedPrecondition (the schema does not fit), ResourceExhausted (rows, memory); then there
  // are no rows.
  absl::Status Bind(BatchRequest& request, const ServedModel& model, const Limits& limits);
  // Forgets them.
  void Clear();

  int64_t size() const { return rows_; }

  // A row that cannot be converted. Its reason is worded when it is asked for: there may be a million.
  struct Refusal {
    int64_t row;
    // −1: the row as such, in the request's own form.
    int feature;
    // The code or time that is not allowed.
    int64_t value;
  };
  // In order, one for each row. Fetch gives these rows, too, with a missing value in place of what was rejected.
  absl::Span<const Refusal> refusals() const { return refusals_; }
  // One of refusals(). The first kHinted ones say which name may be meant.
  std::string ReasonOf(const Refusal& refusal) const;
  static constexpr std::ptrdiff_t kHinted = 100;

  // Rows that are current, and a thread's memory for them.
  struct Part {
    int64_t first_row = 0;
    // Values of a row.
    int64_t width = 0;
    // Either raw rows or one view per feature.
    const float* rows = nullptr;
    std::vector<ColumnView> views;

    RawRows Current() const { return {rows, rows == nullptr ? views : absl::Span<const ColumnView>()}; }
    // The raw values of one of them, until the next call.
    const float* Values(int64_t row);

    Scratch<float> values;
    std::vector<Scratch<float>> floats;
    std::vector<Scratch<double>> doubles;
    std::vector<float> gathered;
  };
  // Makes rows [begin, begin + count) current. Thread-safe.
  void Fetch(int64_t begin, int64_t count, Part& part) const;
  // How many of them the nearest caches keep until they are predicted.
  int64_t RowsPerFetch() const;
  // All raw rows [size(), features].
  std::vector<float> Copy() const;

  // Gives back memory beyond that many values.
  void ShrinkTo(size_t values);

 private:
  absl::Status BindInput(BatchRequest& request, const ServedModel& model);
  absl::Status BindColumns(BatchRequest& request, const ServedModel& model);
  void BindColumn(BatchColumn& column, int index, const ServedModel& model);
  absl::Status BindMatrix(const BatchRequest& request, const ServedModel& model);
  absl::Status BindCampaigns(const BatchRequest& request, const ServedModel& model);
  absl::Status BindNamedRows(const BatchRequest& request, const ServedModel& model);
  // Room for `rows` rows in memory.
  float* AddRows(int64_t rows);
  // That there may be so many, and takes memory for them. in_memory: their values, too, are kept.
  absl::Status TakeRows(int64_t rows, bool in_memory);
  absl::Status Claim(uint64_t bytes, MemoryClaim& claim);
  void Refuse(int64_t row, int feature = -1, int64_t value = 0) { refusals_.push_back({row, feature, value}); }
  // Refusals behind the first `sorted` are those of one more feature, in order: one for each row stays.
  void MergeRefusals(size_t sorted);

  Limits limits_;
  const ServedModel* model_ = nullptr;
  const BatchRequest* request_ = nullptr;
  int64_t rows_ = 0;
  // Values of a row.
  int64_t width_ = 0;
  // Either raw rows or one column per feature, nullptr if the request has none.
  const PackedArray<float>* matrix_ = nullptr;
  const float* rows_in_memory_ = nullptr;
  std::vector<const BatchColumn*> columns_;
  // Views of the columns that are decoded as a whole.
  std::vector<ColumnView> views_;
  std::vector<Refusal> refusals_;
  Scratch<float> converted_rows_;
  // One per feature: dictionary index → raw code.
  std::vector<std::vector<float>> code_maps_;
  MemoryClaim row_memory_;
  MemoryClaim refusal_memory_;
};

}  // namespace roicast
