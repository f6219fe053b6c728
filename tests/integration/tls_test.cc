// A server that speaks TLS, with gRPC's own client and the client library.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/channel.h"
#include "client/model_client.h"
#include "tests/integration/fixture.h"
#include "tests/testing/certificates.h"

namespace roicast::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Tls : public ::testing::Test {
 protected:
  absl::StatusOr<ServerProcess> Start(std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), {"--tls_certificate", files_.certificate(), "--tls_key", files_.key()});
    return ServerProcess::Start(folder_.File("store"), flags);
  }
  // Trusts what the files hold now.
  std::shared_ptr<grpc::Channel> NewChannel(const std::string& target) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = ReadFileOrEmpty(files_.certificate());
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(target, grpc::SslCredentials(options), arguments);
  }
  absl::Status Health(client::ChannelOptions options, absl::Duration timeout = absl::Seconds(20)) {
    client::CallOptions calls;
    calls.timeout = timeout;
    const auto channels = client::ChannelPool::Create(options);
    return channels.ok() ? client::ModelClient(*channels, calls).CheckHealth("").status() : channels.status();
  }
  // Waits until the server's log has the text.
  static bool Logs(const ServerProcess& server, const std::string& text) {
    return absl::StrContains(server.LogWith(text), text);
  }

  const TempDir folder_;
  CertificateFiles files_;
};

TEST_F(Tls, GrpcsClientTrainsAndPredicts) {
  auto server = Start();
  ASSERT_TRUE(server.ok()) << server.status();
  Api api(NewChannel(server->target()));
  const auto job = TrainCampaignModel(api);
  ASSERT_TRUE(job.ok()) << job.status();
  v1::PredictRequest request;
  *request.mutable_campaign() = SomeCampaign();
  const auto predicted = api.Predict(request);
  ASSERT_TRUE(predicted.ok()) << predicted.status();
  // A large message in each direction.
  const auto exported = api.Export();
  ASSERT_TRUE(exported.ok()) << exported.status();
  const auto imported = api.Import("copy", *exported);
  ASSERT_TRUE(imported.ok()) << imported.status();
  request.mutable_model()->set_name("copy");
  const auto again = api.Predict(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->roi(), predicted->roi());
  int code = 0;
  EXPECT_EQ(*server->HttpGet("/readyz", &code), "ready\n");
  EXPECT_EQ(code, 200);
  EXPECT_EQ(*server->Stop(), 0);
}

TEST_F(Tls, TheClientLibraryTrustsAFileOfRoots) {
  auto server = Start();
  ASSERT_TRUE(server.ok()) << server.status();
  client::ChannelOptions options;
  options.target = server->target();
  options.tls_ca = files_.certificate();
  EXPECT_EQ(Health(options), absl::OkStatus());
  // The system's roots have not issued it.
  options.tls_ca.clear();
  options.tls = true;
  EXPECT_EQ(Health(options).code(), absl::StatusCode::kUnavailable);
  options.tls = false;
  EXPECT_EQ(Health(options).code(), absl::StatusCode::kUnavailable);
  const CertificateFiles others;
  options.tls_ca = others.certificate();
  EXPECT_EQ(Health(options).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(*server->Stop(), 0);
}

TEST_F(Tls, UnixSocketsStayPlainAndTheHttpPortIsByAFlag) {
  const std::string socket = absl::StrCat("unix:", folder_.File("s"));
  auto server = Start({"--listen", absl::StrCat(socket, ",127.0.0.1:0"), "--http_tls", "true"});
  ASSERT_TRUE(server.ok()) << server.status();
  client::ChannelOptions options;
  options.target = socket;
  EXPECT_EQ(Health(options), absl::OkStatus());
  options.tls_ca = files_.certificate();
  EXPECT_EQ(Health(options), absl::OkStatus());
  options.target = server->target();
  EXPECT_EQ(Health(options), absl::OkStatus());
  const auto ready = RunProcess({"/usr/bin/curl", "--silent", "--cacert", files_.certificate(),
                                 absl::StrCat("https://localhost:", server->http_port(), "/readyz")});
  ASSERT_TRUE(ready.ok()) << ready.status();
  EXPECT_EQ(ready->output, "ready\n");
  EXPECT_EQ(*server->Stop(), 0);
}

TEST_F(Tls, HangUpReadsTheCertificateAgain) {
  auto server = Start();
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_THAT(server->LogWith("info certificate"),
              HasSubstr("info certificate of new connections subject=\"CN = localhost\" expires="));
  client::ChannelOptions options;
  options.target = server->target();
  options.tls_ca = files_.certificate();
  ASSERT_EQ(Health(options), absl::OkStatus());

  const CertificatePair second = MakeCertificate({.subject = "second"});
  files_.Write(second.certificate_pem(), MakeCertificate().key_pem());
  server->process().Signal(SIGHUP);
  ASSERT_TRUE(Logs(*server, absl::StrCat("error certificate not reloaded, the former one is kept error=\"--tls_key: ",
                                         files_.key(), ": expected the key of the certificate in ")));
  files_.Write(second);
  // It still has the first.
  EXPECT_EQ(Health(options).code(), absl::StatusCode::kUnavailable);
  server->process().Signal(SIGHUP);
  ASSERT_TRUE(Logs(*server, "subject=\"CN = second\""));
  EXPECT_EQ(Health(options), absl::OkStatus());
  int code = 0;
  EXPECT_EQ(*server->HttpGet("/readyz", &code), "ready\n");
  EXPECT_EQ(*server->Stop(), 0);
}

// A mistake in the config file kept the certificate that was about to expire.
TEST_F(Tls, HangUpReadsTheCertificateAlthoughTheConfigFileIsWrong) {
  const std::string config = folder_.File("server.conf");
  std::ofstream(config) << "max_models = 7\n";
  auto server = Start({"--config", config});
  ASSERT_TRUE(server.ok()) << server.status();
  std::ofstream(config) << "max_models = many\n";
  files_.Write(MakeCertificate({.subject = "second"}));
  server->process().Signal(SIGHUP);
  EXPECT_TRUE(Logs(*server, "subject=\"CN = second\""));
  EXPECT_THAT(server->log(), HasSubstr("error reload failed, all settings are kept"));
  EXPECT_EQ(*server->Stop(), 0);
}

TEST_F(Tls, WhatIsWrongWithTheFilesIsSaidAtTheStart) {
  files_.Write(MakeCertificate().certificate_pem(), MakeCertificate().key_pem());
  EXPECT_THAT(std::string(Start().status().message()),
              HasSubstr(absl::StrCat("cannot start: --tls_key: ", files_.key(), ": expected the key of")));
  files_.Write(MakeCertificate({.ends = -absl::Hours(1)}));
  std::filesystem::permissions(files_.key(), std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  auto server = Start();
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_THAT(server->LogWith("chmod o-r"),
              AllOf(HasSubstr(absl::StrCat("warning ", files_.certificate(), ": the certificate expired at ")),
                    HasSubstr(absl::StrCat("warning ", files_.key(),
                                           ": everybody on this machine can read the "
                                           "private key: chmod o-r")),
                    Not(HasSubstr("BEGIN"))));
  EXPECT_EQ(*server->Stop(), 0);
}

}  // namespace
}  // namespace roicast::testing
