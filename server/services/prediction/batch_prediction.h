// Predicts a batch and writes the answer, with as many issues as it has room for.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "base/memory_budget.h"
#include "server/flag_defaults.h"
#include "server/services/prediction/batch_request.h"
#include "server/services/prediction/batch_rows.h"
#include "server/services/prediction/batch_uncertainty.h"
#include "server/services/prediction/warning_counts.h"
#include "server/serving/served_model.h"

namespace roicast {

// Not thread-safe; meant to be kept by a thread, with its memory.
class BatchPrediction {
 public:
  struct Options {
    // ≥ 1.
    int64_t max_rows = 1;
    // Asked between parts of the work, on any thread; once it returns a status that is not OK the rest is left undone,
    // and the status returned.
    std::function<absl::Status()> stop;
    // Issues are listed as long as the answer has no more. Where the request gives no number of issues, also no more
    // than clients receive by default.
    int64_t max_response_bytes = defaults::kMaxMessageBytes;
    // What is held for the rows and their issues draws from it, until Trim or the next Begin.
    MemoryBudget* memory = MemoryBudget::Unlimited();
  };

  // Rows of a part of the work: long enough to hide the hand-over, short enough for threads to finish together and for
  // a client that disconnected to be noticed.
  static constexpr int64_t kRowsPerRange = 512;

  // Begin, PredictRange for all rows, End, on the calling thread. Appends an encoded BatchPredictResponse to
  // `response`. Errors: InvalidArgument (names the field, what was expected, what came), FailedPrecondition (the schema
  // does not fit, or intervals are asked of a model without a calibration), ResourceExhausted (rows, memory), what
  // options.stop returned.
  absl::Status Run(BatchRequest& request, const ServedModel& model, const Options& options, std::string* response);

  // The same in steps, for threads that share the work. Request and model have to outlive End.
  absl::Status Begin(BatchRequest& request, const ServedModel& model, const Options& options);
  // Ranges begin at multiples of kRowsPerRange and have as many rows or end with the last. Thread-safe after Begin.
  void PredictRange(int64_t begin, int64_t end);
  absl::Status End(std::string* response);

  // The rows of the last Begin that was OK.
  int64_t rows() const { return rows_.size(); }

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

  // Notes that a range is done, and whether more issues can be of use.
  void FinishRange(size_t index);
  // What a thread needs to work on a range.
  struct RangeScratch {
    BatchRows::Part part;
    // For one row's issue.
    std::vector<RowWarning> warnings;
    std::string issue;
    std::string status;
  };
  static RangeScratch& ThisThreadsScratch();
  // Counts the issues of rows [first, first + count), which are fetched, and lists them. again: they are counted
  // already.
  void ReportRows(int64_t first, int64_t count, bool again, RangeResult& result, RangeScratch& scratch);
  // Whether issues were left out although the range's own limits allow them.
  bool IsCutShort(const RangeResult& result) const;
  void ListAgain(size_t index);
  // Counts one row's issue and, if asked, lists it; a refused row's prediction becomes NaN.
  void Report(int64_t row, const BatchRows::Refusal* refusal, bool list, RangeResult& result, RangeScratch& scratch);
  void Encode(std::string* response);
  bool Stopped();

  Options options_;
  const ServedModel* model_ = nullptr;
  int64_t max_issues_ = 0;
  // Bytes of issues that the answer can have at most.
  size_t issue_room_ = 0;
  // The request gives no number: the list is cut so that the answer fits what clients receive by default.
  bool lists_usual_issues_ = true;
  BatchRows rows_;
  Scratch<float> roi_;
  BatchUncertainty uncertainty_;
  Scratch<uint8_t> flags_;
  std::vector<RangeResult> results_;
  // How much of the issues is there, so that no more are made than fit. Only batches of several ranges need to know.
  std::vector<std::atomic<bool>> range_done_;
  std::atomic<bool> has_issues_{false};
  std::atomic<bool> issues_full_{false};
  std::atomic<size_t> issue_bytes_{0};
  absl::Mutex prefix_mutex_;
  // The first ranges, without gaps, that are done.
  size_t prefix_ ABSL_GUARDED_BY(prefix_mutex_) = 0;
  size_t prefix_bytes_ ABSL_GUARDED_BY(prefix_mutex_) = 0;
  int64_t prefix_issues_ ABSL_GUARDED_BY(prefix_mutex_) = 0;
  bool no_issue_memory_ ABSL_GUARDED_BY(prefix_mutex_) = false;
  MemoryClaim issue_memory_ ABSL_GUARDED_BY(prefix_mutex_);
  std::atomic<bool> is_stopped_{false};
  absl::Mutex stop_mutex_;
  absl::Status stopped_ ABSL_GUARDED_BY(stop_mutex_);
};

}  // namespace roicast
