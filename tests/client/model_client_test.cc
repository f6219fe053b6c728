#include "client/model_client.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "client/status.h"
#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

ModelClient Connect(const std::string& target) {
  ChannelOptions options;
  options.target = target;
  return ModelClient(*ChannelPool::Create(options));
}

TEST(ModelClient, ListsAllPages) {
  testing::FakeServer server;
  server.on_list_models = [](const v1::ListModelsRequest& request, v1::ListModelsResponse* response) {
    const int page = request.page_token().empty() ? 0 : std::stoi(request.page_token());
    response->add_models()->set_version(page + 1);
    if (page < 2) response->set_next_page_token(std::to_string(page + 1));
    return grpc::Status::OK;
  };
  server.Start();
  const auto models = Connect(server.target()).ListModels("");
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_EQ(models->size(), 3u);
  EXPECT_EQ((*models)[2].version(), 3);
}

TEST(ModelClient, ExportsAndImportsByteForByte) {
  testing::FakeServer server;
  for (int i = 0; i < 123'456; ++i) server.artifact.push_back(static_cast<char>(i * 31));
  server.Start();
  const ModelClient client = Connect(server.target());
  std::ostringstream out;
  const auto exported = client.ExportModel({}, out);
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_EQ(exported->version(), 7);
  EXPECT_TRUE(out.str() == server.artifact);
  std::istringstream in(out.str());
  const auto imported = client.ImportModel("other", in);
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->name(), "other");
  EXPECT_EQ(imported->version(), 8);
  EXPECT_TRUE(server.uploaded() == server.artifact);
}

TEST(ModelClient, NoticesATornExport) {
  testing::FakeServer server;
  server.artifact = "torn";
  server.announced_size = 10;
  server.Start();
  std::ostringstream out;
  EXPECT_EQ(Connect(server.target()).ExportModel({}, out).status(),
            absl::DataLossError("artifact: expected 10 bytes, got 4"));
}

TEST(ModelClient, ServesAVersion) {
  testing::FakeServer server;
  server.Start();
  v1::ServeVersionRequest request;
  request.mutable_model()->set_name("shop");
  request.mutable_model()->set_version(3);
  const auto served = Connect(server.target()).ServeVersion(request);
  ASSERT_TRUE(served.ok()) << served.status();
  EXPECT_EQ(served->name(), "shop");
  EXPECT_EQ(served->version(), 3);
  EXPECT_TRUE(served->serving());
}

TEST(ModelClient, ChecksHealth) {
  testing::FakeServer server;
  server.Start();
  const ModelClient client = Connect(server.target());
  EXPECT_EQ(*client.CheckHealth(""), grpc::health::v1::HealthCheckResponse::SERVING);
  EXPECT_EQ(*client.CheckHealth("draining"), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  const absl::Status unknown = client.CheckHealth("unknown").status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(unknown), v1::SERVICE_NOT_FOUND);
}

}  // namespace
}  // namespace roicast::client
