#include "server/transport/status_mapping.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"
#include "base/one_line.h"
#include "google/rpc/status.pb.h"

namespace roicast {

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details;
  status.ForEachPayload([&details](absl::string_view url, const absl::Cord& payload) {
    google::protobuf::Any& detail = *details.add_details();
    detail.set_type_url(std::string(url));
    detail.set_value(std::string(payload));
  });
  const auto code = static_cast<grpc::StatusCode>(status.code());
  if (details.details().empty()) return grpc::Status(code, OneLine(status.message(), kMaxStatusMessageBytes));
  details.set_code(status.raw_code());
  details.set_message(OneLine(status.message(), kMaxMessageBytesWithDetails));
  return grpc::Status(code, details.message(), details.SerializeAsString());
}

}  // namespace roicast
