#include "server/flag_table.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/model_name.h"
#include "base/number_range.h"
#include "base/status_macros.h"
#include "server/net/address.h"

namespace roicast {
namespace {

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

absl::Status CheckAddress(absl::string_view text) { return ParseAddress(text).status(); }

absl::Status CheckAddresses(absl::string_view text) { return ParseAddresses(text).status(); }

absl::Status CheckFolder(absl::string_view text) {
  return text.empty() ? absl::InvalidArgumentError("expected a folder, got nothing") : absl::OkStatus();
}

absl::Status CheckName(absl::string_view text) {
  if (IsModelName(text)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("expected ", kModelNameRule, ", got \"", text, "\""));
}

using O = ServerOptions;

const Flag kListening[] = {
    {"listen", TextFlag{&O::listen, CheckAddresses}, "ADDRESSES",
     "gRPC: host:port or unix:/path, several separated by commas; port 0 takes a free one"},
    {"http_listen", TextFlag{&O::http_listen, CheckAddress}, "ADDRESS", "HTTP: /metrics, /healthz, /readyz"},
    {"tls_certificate", TextFlag{&O::tls_certificate}, "FILE",
     "TLS for the TCP addresses of --listen: certificate and chain, in PEM; SIGHUP reads it again"},
    {"tls_key", TextFlag{&O::tls_key}, "FILE", "its private key, in PEM, without a passphrase"},
    {"http_tls", SwitchFlag{&O::http_tls}, "BOOL", "TLS on the HTTP port, too: true or false"},
    {"port_file", TextFlag{&O::port_file}, "FILE", "write the ports to this file, as JSON, when ready"},
};

const Flag kModels[] = {
    {"store", TextFlag{&O::store, CheckFolder}, "FOLDER",
     "folder for models, datasets and jobs; created if it does not exist"},
    {"accept_lost_versions", SwitchFlag{&O::accept_lost_versions}, "BOOL",
     "start although versions that were published are missing from the store: true or false"},
    {"default_model", TextFlag{&O::default_model, CheckName}, "NAME", "the model of requests that name none"},
    {"max_extra_versions", NumberFlag<int>{&O::max_extra_versions, 1, 1000}, "NUMBER",
     "older versions kept loaded because requests name them"},
};

const Flag kThreads[] = {
    {"polling_threads", NumberFlag<int>{&O::polling_threads, 0, 64}, "NUMBER",
     "threads that receive and answer calls; 0: one per two cores"},
    {"compute_threads", NumberFlag<int>{&O::compute_threads, 0, 256}, "NUMBER",
     "threads for large batches; 0: one per core"},
    {"decision_threads", NumberFlag<int>{&O::decision_threads, 2, 256}, "NUMBER",
     "calls of DecisionService that are computed at once"},
};

const Flag kLimits[] = {
    {"max_in_flight", NumberFlag<int64_t>{&O::max_in_flight, 1, 10000000}, "NUMBER",
     "maximum number of calls of PredictionService in flight, items of streams included"},
    {"max_batch_rows", NumberFlag<int64_t>{&O::max_batch_rows, 1, 100000000}, "NUMBER", "maximum rows of a batch"},
    {"max_message_bytes", NumberFlag<int64_t>{&O::max_message_bytes, 1024, 1 << 30}, "NUMBER",
     "maximum bytes of a request or response"},
    {"memory_budget", NumberFlag<int64_t>{&O::memory_budget, 0, int64_t{1} << 50}, "BYTES",
     "memory for all that is large, together; 0: three quarters of the container's or the machine's"},
    {"max_waiting_batches", NumberFlag<int>{&O::max_waiting_batches, 1, 1000000}, "NUMBER",
     "maximum number of large batches waiting for a compute thread"},
    {"max_dataset_bytes", NumberFlag<int64_t>{&O::max_dataset_bytes, 1}, "NUMBER", "maximum bytes of a dataset"},
    {"max_store_bytes", NumberFlag<int64_t>{&O::max_store_bytes, 0}, "NUMBER",
     "maximum bytes of the store: models, datasets and uploads under way; 0: no limit", true},
    {"max_models", NumberFlag<int64_t>{&O::max_models, 0}, "NUMBER", "maximum number of models; 0: no limit", true},
    {"max_versions", NumberFlag<int64_t>{&O::max_versions, 0}, "NUMBER",
     "maximum number of stored versions of a model; 0: no limit", true},
};

// Far from where the clock's own range ends.
constexpr absl::Duration kLongest = absl::Hours(24 * 365);

const Flag kClients[] = {
    {"max_connections", NumberFlag<int64_t>{&O::max_connections, 0, 1000000}, "NUMBER",
     "maximum number of connections; 0: three quarters of the file descriptors, at most 10000"},
    {"max_connections_per_peer", NumberFlag<int64_t>{&O::max_connections_per_peer, 0, 1000000}, "NUMBER",
     "of one address; 0: half of --max_connections"},
    {"max_streams_per_connection", NumberFlag<int>{&O::max_streams_per_connection, 1, 1000000}, "NUMBER",
     "maximum number of calls and streams on one connection"},
    {"max_header_bytes", NumberFlag<int>{&O::max_header_bytes, 1024, 1 << 20}, "NUMBER",
     "maximum bytes of the headers of a request"},
    {"max_headers", NumberFlag<int>{&O::max_headers, 16, 10000}, "NUMBER", "maximum number of headers of a request"},
    {"max_bytes_held", NumberFlag<int64_t>{&O::max_bytes_held, 0, int64_t{1} << 40}, "NUMBER",
     "maximum bytes of all requests and answers in memory; 0: 2.25 times --max_message_bytes"},
    {"max_bytes_held_per_connection", NumberFlag<int64_t>{&O::max_bytes_held_per_connection, 0, int64_t{1} << 40},
     "NUMBER", "the same of one connection; 0: three quarters of --max_bytes_held"},
    {"max_useless_frames", NumberFlag<int>{&O::max_useless_frames, 10, 1000000}, "NUMBER",
     "HTTP/2 frames a second without use, of each kind, that cut a connection off"},
    {"preface_timeout", DurationFlag{&O::preface_timeout, false, kLongest}, "DURATION",
     "how long a new connection may say nothing"},
    {"header_timeout", DurationFlag{&O::header_timeout, false, kLongest}, "DURATION",
     "how long the headers of a request may take"},
    {"body_timeout", DurationFlag{&O::body_timeout, false, kLongest}, "DURATION",
     "how long the message of a request may take"},
    {"idle_timeout", DurationFlag{&O::idle_timeout, false, kLongest}, "DURATION",
     "how long a connection may have no calls"},
    {"write_timeout", DurationFlag{&O::write_timeout, false, kLongest}, "DURATION",
     "how long a client may not read its answers"},
    {"keepalive_time", DurationFlag{&O::keepalive_time, false, kLongest}, "DURATION",
     "how long a client with calls may be silent before it is pinged"},
    {"keepalive_timeout", DurationFlag{&O::keepalive_timeout, false, kLongest}, "DURATION",
     "how long the answer to that ping may take"},
    {"max_connection_age", DurationFlag{&O::max_connection_age, true, kLongest}, "DURATION",
     "when connections are asked to end, give or take a tenth; 0s: never"},
    {"max_connection_age_grace", DurationFlag{&O::max_connection_age_grace, true, kLongest}, "DURATION",
     "how long the calls of such a connection have then"},
};

const Flag kStopping[] = {
    {"lame_duck", DurationFlag{&O::lame_duck, true}, "DURATION",
     "how long to keep serving after health turned NOT_SERVING", true},
    {"drain_timeout", DurationFlag{&O::drain_timeout, true}, "DURATION", "how long to wait then for calls in flight",
     true},
};

const Flag kTraining[] = {
    {"training_workers", NumberFlag<int>{&O::training_workers, 1, 16}, "NUMBER", "jobs that run at once"},
    {"training_threads", NumberFlag<int>{&O::training_threads, 0, 64}, "NUMBER",
     "threads of a job that compares models; 0: the cores that polling leaves"},
    {"max_queued_jobs", NumberFlag<int>{&O::max_queued_jobs, 1, 1000000}, "NUMBER", "maximum number of queued jobs"},
    {"training_time_limit", DurationFlag{&O::training_time_limit, false}, "DURATION", "longest run of a job"},
    {"checkpoint_interval", DurationFlag{&O::checkpoint_interval, false}, "DURATION",
     "how often a running job is saved"},
};

const Flag kLogs[] = {
    {"log_level", LogLevelFlag{&O::log_level}, "LEVEL", "debug, info, warning or error", true},
    {"log_format", LogFormatFlag{&O::log_format}, "FORMAT", "text or json"},
    {"access_log_every", NumberFlag<int64_t>{&O::access_log_every, 0}, "NUMBER", "log every Nth call; 0: none, 1: all",
     true},
};

const FlagGroup kGroups[] = {
    {"Listening", kListening},
    {"Models", kModels},
    {"Threads", kThreads},
    {"Limits (requests over a limit get RESOURCE_EXHAUSTED)", kLimits},
    {"Clients (beyond these a connection or a request is refused)", kClients},
    {"Stopping", kStopping},
    {"Training (runs at idle priority)", kTraining},
    {"Logs (to stderr)", kLogs},
};

template <typename T>
std::string RangeText(const NumberFlag<T>& flag) {
  NumberRange range{static_cast<double>(flag.low)};
  if (flag.high != std::numeric_limits<int64_t>::max()) range.high = static_cast<double>(flag.high);
  return range.ToString();
}

template <typename T>
absl::Status SetNumber(const std::string& text, T& number) {
  if (absl::SimpleAtoi(text, &number)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("expected a whole number, got \"", text, "\""));
}

template <typename T>
absl::Status CheckNumber(const NumberFlag<T>& flag, const ServerOptions& options) {
  const int64_t value = options.*flag.member;
  if (value >= flag.low && value <= flag.high) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("expected ", RangeText(flag), ", got ", value));
}

std::string DurationText(absl::Duration duration) {
  return duration == absl::ZeroDuration() ? "0s" : absl::FormatDuration(duration);
}

template <typename T>
absl::Status Assign(const absl::StatusOr<T>& parsed, T& member) {
  if (parsed.ok()) member = *parsed;
  return parsed.status();
}

}  // namespace

absl::Span<const FlagGroup> FlagGroups() { return kGroups; }

std::string FlagHelp(const Flag& flag) {
  const auto with_range = [&flag](const auto& value) { return absl::StrCat(flag.help, " (", RangeText(value), ")"); };
  return std::visit(Overloaded{[&](const NumberFlag<int>& value) { return with_range(value); },
                               [&](const NumberFlag<int64_t>& value) { return with_range(value); },
                               [&](const auto&) { return std::string(flag.help); }},
                    flag.value);
}

absl::Status SetFlag(const Flag& flag, const std::string& text, ServerOptions& options) {
  return std::visit(Overloaded{
                        [&](const TextFlag& value) {
                          options.*value.member = text;
                          return absl::OkStatus();
                        },
                        [&](const NumberFlag<int>& value) { return SetNumber(text, options.*value.member); },
                        [&](const NumberFlag<int64_t>& value) { return SetNumber(text, options.*value.member); },
                        [&](const DurationFlag& value) {
                          if (absl::ParseDuration(text, &(options.*value.member))) return absl::OkStatus();
                          return absl::InvalidArgumentError(
                              absl::StrCat("expected a duration such as 500ms, 5s or 2m, got \"", text, "\""));
                        },
                        [&](const SwitchFlag& value) {
                          if (text == "true" || text == "false") {
                            options.*value.member = text == "true";
                            return absl::OkStatus();
                          }
                          return absl::InvalidArgumentError(absl::StrCat("expected true or false, got \"", text, "\""));
                        },
                        [&](const LogLevelFlag& value) { return Assign(ParseLogLevel(text), options.*value.member); },
                        [&](const LogFormatFlag& value) { return Assign(ParseLogFormat(text), options.*value.member); },
                    },
                    flag.value);
}

std::string FlagText(const Flag& flag, const ServerOptions& options) {
  return std::visit(Overloaded{
                        [&](const TextFlag& value) { return options.*value.member; },
                        [&](const NumberFlag<int>& value) { return absl::StrCat(options.*value.member); },
                        [&](const NumberFlag<int64_t>& value) { return absl::StrCat(options.*value.member); },
                        [&](const DurationFlag& value) { return DurationText(options.*value.member); },
                        [&](const SwitchFlag& value) { return std::string(options.*value.member ? "true" : "false"); },
                        [&](const LogLevelFlag& value) { return std::string(LogLevelName(options.*value.member)); },
                        [&](const LogFormatFlag& value) { return std::string(LogFormatName(options.*value.member)); },
                    },
                    flag.value);
}

absl::Status CheckFlag(const Flag& flag, const ServerOptions& options) {
  const absl::Status checked =
      std::visit(Overloaded{
                     [&](const TextFlag& value) {
                       return value.check == nullptr ? absl::OkStatus() : value.check(options.*value.member);
                     },
                     [&](const NumberFlag<int>& value) { return CheckNumber(value, options); },
                     [&](const NumberFlag<int64_t>& value) { return CheckNumber(value, options); },
                     [&](const DurationFlag& value) {
                       const absl::Duration duration = options.*value.member;
                       const bool in_range =
                           (value.zero_allowed ? duration >= absl::ZeroDuration() : duration > absl::ZeroDuration()) &&
                           duration <= value.high;
                       if (in_range && duration != absl::InfiniteDuration()) return absl::OkStatus();
                       const bool bounded = value.high != absl::InfiniteDuration();
                       return absl::InvalidArgumentError(
                           absl::StrCat("expected a ", bounded ? "" : "finite ", "duration of ",
                                        value.zero_allowed ? "at least 0s" : "more than 0s",
                                        bounded ? absl::StrCat(" and at most ", absl::FormatDuration(value.high)) : "",
                                        ", got ", DurationText(duration)));
                     },
                     // Any of their values is allowed.
                     [](const SwitchFlag&) { return absl::OkStatus(); },
                     [](const LogLevelFlag&) { return absl::OkStatus(); },
                     [](const LogFormatFlag&) { return absl::OkStatus(); },
                 },
                 flag.value);
  return WithContext(checked, absl::StrCat("--", flag.name));
}

}  // namespace roicast
