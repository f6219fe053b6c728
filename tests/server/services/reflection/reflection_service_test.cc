#include "server/services/reflection/reflection_service.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "roicast/v1/model.pb.h"
#include "server/transport/transport_server.h"

namespace roicast {
namespace {

using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;
using ::testing::ElementsAre;

class ReflectionServiceTest : public ::testing::Test {
 protected:
  static std::vector<std::string> FileNames(const ServerReflectionResponse& response) {
    std::vector<std::string> names;
    for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      names.push_back(file.name());
    }
    return names;
  }

  TransportMetrics metrics_;
  TransportServer server_{{.listen = {"127.0.0.1:0"}}, &metrics_};
  // The message links its file.
  const v1::Model model_;
  ReflectionService service_{{"roicast.v1.ModelService"}, CallOptions(), &server_.grpc(), &server_.loops()};
};

TEST_F(ReflectionServiceTest, ListsTheServicesAndItself) {
  ServerReflectionRequest request;
  request.set_list_services("*");
  std::vector<std::string> names;
  const ServerReflectionResponse response = service_.Answer(request);
  for (const auto& service : response.list_services_response().service()) {
    names.push_back(service.name());
  }
  EXPECT_THAT(names, ElementsAre("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
                                 "roicast.v1.ModelService"));
}

TEST_F(ReflectionServiceTest, AFileComesWithAllThatItImports) {
  ServerReflectionRequest request;
  request.set_file_containing_symbol("roicast.v1.ModelService");
  const std::vector<std::string> names = FileNames(service_.Answer(request));
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names[0], "roicast/v1/model.proto");
  EXPECT_THAT(names, ::testing::Contains("roicast/v1/common.proto"));
  EXPECT_THAT(names, ::testing::Contains("google/protobuf/timestamp.proto"));
  request.set_file_by_filename("roicast/v1/model.proto");
  EXPECT_EQ(FileNames(service_.Answer(request)), names);
}

// Clients that write JSON need them.
TEST_F(ReflectionServiceTest, FieldsHaveTheirJsonNames) {
  ServerReflectionRequest request;
  request.set_file_by_filename("roicast/v1/model.proto");
  google::protobuf::FileDescriptorProto file;
  ASSERT_TRUE(file.ParseFromString(service_.Answer(request).file_descriptor_response().file_descriptor_proto(0)));
  std::vector<std::string> names;
  for (const auto& message : file.message_type()) {
    for (const auto& field : message.field()) names.push_back(field.json_name());
  }
  EXPECT_THAT(names, ::testing::Contains("artifactDigest"));
}

TEST_F(ReflectionServiceTest, WhatIsNotThereIsSaid) {
  ServerReflectionRequest request;
  request.set_file_containing_symbol("no.such.Service");
  EXPECT_EQ(service_.Answer(request).error_response().error_code(), 5);
  EXPECT_EQ(service_.Answer(request).error_response().error_message(), "no symbol \"no.such.Service\"");
  request.set_file_by_filename("no.proto");
  EXPECT_EQ(service_.Answer(request).error_response().error_message(), "no file \"no.proto\"");
  request.set_all_extension_numbers_of_type("no.Message");
  EXPECT_EQ(service_.Answer(request).error_response().error_message(), "no message \"no.Message\"");
  EXPECT_EQ(service_.Answer({}).error_response().error_message(), "message_request: expected one, got none");
}

}  // namespace
}  // namespace roicast
