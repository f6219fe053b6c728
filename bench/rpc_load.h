// A closed loop of calls on one thread: a fixed number is in flight, and each finished call starts the next. Requests
// and responses are bytes, so that the client's cost does not depend on the server.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <string>
#include <vector>

namespace roicast::bench {

struct LoadResult {
  double calls_per_second = 0;
  double p50_seconds = 0;
  double p99_seconds = 0;
  int64_t errors = 0;
  std::string first_error;
};

struct LoadOptions {
  std::string target;  // host:port
  std::string method;  // "/package.Service/Method"
  grpc::ByteBuffer request;
  int in_flight = 1;  // Total over all channels.
  int channels = 1;   // Connections.
  double seconds = 1;
  double warm_up_seconds = 0.2;
};

// Keeps its connections open between runs.
class LoadClient {
 public:
  LoadClient(const std::string& target, int channels);
  LoadResult RunUnary(const LoadOptions& options);
  // One stream per channel, each with `in_flight` / `channels` items in flight.
  LoadResult RunStream(const LoadOptions& options);
  // One call.
  grpc::Status Call(const std::string& method, const grpc::ByteBuffer& request, grpc::ByteBuffer* response);

 private:
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
};

grpc::ByteBuffer BytesOf(const std::string& message);
std::string StringOf(const grpc::ByteBuffer& bytes);

}  // namespace roicast::bench
