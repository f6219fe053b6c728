#include "tests/testing/server_process.h"

#include <arpa/inet.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"

namespace roicast::testing {
namespace {

constexpr absl::Duration kStartTimeout = absl::Seconds(60);

}  // namespace

std::string ServerBinary() { return ROICAST_SERVER_BINARY; }

absl::StatusOr<ServerProcess> ServerProcess::Start(const std::string& store, std::vector<std::string> flags,
                                                   std::string log_file) {
  static int started = 0;
  const std::string prefix = absl::StrCat(store, ".", ::getpid(), ".", ++started);
  const std::string port_file = prefix + ".ports";
  if (log_file.empty()) log_file = prefix + ".log";
  std::filesystem::remove(port_file);
  std::vector<std::string> arguments = {ServerBinary(), "--store",       store,         "--listen",
                                        "127.0.0.1:0",  "--http_listen", "127.0.0.1:0", "--port_file",
                                        port_file,      "--lame_duck",   "0s"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  ROICAST_ASSIGN_OR_RETURN(Process process, Process::Start(arguments, log_file, log_file));
  const absl::Time deadline = absl::Now() + kStartTimeout;
  while (absl::Now() < deadline) {
    const nlohmann::json ports = nlohmann::json::parse(ReadFileOrEmpty(port_file), nullptr, false);
    if (ports.is_object() && ports.contains("grpc_port") && ports.contains("http_port")) {
      return ServerProcess(std::move(process), log_file, ports["grpc_port"].get<int>(),
                           ports["grpc_addresses"].get<std::vector<std::string>>(), ports["http_port"].get<int>());
    }
    if (absl::StatusOr<int> code = process.Wait(absl::Milliseconds(5)); code.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the server exited with code ", *code, ": ", ReadFileOrEmpty(log_file)));
    }
  }
  return absl::DeadlineExceededError(absl::StrCat(
      "the server opened no ports within ", absl::FormatDuration(kStartTimeout), ": ", ReadFileOrEmpty(log_file)));
}

std::string ServerProcess::target() const { return absl::StrCat("127.0.0.1:", grpc_port_); }

std::shared_ptr<grpc::Channel> ServerProcess::NewChannel() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(target(), grpc::InsecureChannelCredentials(), arguments);
}

absl::StatusOr<std::string> ServerProcess::HttpGet(const std::string& path, int* code) const {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(http_port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(descriptor);
    return absl::UnavailableError("cannot connect to the HTTP port");
  }
  const std::string request = absl::StrCat("GET ", path, " HTTP/1.0\r\nHost: localhost\r\n\r\n");
  std::string answer;
  if (::write(descriptor, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
    char buffer[16384];
    for (ssize_t count; (count = ::read(descriptor, buffer, sizeof(buffer))) > 0;) answer.append(buffer, count);
  }
  ::close(descriptor);
  const size_t body = answer.find("\r\n\r\n");
  int status = 0;
  if (body == std::string::npos || std::sscanf(answer.c_str(), "HTTP/%*d.%*d %d", &status) != 1) {
    return absl::InternalError(absl::StrCat("not an HTTP response: ", answer.substr(0, 100)));
  }
  if (code != nullptr) *code = status;
  return answer.substr(body + 4);
}

absl::StatusOr<int> ServerProcess::Stop(absl::Duration timeout) {
  process_.Signal(SIGTERM);
  return process_.Wait(timeout);
}

std::string ServerProcess::log() const { return ReadFileOrEmpty(log_file_); }

std::string ServerProcess::LogWith(absl::string_view text) const {
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  while (!absl::StrContains(log(), text) && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(1));
  return log();
}

}  // namespace roicast::testing
