// Ports that speak TLS, with clients that do as they like.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/transport/http/http_server_fixture.h"
#include "tests/testing/certificates.h"
#include "tests/testing/process.h"
#include "tests/testing/tls_client.h"

namespace roicast {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawConnection;
using ::testing::StartsWith;
using testing::TlsClient;

// A client over a connection.
class SecureConnection {
 public:
  explicit SecureConnection(int port, const TlsClient::Options& options = {}) : connection_(port), client_(options) {
    EXPECT_TRUE(connection_.connected());
  }
  // Sends `piece` bytes at a time. False: the server has refused.
  bool ShakeHands(size_t piece = 1 << 20) {
    client_.Take("");
    Carry(piece);
    while (!client_.open() && Receive()) Carry(piece);
    return client_.open();
  }
  void Write(absl::string_view bytes) {
    client_.Write(bytes);
    Carry(1 << 20);
  }
  std::string ReadUntil(const std::string& end) {
    while (read_.find(end) == std::string::npos && Receive()) read_ += client_.Read();
    return std::exchange(read_, {});
  }
  // Everything until the server closes.
  std::string ReadAll() {
    read_ += client_.Read();
    while (Receive()) read_ += client_.Read();
    return std::exchange(read_, {});
  }
  TlsClient& client() { return client_; }
  RawConnection& connection() { return connection_; }

 private:
  bool Receive() {
    const std::string bytes = connection_.ReadNext();
    client_.Take(bytes);
    return !bytes.empty();
  }
  void Carry(size_t piece) {
    const std::string bytes = client_.Give();
    for (size_t at = 0; at < bytes.size(); at += piece) {
      connection_.Write(absl::string_view(bytes).substr(at, piece));
    }
  }

  RawConnection connection_;
  TlsClient client_;
  std::string read_;
};

class TlsPort : public testing::HttpServerTest {
 protected:
  TlsPort() {
    EXPECT_EQ(credentials_.Load(absl::Now()), absl::OkStatus());
    options_.tls = &credentials_;
    options_.http_tls = true;
  }
  // The server's loops refer to the credentials.
  ~TlsPort() override {
    if (server_ != nullptr) server_->Shutdown(absl::Seconds(5));
  }

  static std::string Get(const std::string& target) {
    return absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  }
  std::string Curl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"/usr/bin/curl", "--silent", "--show-error", "--include", "--max-time", "20",
                                         "--cacert", files_.certificate()});
    const auto ran = testing::RunProcess(arguments);
    EXPECT_TRUE(ran.ok()) << ran.status();
    return ran.ok() ? absl::StrCat(ran->output, ran->errors) : "";
  }
  std::string Url(const std::string& target) { return absl::StrCat("https://localhost:", port(), target); }

  testing::CertificateFiles files_;
  TlsCredentials credentials_{files_.certificate(), files_.key(), &metrics_};
};

TEST_F(TlsPort, RequestsAreAnswered) {
  Start();
  SecureConnection connection(port());
  ASSERT_TRUE(connection.ShakeHands());
  connection.Write(Get("/hello?you"));
  const std::string answer = connection.ReadAll();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello you\n"));
  EXPECT_TRUE(connection.client().ended());
  EXPECT_EQ(metrics_.handshakes.load(), 1);
}

TEST_F(TlsPort, BothVersionsOfHttpAreAnswered) {
  const auto version = testing::RunProcess({"/usr/bin/curl", "--version"});
  if (!version.ok() || version->output.find("HTTP2") == std::string::npos) {
    GTEST_SKIP() << "there is no curl with HTTP/2 on this machine";
  }
  Start();
  EXPECT_THAT(Curl({Url("/hello?you")}), StartsWith("HTTP/2 200 \r\n"));
  EXPECT_THAT(Curl({"--http1.1", Url("/hello?you")}), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(Curl({"--tlsv1.2", "--tls-max", "1.2", Url("/hello?you")}), StartsWith("HTTP/2 200 \r\n"));
  EXPECT_THAT(Curl({Url("/large")}), EndsWith("\r\n\r\n" + std::string(testing::kLargeBytes, 'x')));
  EXPECT_THAT(Curl({"--http1.1", Url("/stream")}), EndsWith("piece 0\npiece 1\npiece 2\n"));
  EXPECT_THAT(Curl({"--data", std::string(testing::kUploadLimit, 'b'), Url("/upload")}),
              EndsWith(absl::StrCat(testing::kUploadLimit, "\n")));
}

TEST_F(TlsPort, AHandshakeMayComeAByteAtATime) {
  Start();
  SecureConnection connection(port());
  ASSERT_TRUE(connection.ShakeHands(1));
  connection.Write(Get("/hello?you"));
  EXPECT_THAT(connection.ReadAll(), EndsWith("hello you\n"));
}

TEST_F(TlsPort, ASlowReaderGetsAllOfALargeAnswer) {
  Start();
  SecureConnection connection(port());
  ASSERT_TRUE(connection.ShakeHands());
  std::string requests;
  for (int i = 0; i < 60; ++i) requests += "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n";
  connection.Write(requests + Get("/hello?you"));
  // Nothing is read until the server can write no more: that is more than sockets hold.
  while (metrics_.write_stalls.load() == 0) std::this_thread::yield();
  const std::string all = connection.ReadAll();
  EXPECT_GT(all.size(), 60 * testing::kLargeBytes);
  EXPECT_THAT(all.substr(all.size() - 10), "hello you\n");
  EXPECT_TRUE(connection.client().ended());
}

TEST_F(TlsPort, AClientWithoutTlsIsClosedAndCounted) {
  Start();
  const std::string answer = Say(Get("/hello"));
  EXPECT_THAT(answer, Not(HasSubstr("hello")));
  EXPECT_EQ(metrics_.count(Cut::kTls), 1);
  EXPECT_THAT(Say("garbage"), Not(HasSubstr("HTTP")));
  EXPECT_EQ(metrics_.count(Cut::kTls), 2);
  EXPECT_EQ(metrics_.handshakes.load(), 0);
}

TEST_F(TlsPort, WhoeverConnectsAndGoesAwayIsNotCounted) {
  Start();
  RawConnection connection(port());
  connection.EndWriting();
  EXPECT_EQ(connection.ReadAll(), "");
  EXPECT_EQ(metrics_.count(Cut::kTls) + metrics_.count(Cut::kHandshake), 0);
}

TEST_F(TlsPort, HandshakesThatTakeTooLongAreCutOff) {
  options_.connection.handshake_timeout = absl::Milliseconds(50);
  Start();
  EXPECT_EQ(RawConnection(port()).ReadAll(), "");
  EXPECT_EQ(metrics_.count(Cut::kHandshake), 1);
  // One that has begun.
  TlsClient client;
  client.Take("");
  EXPECT_EQ(Say(client.Give().substr(0, 100)), "");
  EXPECT_EQ(metrics_.count(Cut::kHandshake), 2);
}

// Each held 17 KB for a record that did not end, for as long as it liked.
TEST_F(TlsPort, RecordsThatTakeTooLongAreCutOff) {
  options_.connection.piece_timeout = absl::Milliseconds(50);
  Start();
  SecureConnection connection(port());
  ASSERT_TRUE(connection.ShakeHands());
  connection.Write("GET /hello HTTP/1.1\r\n");
  connection.client().Write("Host: localhost\r\n\r\n");
  const std::string record = connection.client().Give();
  connection.connection().Write(record.substr(0, record.size() - 1));
  EXPECT_EQ(connection.ReadAll(), "");
  EXPECT_EQ(metrics_.count(Cut::kRecord), 1);
  EXPECT_EQ(metrics_.tls_connections.load(), 0);
}

TEST_F(TlsPort, SoAreThoseBehindTheHandshake) {
  options_.connection.piece_timeout = absl::Milliseconds(50);
  Start();
  RawConnection connection(port());
  TlsClient client;
  client.Take("");
  connection.Write(client.Give());
  while (!client.open()) client.Take(connection.ReadNext());
  client.Write(Get("/hello"));
  const std::string end_and_record = client.Give();
  connection.Write(end_and_record.substr(0, end_and_record.size() - 1));
  connection.ReadAll();
  EXPECT_EQ(metrics_.count(Cut::kRecord), 1);
}

TEST_F(TlsPort, AnIdleConnectionHasNoRecordThatIsLate) {
  options_.connection.piece_timeout = absl::Milliseconds(1);
  options_.http.header_timeout = absl::Milliseconds(50);
  Start();
  SecureConnection connection(port());
  ASSERT_TRUE(connection.ShakeHands());
  EXPECT_EQ(metrics_.tls_connections.load(), 1);
  connection.Write("GET /hello");
  EXPECT_EQ(metrics_.count(Cut::kRecord), 0);
  EXPECT_THAT(connection.ReadAll(), StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(metrics_.count(Cut::kRecord), 0);
}

TEST_F(TlsPort, FloodsOfNewKeysAreCutOff) {
  options_.http2.max_useless_frames = 10;
  Start();
  SecureConnection connection(port());
  ASSERT_TRUE(connection.ShakeHands());
  for (int i = 0; i < 11; ++i) {
    ASSERT_EQ(SSL_key_update(connection.client().ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    ASSERT_EQ(SSL_do_handshake(connection.client().ssl()), 1);
  }
  connection.Write(Get("/hello?you"));
  EXPECT_EQ(connection.ReadAll(), "");
  EXPECT_EQ(metrics_.count(Cut::kFloodKeyUpdate), 1);
}

TEST_F(TlsPort, AnOpenConnectionHasTheTimeOfItsProtocol) {
  options_.connection.handshake_timeout = absl::Seconds(1000);
  options_.http.preface_timeout = absl::Milliseconds(50);
  Start();
  SecureConnection connection(port());
  ASSERT_TRUE(connection.ShakeHands());
  EXPECT_EQ(connection.ReadAll(), "");
  EXPECT_EQ(metrics_.count(Cut::kPreface), 1);
}

TEST_F(TlsPort, TheGrpcPortTakesHttp2Alone) {
  Start();
  SecureConnection wrong(server_->port());
  EXPECT_FALSE(wrong.ShakeHands());
  EXPECT_EQ(wrong.client().error(), "tlsv1 alert no application protocol");
  EXPECT_EQ(wrong.ReadAll(), "");
  EXPECT_EQ(metrics_.count(Cut::kTls), 1);
  // Prior knowledge: the preface, and SETTINGS without any.
  SecureConnection silent(server_->port(), {.protocols = ""});
  ASSERT_TRUE(silent.ShakeHands());
  silent.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\4\0\0\0\0\0", 9));
  // The server acknowledges them.
  EXPECT_THAT(silent.ReadUntil(std::string("\0\0\0\4\1\0\0\0\0", 9)), Not(std::string()));
}

TEST_F(TlsPort, ByDefaultTheHttpPortIsPlain) {
  options_.http_tls = false;
  Start();
  EXPECT_THAT(Say(Get("/hello?you")), EndsWith("hello you\n"));
  // And refuses TLS in words.
  SecureConnection connection(port());
  EXPECT_FALSE(connection.ShakeHands());
  EXPECT_EQ(connection.client().error(), "wrong version number");
  EXPECT_EQ(metrics_.count(Cut::kProtocol), 1);
  SecureConnection grpc(server_->port(), {.protocols = "\x02h2"});
  EXPECT_TRUE(grpc.ShakeHands());
}

TEST_F(TlsPort, UnixSocketsStayPlain) {
  const testing::TempDir folder;
  options_.http_listen = {absl::StrCat("unix:", folder.File("s"))};
  Start();
  EXPECT_THAT(Curl({"--unix-socket", folder.File("s"), "http://localhost/hello?you"}), EndsWith("hello you\n"));
}

TEST_F(TlsPort, ANewCertificateIsForNewConnections) {
  Start();
  SecureConnection before(port());
  ASSERT_TRUE(before.ShakeHands());
  files_.Write(testing::MakeCertificate({.subject = "second"}));
  ASSERT_EQ(credentials_.Load(absl::Now()), absl::OkStatus());
  SecureConnection after(port());
  ASSERT_TRUE(after.ShakeHands());
  EXPECT_EQ(before.client().subject(), "localhost");
  EXPECT_EQ(after.client().subject(), "second");
  for (SecureConnection* const connection : {&before, &after}) {
    connection->Write(Get("/hello?you"));
    EXPECT_THAT(connection->ReadAll(), EndsWith("hello you\n"));
  }
}

TEST_F(TlsPort, IssuersAreShown) {
  const testing::CertificatePair issuer = testing::MakeCertificate({.subject = "issuer"});
  const testing::CertificatePair leaf = testing::MakeCertificate({.subject = "leaf"}, &issuer);
  files_.Write(leaf.certificate_pem() + issuer.certificate_pem(), leaf.key_pem());
  ASSERT_EQ(credentials_.Load(absl::Now()), absl::OkStatus());
  Start();
  SecureConnection connection(port());
  ASSERT_TRUE(connection.ShakeHands());
  EXPECT_EQ(sk_X509_num(SSL_get_peer_cert_chain(connection.client().ssl())), 2);
}

TEST_F(TlsPort, AServerThatStopsDoesNotWaitForHandshakes) {
  Start();
  RawConnection silent(port());
  TlsClient client;
  client.Take("");
  RawConnection half(port());
  half.Write(client.Give().substr(0, 100));
  SecureConnection idle(port());
  ASSERT_TRUE(idle.ShakeHands());
  server_->Shutdown(absl::InfiniteDuration());
  EXPECT_EQ(silent.ReadAll(), "");
  EXPECT_EQ(half.ReadAll(), "");
  EXPECT_EQ(idle.ReadAll(), "");
  EXPECT_TRUE(idle.client().ended());
}

}  // namespace
}  // namespace roicast
