// Checks a batch against a model's schema, predicts it, and writes the answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "server/services/prediction/batch_request.h"
#include "server/services/prediction/batch_uncertainty.h"
#include "server/services/prediction/warning_counts.h"
#include "server/serving/compute_pool.h"
#include "server/serving/served_model.h"

namespace roicast {

// Not thread-safe; meant to be kept by a thread, with its memory.
class BatchPrediction {
 public:
  struct Options {
    // Shares the work; nullptr: the calling thread does it all.
    ComputePool* pool = nullptr;
    // ≥ 1.
    int64_t max_rows = 1;
    // Asked between parts of the work, on any thread; once it returns a status that is not OK the rest is left undone,
    // and the status returned.
    std::function<absl::Status()> stop;
  };

  // Rows of a part of the work: long enough to hide the hand-over, short enough for threads to finish together and for
  // a client that disconnected to be noticed.
  static constexpr int64_t kRowsPerRange = 512;

  // Begin, PredictRange for all rows, End. Appends an encoded BatchPredictResponse to `response`.
  // Errors: InvalidArgument (names the field, what was expected, what came), FailedPrecondition (the schema does not
  // fit, or intervals are asked of a model without a calibration), ResourceExhausted (rows), what options.stop
  // returned.
  absl::Status Run(BatchRequest& request, const ServedModel& model, const Options& options, std::string* response);

  // The same in steps, for those who share the work otherwise. Request and model have to outlive End.
  absl::Status Begin(BatchRequest& request, const ServedModel& model, const Options& options);
  // Ranges begin at multiples of kRowsPerRange and have as many rows or end with the last. Thread-safe after Begin.
  void PredictRange(int64_t begin, int64_t end);
  absl::Status End(std::string* response);

  // The rows of the last Begin that was OK.
  int64_t rows() const { return rows_; }

  // Rows rejected by the conversion, before the predictor saw them: row and reason, in order.
  using Refusals = std::vector<std::pair<int64_t, std::string>>;
  // Checks as Begin does, and copies the request's raw rows instead of predicting them: `rows` [rows(), features].
  // Those in `refusals` are there, too, with a missing value in place of the one that was rejected.
  absl::Status ReadRows(BatchRequest& request, const ServedModel& model, int64_t max_rows, std::vector<float>* rows,
                        Refusals* refusals);

  // Gives back memory beyond a few megabytes.
  void Trim();

 private:
  // What one range of rows gave.
  struct RangeResult {
    // Encoded issues (field included), and where each ends.
    std::string issues;
    std::vector<size_t> issue_ends;
    int64_t rows_with_issues = 0;
    int64_t rows_refused = 0;
    WarningCounts warnings;
  };

  // Forgets the last request.
  void Clear(const ServedModel& model, const Options& options);
  absl::Status Bind(BatchRequest& request, const ServedModel& model);
  absl::Status BindColumns(BatchRequest& request, const ServedModel& model);
  void BindColumn(BatchColumn& column, const Feature& feature, int index, const ServedModel& model);
  absl::Status BindMatrix(const BatchRequest& request, const ServedModel& model);
  absl::Status BindCampaigns(const BatchRequest& request, const ServedModel& model);
  absl::Status BindNamedRows(const BatchRequest& request, const ServedModel& model);
  // Room for `rows` rows in memory.
  float* AddRows(int64_t rows);
  absl::Status CheckRows(int64_t rows) const;
  void Refuse(int64_t row, std::string reason);
  // What a thread needs to work on a range: its memory, and where the values of the current rows are.
  struct RangeScratch {
    Scratch<float> values;
    std::vector<Scratch<float>> floats;
    std::vector<Scratch<double>> doubles;
    // The first of the rows that Fetch made current; then either their raw rows or one view per feature.
    int64_t first_row = 0;
    const float* rows = nullptr;
    std::vector<ColumnView> views;
    RawRows Current() const { return {rows, rows == nullptr ? views : absl::Span<const ColumnView>()}; }
    // For one row's issue.
    std::vector<RowWarning> warnings;
    std::vector<float> raw;
    std::string issue;
    std::string status;
  };
  static RangeScratch& ThisThreadsScratch();
  // Makes rows [begin, begin + count) current.
  void Fetch(int64_t begin, int64_t count, RangeScratch& scratch) const;
  // Counts one row's issue and, if asked, lists it; a refused row's prediction becomes NaN.
  void Report(int64_t row, const std::string* refusal, bool list, RangeResult& result, RangeScratch& scratch);
  void Encode(std::string* response) const;
  bool Stopped();

  Options options_;
  const ServedModel* model_ = nullptr;
  int64_t max_issues_ = 0;
  // The request gives no number: the list is cut so that the answer fits what clients receive by default.
  bool lists_usual_issues_ = true;
  int64_t rows_ = 0;
  // Values of a row.
  int64_t width_ = 0;
  // Either raw rows or one column per feature, nullptr if the request has none.
  const PackedArray<float>* matrix_ = nullptr;
  const float* rows_in_memory_ = nullptr;
  std::vector<const BatchColumn*> columns_;
  // Views of the columns that are decoded as a whole.
  std::vector<ColumnView> views_;
  Refusals refusals_;
  Scratch<float> converted_rows_;
  // One per feature: dictionary index → raw code.
  std::vector<std::vector<float>> code_maps_;
  Scratch<float> roi_;
  BatchUncertainty uncertainty_;
  Scratch<uint8_t> flags_;
  std::vector<RangeResult> results_;
  std::atomic<bool> is_stopped_{false};
  absl::Mutex stop_mutex_;
  absl::Status stopped_ ABSL_GUARDED_BY(stop_mutex_);
};

}  // namespace roicast
