#include "server/errors/errors.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "base/one_line.h"
#include "google/rpc/error_details.pb.h"

namespace roicast {
namespace {

// As in google.protobuf.Any, so that a payload can travel as it is.
constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kDomain[] = "roicast";
// Names come from clients; what is longer than any allowed name is not worth its bytes.
constexpr size_t kMaxQuotedBytes = 100;

// The same bytes for the same content, so that statuses can be compared.
std::string Serialize(const google::protobuf::MessageLite& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

// Which flag changes a limit; the others are fixed. tests/server/options_test.cc compares the names with the flags.
struct LimitFlag {
  absl::string_view resource;
  absl::string_view flag;
};
constexpr LimitFlag kLimitFlags[] = {
    {"rows", "--max_batch_rows"},
    {"request bytes", "--max_message_bytes"},
    {"dataset bytes", "--max_dataset_bytes"},
    {"stored bytes", "--max_store_bytes"},
    {"models", "--max_models"},
    {"versions of a model", "--max_versions"},
    {"calls in flight", "--max_in_flight"},
    {"calls in flight of one address", "--max_in_flight"},
    {"bytes held for clients", "--max_bytes_held"},
    {"bytes held for a connection", "--max_bytes_held_per_connection"},
    {"bytes of memory", "--memory_budget"},
    {"compute tasks waiting", "--max_waiting_batches"},
    {"training jobs waiting", "--max_queued_jobs"},
    {"training jobs waiting of one client", "--max_queued_jobs"},
};

// "rows: limit 100, got 101 (the server's --max_batch_rows)".
std::string OverLimit(absl::string_view resource, int64_t limit, int64_t got) {
  std::string message = absl::StrCat(resource, ": limit ", limit, ", got ", got);
  for (const LimitFlag& known : kLimitFlags) {
    if (known.resource == resource) absl::StrAppend(&message, " (the server's ", known.flag, ")");
  }
  return message;
}

std::string Quoted(absl::string_view name) { return absl::StrCat("\"", OneLine(name, kMaxQuotedBytes), "\""); }

}  // namespace

absl::Status ModelNotFound(absl::string_view model, absl::string_view hint) {
  return WithReason(absl::NotFoundError(absl::StrCat("no model ", Quoted(model), hint)), v1::MODEL_NOT_FOUND,
                    {{"model", std::string(model)}});
}

absl::Status VersionNotFound(absl::string_view model, int64_t version) {
  return WithReason(absl::NotFoundError(absl::StrCat("model ", Quoted(model), " has no version ", version)),
                    v1::VERSION_NOT_FOUND, {{"model", std::string(model)}, {"version", absl::StrCat(version)}});
}

absl::Status NoVersionReady(absl::string_view model, absl::string_view why) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat("no version of model ", Quoted(model), " is ready: ",
                                                               why.empty() ? "train or import one first" : why)),
                    v1::NO_VERSION_READY, {{"model", std::string(model)}});
}

absl::Status NoCalibration(absl::string_view model, int64_t version, absl::string_view why) {
  return WithReason(absl::FailedPreconditionError(
                        absl::StrCat("uncertainty: model ", Quoted(model), " version ", version, ": ", why)),
                    v1::NO_CALIBRATION, {{"model", std::string(model)}, {"version", absl::StrCat(version)}});
}

absl::Status VersionRefused(absl::string_view model, int64_t version, absl::string_view why) {
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat("model ", Quoted(model), " version ", version, " is refused: ", why)),
      v1::VERSION_REFUSED, {{"model", std::string(model)}, {"version", absl::StrCat(version)}});
}

absl::Status VersionNotLoadable(absl::string_view model, int64_t version, absl::string_view why) {
  return WithReason(absl::FailedPreconditionError(
                        absl::StrCat("model ", Quoted(model), " version ", version, " cannot be loaded: ", why)),
                    v1::VERSION_NOT_LOADABLE, {{"model", std::string(model)}, {"version", absl::StrCat(version)}});
}

absl::Status ServerDraining() {
  return WithReason(absl::UnavailableError("the server is shutting down; retry elsewhere or later"),
                    v1::SERVER_DRAINING, {});
}

absl::Status ServerOverloaded(absl::string_view resource, int64_t limit, int64_t got) {
  return WithReason(absl::ResourceExhaustedError(absl::StrCat(OverLimit(resource, limit, got), "; try again later")),
                    v1::SERVER_OVERLOADED, {{"resource", std::string(resource)}, {"limit", absl::StrCat(limit)}});
}

absl::Status MemoryShort(const absl::Status& refused) {
  return WithReason(refused, v1::SERVER_OVERLOADED, {{"resource", "memory"}});
}

absl::Status RequestTooLarge(absl::string_view resource, int64_t limit, int64_t got) {
  return WithReason(absl::ResourceExhaustedError(OverLimit(resource, limit, got)), v1::REQUEST_TOO_LARGE,
                    {{"resource", std::string(resource)}, {"limit", absl::StrCat(limit)}});
}

absl::Status StoreFull(absl::string_view why) {
  return WithReason(absl::ResourceExhaustedError(why), v1::STORE_FULL, {});
}

absl::Status ClientDisconnected() { return absl::CancelledError("client disconnected"); }

absl::Status JobNotFound(absl::string_view id) {
  return WithReason(absl::NotFoundError(absl::StrCat("no job ", Quoted(id))), v1::JOB_NOT_FOUND,
                    {{"job", std::string(id)}});
}

absl::Status JobInterrupted() {
  return WithReason(absl::AbortedError("the server was stopped while the job ran"), v1::TRAINING_INTERRUPTED, {});
}

absl::Status JobNotResumable(absl::string_view id, absl::string_view why) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat("job ", Quoted(id), " cannot be resumed: ", why)),
                    v1::JOB_NOT_RESUMABLE, {{"job", std::string(id)}});
}

absl::Status DatasetNotFound(absl::string_view digest) {
  return WithReason(absl::NotFoundError(absl::StrCat("no dataset ", Quoted(digest), ": upload it first")),
                    v1::DATASET_NOT_FOUND, {{"dataset", std::string(digest)}});
}

absl::Status ServiceNotFound(absl::string_view service) {
  return WithReason(absl::NotFoundError(absl::StrCat("no service ", Quoted(service))), v1::SERVICE_NOT_FOUND,
                    {{"service", std::string(service)}});
}

absl::Status WithReason(absl::Status status, v1::ErrorReason reason, ErrorMetadata metadata) {
  google::rpc::ErrorInfo info;
  info.set_reason(v1::ErrorReason_Name(reason));
  info.set_domain(kDomain);
  for (const auto& [key, value] : metadata) {
    (*info.mutable_metadata())[std::string(key)] = OneLine(value, kMaxQuotedBytes);
  }
  status.SetPayload(kErrorInfoUrl, absl::Cord(Serialize(info)));
  return status;
}

v1::ErrorReason ReasonOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kErrorInfoUrl);
  google::rpc::ErrorInfo info;
  v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
  if (payload.has_value() && info.ParseFromString(std::string(*payload)) && info.domain() == kDomain) {
    v1::ErrorReason_Parse(info.reason(), &reason);
  }
  return reason;
}

}  // namespace roicast
