// The errors that programs tell apart: each is made in one place, with its code, its wording, and a machine-readable
// reason (roicast.v1.ErrorReason) that travels with the status to the client.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "roicast/v1/error.pb.h"

namespace roicast {

// `hint` continues the sentence, such as `; existing models: "a", "b"`.
absl::Status ModelNotFound(absl::string_view model, absl::string_view hint = {});
absl::Status VersionNotFound(absl::string_view model, int64_t version);
// why: what is in the way, as in "version 2 is stored but does not serve: …"; empty: there is nothing to serve.
absl::Status NoVersionReady(absl::string_view model, absl::string_view why = {});
// The rule for serving is against it. why: the objections and what to do.
absl::Status VersionRefused(absl::string_view model, int64_t version, absl::string_view why);
// why: the message of the error that loading ended with.
absl::Status VersionNotLoadable(absl::string_view model, int64_t version, absl::string_view why);

// Intervals were asked of a version that cannot give any. why: continues "has no calibration".
absl::Status NoCalibration(absl::string_view model, int64_t version, absl::string_view why);

// The server is shutting down.
absl::Status ServerDraining();
// `resource` is at its limit now; waiting helps. As in `calls in flight: limit 8, got 9 (the server's --max_in_flight);
// try again later`: the flag is named if there is one.
absl::Status ServerOverloaded(absl::string_view resource, int64_t limit, int64_t got);
// A claim that the memory budget refused, with the reason of ServerOverloaded.
absl::Status MemoryShort(const absl::Status& refused);
// The request itself is over a limit. As in `rows: limit 100, got 101 (the server's --max_batch_rows)`.
absl::Status RequestTooLarge(absl::string_view resource, int64_t limit, int64_t got);
// The store could not write: a full disk, a quota, a limit of files. why: the whole message.
absl::Status StoreFull(absl::string_view why);
// The client disconnected; only the access log sees this status.
absl::Status ClientDisconnected();

absl::Status JobNotFound(absl::string_view id);
// The server was stopped while a job ran.
absl::Status JobInterrupted();
absl::Status JobNotResumable(absl::string_view id, absl::string_view why);
absl::Status DatasetNotFound(absl::string_view digest);
absl::Status ServiceNotFound(absl::string_view service);

// Adds a reason to an error whose message only its place can write. Values of the metadata are cut to 100 bytes.
using ErrorMetadata = std::initializer_list<std::pair<absl::string_view, std::string>>;
absl::Status WithReason(absl::Status status, v1::ErrorReason reason, ErrorMetadata metadata);

// Unspecified if the status has none.
v1::ErrorReason ReasonOf(const absl::Status& status);

}  // namespace roicast
