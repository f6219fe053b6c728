#include "client/cli/command.h"

#include <cstdio>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace roicast::client {
namespace {

// What to do next; empty where the message says it all.
std::string Hint(const absl::Status& status, const CommandContext& context) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return "is the server running? Start one with roicast-server, or name another with --server HOST:PORT";
    case absl::StatusCode::kDeadlineExceeded:
      return absl::StrCat("no answer within ", context.timeout_seconds, " s: --timeout SECONDS waits longer");
    case absl::StatusCode::kNotFound:
      return "see what there is: roicast models list, roicast jobs list; make a model: roicast train FILE";
    case absl::StatusCode::kFailedPrecondition:
      return "see which versions can answer: roicast models list; train one: roicast train FILE";
    case absl::StatusCode::kResourceExhausted:
      return "a limit of the server: try again later, or send less at a time";
    case absl::StatusCode::kUnimplemented:
      return "the server does not know this call: is it of the same release?";
    default:
      return "";
  }
}

// gRPC reports a refused connection with the inner workings of its resolver.
std::string MessageOf(const absl::Status& status, const CommandContext& context) {
  const absl::string_view message = status.message();
  if (!absl::IsUnavailable(status) || !absl::StartsWith(message, "failed to connect")) return std::string(message);
  const size_t reason = message.rfind(": ");
  return absl::StrCat("cannot connect to ", context.server,
                      reason == absl::string_view::npos ? "" : message.substr(reason));
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

int CommandContext::Fail(const absl::Status& status) const {
  std::fprintf(stderr, "roicast: %s\n", MessageOf(status, *this).c_str());
  const std::string hint = Hint(status, *this);
  if (!hint.empty()) std::fprintf(stderr, "  %s\n", hint.c_str());
  return ExitCodeOf(status);
}

void ModelFlags::AddTo(CLI::App& command) {
  command.add_option("-m,--model", name, "Model; the server's default one unless given")->type_name("NAME");
  command.add_option("--version", version, "Version of the model; the serving one unless given")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
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
