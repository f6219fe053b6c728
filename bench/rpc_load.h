// A closed loop of calls: as many in flight as asked for, each followed by the next, all on one thread. Requests and
// answers are bytes, so that the client costs the same whoever answers.
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
  int in_flight = 1;  // Over all channels.
  int channels = 1;   // Connections.
  double seconds = 1;
  double warm_up_seconds = 0.2;
};

// Connections that are kept from round to round.
class LoadClient {
 public:
  LoadClient(const std::string& target, int channels);
  LoadResult RunUnary(const LoadOptions& options);
  // One stream per channel with `in_flight` / `channels` items under way on each.
  LoadResult RunStream(const LoadOptions& options);
  // One call.
  grpc::Status Call(const std::string& method, const grpc::ByteBuffer& request, grpc::ByteBuffer* response);

 private:
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
};

grpc::ByteBuffer BytesOf(const std::string& message);
std::string StringOf(const grpc::ByteBuffer& bytes);

}  // namespace roicast::bench
