#include "client/cli/command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "client/cli/connection_error.h"
#include "client/cli/display_width.h"
#include "client/cli/file_error.h"
#include "client/cli/usage.h"
#include "client/cli/usage_error.h"
#include "client/proxy.h"
#include "client/status.h"

namespace roicast::client {
namespace {

// What to do about an error whose reason the server named. Empty if it gave none, or none that this release knows.
absl::string_view HintForReason(v1::ErrorReason reason) {
  switch (reason) {
    case v1::MODEL_NOT_FOUND:
    case v1::VERSION_NOT_FOUND:
      return "roicast models list shows all models; roicast train FILE trains one";
    case v1::NO_VERSION_READY:
    case v1::VERSION_NOT_LOADABLE:
      return "roicast models list NAME shows which versions can serve; roicast train FILE trains one";
    case v1::SCHEMA_MISMATCH:
    case v1::CAMPAIGNS_NOT_SUPPORTED:
      return "the serving version has changed meanwhile; run the command again";
    case v1::NO_CALIBRATION:
      return "leave --interval and --profit-probability out, or train a new version: roicast train FILE";
    case v1::NO_BACKGROUND:
      return "say what is typical: --background FILE, or train a new version: roicast train FILE";
    case v1::NOT_AN_ROI:
      return "decisions about money need a model trained on a spend and a revenue, or on a column whose name says that "
             "it is an ROI, such as \"roi\"";
    case v1::SERVER_DRAINING:
      return "the server is shutting down; retry later, or use another one with --server HOST:PORT";
    case v1::SERVER_OVERLOADED:
      return "the server is overloaded; retry later";
    case v1::REQUEST_TOO_LARGE:
      return "send less at a time";
    case v1::STORE_FULL:
      return "the server's store has no room: have its operator make some; waiting does not help";
    case v1::JOB_NOT_FOUND:
      return "roicast jobs list shows all jobs";
    case v1::REQUEST_ID_USED:
      return "a new job needs a request id of its own; roicast jobs list shows all jobs";
    case v1::JOB_NOT_RESUMABLE:
      return "start a new job: roicast train FILE";
    case v1::DATASET_NOT_FOUND:
      return "roicast inspect FILE uploads one and prints its digest";
    case v1::VERSION_REFUSED:
      return "roicast models show NAME VERSION shows a version's features and metrics";
    case v1::SERVICE_NOT_FOUND:
      return "omit the name to check the whole server, or use a service such as roicast.v1.PredictionService";
    // Of jobs, not of calls.
    case v1::TRAINING_TABLE_NOT_READ:
    case v1::TRAINING_DATA_NOT_USABLE:
    case v1::TRAINING_DIVERGED:
    case v1::TRAINING_TIME_LIMIT:
    case v1::TRAINING_INTERRUPTED:
    case v1::ERROR_REASON_UNSPECIFIED:
    case v1::ErrorReason_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::ErrorReason_INT_MAX_SENTINEL_DO_NOT_USE_:
      return "";
  }
  return "";
}

// What the store may hold, as the server names it. Sending less does not help.
bool IsOfTheStore(absl::string_view resource) {
  return resource == "stored bytes" || resource == "models" || resource == "versions of a model";
}

bool IsNoGrpc(const absl::Status& status) {
  return ReasonOf(status) == v1::ERROR_REASON_UNSPECIFIED && IsHttpAnswer(status);
}

// What to do next; empty if the message says it all.
std::string Hint(const absl::Status& status, const CommandContext& context) {
  const std::string own = HintOf(status);
  if (!own.empty()) return own;
  if (IsNoGrpc(status)) return "gRPC is on another port of roicast-server, 8500 by default: --server HOST:8500";
  if (ReasonOf(status) == v1::REQUEST_TOO_LARGE && IsOfTheStore(ErrorMetadata(status, "resource"))) {
    return "the store is full: have the server's operator make room in it, or raise the limit";
  }
  const absl::string_view known = HintForReason(ReasonOf(status));
  if (!known.empty()) return std::string(known);
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      if (const absl::string_view hint = EncryptionHint(status, context.tls || !context.tls_ca.empty());
          !hint.empty()) {
        return std::string(hint);
      }
      if (ProxyFor(context.server)) {
        return "is the server running, and does the proxy reach it? no_proxy=HOST connects without the proxy";
      }
      return "is the server running? Start one with roicast-server, or name another with --server HOST:PORT";
    case absl::StatusCode::kDeadlineExceeded:
      return absl::StrCat("no answer within ", context.timeout_seconds, " s; --timeout SECONDS waits longer");
    case absl::StatusCode::kResourceExhausted:
      return "the server is at a limit; retry later, or send less at a time";
    case absl::StatusCode::kUnimplemented:
      return "the server does not know this call; is it the same release as this command?";
    default:
      return "";
  }
}

std::string MessageOf(const absl::Status& status, const CommandContext& context) {
  if (ReasonOf(status) != v1::ERROR_REASON_UNSPECIFIED) return std::string(status.message());
  if (IsNoGrpc(status)) return absl::StrCat(context.server, " answers HTTP, and no gRPC: ", status.message());
  std::string message =
      absl::IsUnavailable(status) ? ConnectionErrorMessage(status, context.server) : std::string(status.message());
  const std::optional<Proxy> proxy = ProxyFor(context.server);
  if (proxy && (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status))) {
    absl::StrAppend(&message, " (via ", proxy->variable, "=", proxy->value, ")");
  }
  return message;
}

}  // namespace

ExitCode ExitCodeOf(const absl::Status& status) {
  if (IsUsageError(status)) return kUsage;
  if (IsNoGrpc(status)) return kServerUnavailable;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kOk;
    case absl::StatusCode::kNotFound:
      return kNotFound;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kServerUnavailable;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
      return kRefused;
    case absl::StatusCode::kCancelled:
      return kInterrupted;
    default:
      return kInternalError;
  }
}

namespace {

// Of HOST:PORT, the commonest form of a target; others are the library's to judge.
absl::Status CheckHostAndPort(absl::string_view server) {
  if (absl::StrContains(server, '/') || absl::StartsWith(server, "unix")) return absl::OkStatus();
  const size_t colon = server.rfind(':');
  const bool in_brackets = colon != absl::string_view::npos && server.find(']', colon) != absl::string_view::npos;
  if (colon == absl::string_view::npos || in_brackets) {
    return UsageError(absl::StrCat("--server: expected HOST:PORT, got ", server, ", without a port"));
  }
  int port = 0;
  if (!absl::SimpleAtoi(server.substr(colon + 1), &port) || port < 1 || port > 65535) {
    return UsageError(absl::StrCat("--server: expected HOST:PORT with a port from 1 to 65535, got ", server));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<ChannelPool>> CommandContext::Connect(int connections) const {
  for (const absl::string_view scheme : {"http://", "https://"}) {
    if (absl::StartsWithIgnoreCase(server, scheme)) {
      return UsageError(absl::StrCat("--server: expected HOST:PORT, got ", server, ": leave out ", scheme));
    }
  }
  ROICAST_RETURN_IF_ERROR(CheckHostAndPort(server));
  ChannelOptions options;
  options.target = server;
  options.tls = tls;
  options.tls_ca = tls_ca;
  options.connections = connections;
  absl::StatusOr<std::shared_ptr<ChannelPool>> channels = ChannelPool::Create(options);
  if (absl::string_view rest = channels.status().message(); absl::ConsumePrefix(&rest, "tls_ca")) {
    return absl::Status(channels.status().code(), absl::StrCat("--tls-ca", rest));
  }
  return channels;
}

CallOptions CommandContext::Calls() const {
  CallOptions options;
  options.timeout = absl::Seconds(timeout_seconds);
  return options;
}

Terminal CommandContext::Output() const {
  Terminal terminal = Terminal::Of(stdout);
  if (wide) terminal.width = Terminal::kUnlimited;
  return terminal;
}

int CommandContext::Fail(const absl::Status& status) const {
  if (IsReaderGone(status)) return kReaderGone;
  const Terminal terminal = Terminal::Of(stderr);
  std::fprintf(stderr, "%s %s\n", terminal.Paint("roicast:", Tone::kBad).c_str(),
               Printable(MessageOf(status, *this)).c_str());
  const std::string hint = Hint(status, *this);
  if (!hint.empty()) {
    std::fprintf(stderr, "%s\n", WrapToWidth("  " + PrintableLines(hint), terminal.width, 2).c_str());
  }
  return ExitCodeOf(status);
}

void ModelFlags::AddTo(CLI::App& command) {
  command.add_option("-m,--model", name, "Model; default: the server's default model")->type_name("NAME");
  command.add_option("--version", version, "Version of the model; default: the serving version")
      ->type_name("N")
      ->check(Above(0));
}

void ModelFlags::AddPositionalTo(CLI::App& command) {
  command.add_option("-m,--model,name", name, "Model; default: the server's default model")->type_name("NAME");
  command.add_option("--version,version", version, "Version of the model; default: the serving version")
      ->type_name("N")
      ->check(Above(0));
}

v1::ModelRef ModelFlags::ref() const {
  v1::ModelRef model;
  model.set_name(name);
  model.set_version(version);
  return model;
}

void SetCommand(CLI::App& command, CommandContext& context, std::function<absl::StatusOr<int>()> body) {
  command.callback([&context, body = std::move(body)] {
    context.run = [&context, body] {
      const absl::StatusOr<int> result = body();
      return result.ok() ? *result : context.Fail(result.status());
    };
  });
}

}  // namespace roicast::client
