// Datasets up, jobs through, models measured.
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
  // How long to look for a server that went away, since it was last heard of.
  absl::Duration reconnect_for = absl::Seconds(60);
  CallOptions backoff;
};

// Whether the job will not change any more.
bool HasEnded(v1::JobState state);

// Thread-safe.
class TrainingClient {
 public:
  explicit TrainingClient(std::shared_ptr<ChannelPool> channels, CallOptions options = {});

  // Streams a CSV to the server. progress gets the bytes sent so far, about once a megabyte; false ends the upload with
  // CANCELLED. May be null. Errors: the server's; INTERNAL where `csv` cannot be read.
  absl::StatusOr<v1::Dataset> UploadCsv(std::istream& csv, const v1::UploadDatasetHeader& header,
                                        const std::function<bool(int64_t)>& progress) const;
  absl::StatusOr<v1::InspectDatasetResponse> InspectDataset(const v1::TrainingSpec& spec) const;

  // A request_id is made up where there is none, so that the call can be repeated safely.
  absl::StatusOr<v1::TrainingJob> CreateJob(v1::CreateTrainingJobRequest request) const;
  absl::StatusOr<v1::TrainingJob> GetJob(absl::string_view id) const;
  // Newest first, at most `limit`. model empty: of all models.
  absl::StatusOr<std::vector<v1::TrainingJob>> ListJobs(absl::string_view model, int limit) const;
  absl::StatusOr<v1::TrainingJob> CancelJob(absl::string_view id) const;

  // Calls on_update with the job as it is and after each change, until it has ended or on_update returns false; joins
  // again where the server goes away for a while. Returns the last state. cancel_registrar, if given, gets a function
  // that ends the watch from another thread; then the last state is returned, too.
  absl::StatusOr<v1::TrainingJob> WatchJob(
      absl::string_view id, const WatchOptions& options, const std::function<bool(const v1::TrainingJob&)>& on_update,
      const std::function<void(std::function<void()>)>& cancel_registrar = nullptr) const;

  // Measuring takes as long as reading the dataset does: `timeout` is for this call alone.
  absl::StatusOr<v1::EvaluateModelResponse> Evaluate(const v1::EvaluateModelRequest& request,
                                                     absl::Duration timeout) const;

 private:
  const std::shared_ptr<ChannelPool> channels_;
  const CallOptions options_;
};

}  // namespace roicast::client
