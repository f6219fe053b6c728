#include "client/training_client.h"

#include <algorithm>
#include <atomic>
#include <istream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "client/status.h"
#include "client/stream_chunks.h"
#include "client/unary_call.h"
#include "roicast/v1/training.grpc.pb.h"

namespace roicast::client {
namespace {

using Stub = v1::TrainingService::Stub;

constexpr absl::Duration kUploadTimeout = absl::Hours(6);
constexpr absl::Duration kInspectTimeout = absl::Minutes(10);
constexpr int kMaxPageSize = 1000;

std::string MakeRequestId() {
  Random random(static_cast<uint64_t>(absl::GetCurrentTimeNanos()) ^ reinterpret_cast<uintptr_t>(&random));
  return absl::StrFormat("%016x%016x", random.NextUint64(), random.NextUint64());
}

CallOptions WithTimeout(CallOptions options, absl::Duration timeout) {
  options.timeout = timeout;
  return options;
}

// Lets another thread cancel the current attempt of a watch.
class Canceller {
 public:
  void Attach(grpc::ClientContext* context) {
    const absl::MutexLock lock(&mutex_);
    context_ = context;
    if (cancelled_ && context_ != nullptr) context_->TryCancel();
  }
  void Cancel() {
    const absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  bool cancelled() const {
    const absl::MutexLock lock(&mutex_);
    return cancelled_;
  }
  // Returns true if cancelled meanwhile.
  bool Sleep(absl::Duration wait) {
    const absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&cancelled_), wait);
  }

 private:
  mutable absl::Mutex mutex_;
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

bool HasEnded(v1::JobState state) {
  return state == v1::JOB_STATE_SUCCEEDED || state == v1::JOB_STATE_FAILED || state == v1::JOB_STATE_CANCELLED ||
         state == v1::JOB_STATE_INTERRUPTED;
}

TrainingClient::TrainingClient(std::shared_ptr<ChannelPool> channels, CallOptions options)
    : channels_(std::move(channels)), options_(options) {}

absl::StatusOr<v1::Dataset> TrainingClient::UploadCsv(std::istream& csv, const v1::UploadDatasetHeader& header,
                                                      const std::function<bool(int64_t)>& progress) const {
  grpc::ClientContext context;
  SetDeadline(context, absl::Now() + kUploadTimeout);
  v1::Dataset dataset;
  const auto stub = v1::TrainingService::NewStub(channels_->Next());
  const auto writer = stub->UploadDataset(&context, &dataset);
  v1::UploadDatasetRequest request;
  *request.mutable_header() = header;
  bool open = writer->Write(request);
  int64_t sent = 0;
  bool wanted = true;
  ForEachChunk(csv, [&](absl::string_view chunk) {
    request.set_csv(chunk.data(), chunk.size());
    open = open && writer->Write(request);
    sent += static_cast<int64_t>(chunk.size());
    if (progress) wanted = progress(sent);
    return open && wanted;
  });
  if (!wanted || csv.bad()) context.TryCancel();
  writer->WritesDone();
  const absl::Status status = ToAbslStatus(writer->Finish());
  if (!wanted) return absl::CancelledError("upload: cancelled by the caller");
  if (csv.bad()) return absl::InternalError("upload: the file cannot be read");
  ROICAST_RETURN_IF_ERROR(status);
  return dataset;
}

absl::StatusOr<v1::InspectDatasetResponse> TrainingClient::InspectDataset(const v1::TrainingSpec& spec) const {
  v1::InspectDatasetRequest request;
  *request.mutable_spec() = spec;
  return CallIdempotent(*channels_, WithTimeout(options_, kInspectTimeout), &Stub::InspectDataset, request);
}

absl::StatusOr<v1::TrainingJob> TrainingClient::CreateJob(v1::CreateTrainingJobRequest request) const {
  if (request.request_id().empty()) request.set_request_id(MakeRequestId());
  return CallIdempotent(*channels_, options_, &Stub::CreateTrainingJob, request);
}

absl::StatusOr<v1::TrainingJob> TrainingClient::GetJob(absl::string_view id) const {
  v1::GetTrainingJobRequest request;
  request.set_id(std::string(id));
  return CallIdempotent(*channels_, options_, &Stub::GetTrainingJob, request);
}

absl::StatusOr<std::vector<v1::TrainingJob>> TrainingClient::ListJobs(absl::string_view model, int limit) const {
  std::vector<v1::TrainingJob> jobs;
  v1::ListTrainingJobsRequest request;
  request.set_model(std::string(model));
  while (static_cast<int>(jobs.size()) < limit) {
    request.set_page_size(std::min(kMaxPageSize, limit - static_cast<int>(jobs.size())));
    ROICAST_ASSIGN_OR_RETURN(v1::ListTrainingJobsResponse page,
                             CallIdempotent(*channels_, options_, &Stub::ListTrainingJobs, request));
    std::move(page.mutable_jobs()->begin(), page.mutable_jobs()->end(), std::back_inserter(jobs));
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  return jobs;
}

absl::StatusOr<v1::TrainingJob> TrainingClient::CancelJob(absl::string_view id) const {
  v1::CancelTrainingJobRequest request;
  request.set_id(std::string(id));
  return CallIdempotent(*channels_, options_, &Stub::CancelTrainingJob, request);
}

absl::StatusOr<v1::TrainingJob> TrainingClient::WatchJob(
    absl::string_view id, const WatchOptions& options, const std::function<bool(const v1::TrainingJob&)>& on_update,
    const std::function<void(std::function<void()>)>& cancel_registrar) const {
  const auto canceller = std::make_shared<Canceller>();
  if (cancel_registrar) cancel_registrar([canceller] { canceller->Cancel(); });
  v1::WatchTrainingJobRequest request;
  request.set_id(std::string(id));
  v1::TrainingJob job;
  absl::Time last_heard = absl::Now();
  for (int attempt = 1;; ++attempt) {
    grpc::ClientContext context;
    canceller->Attach(&context);
    const auto stub = v1::TrainingService::NewStub(channels_->Next());
    const auto reader = stub->WatchTrainingJob(&context, request);
    bool wanted = true;
    while (wanted && reader->Read(&job)) {
      last_heard = absl::Now();
      attempt = 1;
      wanted = on_update(job) && !HasEnded(job.state());
    }
    if (!wanted) context.TryCancel();
    const absl::Status status = ToAbslStatus(reader->Finish());
    canceller->Attach(nullptr);
    if (!wanted || canceller->cancelled()) return job;
    // The stream ended before the job: the server is draining, or the connection broke.
    if (!status.ok() && !absl::IsUnavailable(status)) return status;
    if (absl::Now() - last_heard > options.reconnect_for) {
      return status.ok() ? absl::UnavailableError("the server ended the watch before the job ended") : status;
    }
    if (canceller->Sleep(Backoff(options.backoff, attempt))) return job;
  }
}

absl::StatusOr<v1::EvaluateModelResponse> TrainingClient::Evaluate(const v1::EvaluateModelRequest& request,
                                                                   absl::Duration timeout) const {
  return CallIdempotent(*channels_, WithTimeout(options_, timeout), &Stub::EvaluateModel, request);
}

}  // namespace roicast::client
