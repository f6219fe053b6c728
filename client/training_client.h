// Uploads and inspects datasets, runs training jobs, evaluates models.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/channel.h"
#include "client/retry.h"
#include "roicast/v1/training.pb.h"

namespace roicast::client {

struct WatchOptions {
  // How long to retry after the last update from a server that has become unavailable.
  absl::Duration reconnect_for = absl::Seconds(60);
  CallOptions backoff;
};

// True for the final states.
bool HasEnded(v1::JobState state);

// Thread-safe.
class TrainingClient {
 public:
  explicit TrainingClient(std::shared_ptr<ChannelPool> channels, CallOptions options = {});

  // Streams a CSV to the server. `progress` (may be null) receives the bytes sent so far, about once per megabyte;
  // returning false ends the upload with CANCELLED. Errors: the server's; INTERNAL if `csv` cannot be read.
  absl::StatusOr<v1::Dataset> UploadCsv(std::istream& csv, const v1::UploadDatasetHeader& header,
                                        const std::function<bool(int64_t)>& progress) const;
  absl::StatusOr<v1::InspectDatasetResponse> InspectDataset(const v1::TrainingSpec& spec) const;

  // Generates a request_id if there is none, so that the call can be retried safely.
  absl::StatusOr<v1::TrainingJob> CreateJob(v1::CreateTrainingJobRequest request) const;
  absl::StatusOr<v1::TrainingJob> GetJob(absl::string_view id) const;
  // Newest first, at most `limit`. Empty model: jobs of all models.
  absl::StatusOr<std::vector<v1::TrainingJob>> ListJobs(absl::string_view model, int limit) const;
  absl::StatusOr<v1::TrainingJob> CancelJob(absl::string_view id) const;

  // Calls on_update with the current state and after each change, until the job has ended or on_update returns false;
  // reconnects if the server becomes unavailable. Returns the last state. cancel_registrar, if given, receives a
  // function that ends the watch from another thread, which also returns the last state.
  absl::StatusOr<v1::TrainingJob> WatchJob(
      absl::string_view id, const WatchOptions& options, const std::function<bool(const v1::TrainingJob&)>& on_update,
      const std::function<void(std::function<void()>)>& cancel_registrar = nullptr) const;

  // Takes as long as reading the dataset does; `timeout` applies to this call only.
  absl::StatusOr<v1::EvaluateModelResponse> Evaluate(const v1::EvaluateModelRequest& request,
                                                     absl::Duration timeout) const;

 private:
  const std::shared_ptr<ChannelPool> channels_;
  const CallOptions options_;
};

}  // namespace roicast::client
