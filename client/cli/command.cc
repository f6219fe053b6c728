#include "client/cli/command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/display_width.h"
#include "client/cli/file_error.h"
#include "client/cli/usage.h"

namespace roicast::client {
namespace {

std::string NotFoundHint(absl::string_view message) {
  if (absl::StrContains(message, "no job")) return "roicast jobs list shows all jobs";
  if (absl::StrContains(message, "dataset")) return "roicast inspect FILE uploads one and prints its digest";
  if (absl::StrContains(message, "no service")) {
    return "omit the name to check the whole server, or use a service such as roicast.v1.PredictionService";
  }
  return "roicast models list shows all models; roicast train FILE trains one";
}

std::string PreconditionHint(absl::string_view message) {
  if (absl::StrContains(message, "checkpoint") || absl::StrContains(message, "interrupted")) {
    return "start a new job: roicast train FILE";
  }
  return "roicast models list shows which versions can serve; roicast train FILE trains one";
}

// What to do next; empty if the message says it all.
std::string Hint(const absl::Status& status, const CommandContext& context) {
  const std::string own = HintOf(status);
  if (!own.empty()) return own;
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return "is the server running? Start one with roicast-server, or name another with --server HOST:PORT";
    case absl::StatusCode::kDeadlineExceeded:
      return absl::StrCat("no answer within ", context.timeout_seconds, " s; --timeout SECONDS waits longer");
    case absl::StatusCode::kNotFound:
      return NotFoundHint(status.message());
    case absl::StatusCode::kFailedPrecondition:
      return PreconditionHint(status.message());
    case absl::StatusCode::kResourceExhausted:
      return "a limit of the server; try again later, or send less at a time";
    case absl::StatusCode::kUnimplemented:
      return "the server does not know this call; is it the same release as this command?";
    default:
      return "";
  }
}

// gRPC's message for a refused connection exposes the internals of its resolver.
std::string MessageOf(const absl::Status& status, const CommandContext& context) {
  const std::string message(status.message());
  if (!absl::IsUnavailable(status)) return message;
  const size_t refused = message.find("failed to connect to all addresses");
  const size_t unknown = message.find("DNS resolution failed");
  if (unknown != std::string::npos) {
    return absl::StrCat(message.substr(0, unknown), "cannot find the address of ", context.server);
  }
  if (refused == std::string::npos) return message;
  const size_t reason = message.rfind(": ");
  return absl::StrCat(message.substr(0, refused), "cannot connect to ", context.server,
                      reason == std::string::npos || reason < refused ? "" : message.substr(reason));
}

}  // namespace

ExitCode ExitCodeOf(const absl::Status& status) {
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

absl::StatusOr<std::shared_ptr<ChannelPool>> CommandContext::Connect(int connections) const {
  ChannelOptions options;
  options.target = server;
  options.connections = connections;
  return ChannelPool::Create(options);
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
  std::fprintf(stderr, "%s %s\n", terminal.Paint("roicast:", Tone::kBad).c_str(), MessageOf(status, *this).c_str());
  const std::string hint = Hint(status, *this);
  if (!hint.empty()) std::fprintf(stderr, "%s\n", WrapToWidth("  " + hint, terminal.width, 2).c_str());
  return ExitCodeOf(status);
}

void ModelFlags::AddTo(CLI::App& command) {
  command.add_option("-m,--model", name, "Model; default: the server's default model")->type_name("NAME");
  command.add_option("--version", version, "Version of the model; default: the serving version")
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
