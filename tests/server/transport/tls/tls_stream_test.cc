#include "server/transport/tls/tls_stream.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/transport/tls/tls_credentials.h"
#include "tests/testing/certificates.h"
#include "tests/testing/tls_client.h"

namespace roicast {
namespace {

using testing::TlsClient;
using Input = ByteStream::Input;

constexpr std::chrono::nanoseconds kAnyTime = std::chrono::hours(1);
constexpr int kMaxMessages = 20;
constexpr size_t kMost = size_t{256} << 10;
constexpr absl::string_view kHttp11 = "\x08http/1.1";
constexpr absl::string_view kSpdy = "\x06spdy/1";

std::string Text(size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>('a' + (i * 7 + i / 1000) % 26);
  return text;
}

// A stream over one end of a pair of sockets; the other end is the network's.
class TlsStreamTest : public ::testing::Test {
 protected:
  TlsStreamTest() {
    EXPECT_EQ(credentials_.Load(absl::Now()), absl::OkStatus());
    Accept();
  }
  ~TlsStreamTest() override { close(far_); }

  void Accept(const absl::string_view* protocols = &kAlpnHttp, TlsBuffers* buffers = nullptr) {
    if (far_ >= 0) close(far_);
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    far_ = ends[0];
    stream_ = std::make_unique<TlsStream>(ends[1], &metrics_, credentials_.Current(), protocols,
                                          buffers == nullptr ? &buffers_ : buffers);
  }

  void Send(absl::string_view bytes) {
    ASSERT_EQ(send(far_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  // What the stream has written.
  std::string Network() {
    std::string all(size_t{1} << 20, '\0');
    const ssize_t count = recv(far_, all.data(), all.size(), 0);
    all.resize(count < 0 ? 0 : static_cast<size_t>(count));
    return all;
  }
  // Reads once, and appends to text_ what came.
  ByteStream::Received Read(size_t most = kMost) {
    const std::unique_ptr<char[]> to = std::make_unique<char[]>(most + ByteStream::kReadSlack);
    const ByteStream::Received received = stream_->Read(to.get(), most);
    text_.append(to.get(), received.size);
    return received;
  }
  // Carries bytes to and fro until the client is open or has given up, in pieces from it.
  Input ShakeHands(TlsClient& client, size_t piece = kMost) {
    Input input = Input::kOpen;
    client.Take("");
    for (std::string bytes; !(bytes = client.Give()).empty();) {
      for (size_t at = 0; at < bytes.size() && input == Input::kOpen; at += piece) {
        Send(absl::string_view(bytes).substr(at, piece));
        input = Read().input;
      }
      client.Take(Network());
    }
    return input;
  }

  testing::CertificateFiles files_;
  TransportMetrics metrics_;
  TlsCredentials credentials_{files_.certificate(), files_.key(), &metrics_};
  const std::unique_ptr<EventLoop> loop_ = *EventLoop::Make(0);
  TlsBuffers buffers_{loop_.get(), {.handshake_time = kAnyTime, .max_messages = kMaxMessages}};
  int far_ = -1;
  std::unique_ptr<TlsStream> stream_;
  std::string text_;
};

TEST_F(TlsStreamTest, HandshakesArriveInPiecesOfAnySize) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const size_t piece : {1, 2, 5, 100, 100000}) {
      Accept();
      EXPECT_FALSE(stream_->open());
      TlsClient client({.max_version = version});
      EXPECT_EQ(ShakeHands(client, piece), Input::kOpen);
      EXPECT_TRUE(client.open());
      EXPECT_TRUE(stream_->open());
      EXPECT_EQ(SSL_version(client.ssl()), version);
      EXPECT_EQ(client.protocol(), "http/1.1");
      EXPECT_EQ(client.subject(), "localhost");
    }
  }
  EXPECT_EQ(metrics_.handshakes.load(), 10);
  EXPECT_EQ(metrics_.resumed_handshakes.load(), 0);
}

TEST_F(TlsStreamTest, RecordsThatAreTornAnywhereArriveWhole) {
  TlsClient client;
  ShakeHands(client);
  for (size_t at = 1;; ++at) {
    for (const char* const word : {"one,", "two,", "three"}) client.Write(word);
    const std::string records = client.Give();
    text_.clear();
    Send(records.substr(0, at));
    EXPECT_EQ(Read().input, Input::kOpen);
    if (at >= records.size()) break;
    Send(records.substr(at));
    EXPECT_EQ(Read().input, Input::kOpen);
    ASSERT_EQ(text_, "one,two,three") << at;
  }
  EXPECT_EQ(text_, "one,two,three");
}

TEST_F(TlsStreamTest, AllThatIsThereIsReadAtOnce) {
  TlsClient client;
  ShakeHands(client);
  const std::string text = Text(100000);
  client.Write(text);
  const std::string records = client.Give();
  Send(records);
  EXPECT_EQ(Read().size, text.size());
  EXPECT_EQ(text_, text);
  EXPECT_EQ(Read().size, 0u);
}

// The rest of a record that had come in part is decrypted beyond what was asked for.
TEST_F(TlsStreamTest, SmallReadsOfLargeRecordsHaveRoom) {
  TlsClient client;
  ShakeHands(client);
  const std::string text = Text(16384 * 4);
  client.Write(text);
  Send(client.Give());
  while (text_.size() < text.size()) {
    const auto received = Read(4096);
    ASSERT_EQ(received.input, Input::kOpen);
  }
  EXPECT_EQ(text_, text);
}

TEST_F(TlsStreamTest, ARequestBehindTheHandshakeIsNotLost) {
  TlsClient client;
  client.Take("");
  Send(client.Give());
  Read();
  client.Take(Network());
  ASSERT_TRUE(client.open());
  client.Write("at once");
  Send(client.Give());
  EXPECT_EQ(Read().input, Input::kOpen);
  EXPECT_TRUE(stream_->open());
  EXPECT_EQ(text_, "at once");
}

TEST_F(TlsStreamTest, WhatASlowClientDoesNotReadIsKept) {
  TlsClient client;
  ShakeHands(client);
  const std::string part = Text(65536);
  std::string sent, read;
  while (stream_->unsent() == 0) {
    ASSERT_TRUE(stream_->Write(part));
    sent += part;
  }
  EXPECT_EQ(metrics_.write_stalls.load(), 1);
  EXPECT_EQ(metrics_.bytes_held.load(), static_cast<int64_t>(stream_->unsent()));
  ASSERT_TRUE(stream_->Flush());
  EXPECT_EQ(metrics_.write_stalls.load(), 2);
  for (std::string bytes; !(bytes = Network()).empty();) {
    client.Take(bytes);
    read += client.Read();
    ASSERT_TRUE(stream_->Flush());
  }
  EXPECT_EQ(stream_->unsent(), 0u);
  EXPECT_EQ(metrics_.bytes_held.load(), 0);
  EXPECT_TRUE(read == sent) << read.size() << " of " << sent.size();
}

TEST_F(TlsStreamTest, WhateverIsNoTlsIsRefused) {
  // The last is an alert.
  for (const absl::string_view bytes :
       {absl::string_view("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), absl::string_view("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        absl::string_view("\x16\x03\x01\xff\xff garbage"), absl::string_view("\x15\x03\x03\x00\x02\x02\x28", 7)}) {
    Accept();
    Send(bytes);
    const auto received = Read();
    EXPECT_EQ(received.input, Input::kRefused) << bytes;
    EXPECT_EQ(received.size, 0u);
    EXPECT_FALSE(stream_->open());
    // What follows is read to no end.
    Send("more");
    EXPECT_EQ(Read().input, Input::kOpen);
    EXPECT_TRUE(stream_->EndWriting());
  }
}

TEST_F(TlsStreamTest, AClientHelloThatSaysTooMuchIsRefused) {
  // A handshake message of 16 MB - 1, of which the first records come.
  const std::string record = absl::StrCat(absl::string_view("\x16\x03\x01\x40\x00", 5),
                                          absl::string_view("\x01\xff\xff\xff", 4), std::string(16380, 'x'));
  Send(record);
  EXPECT_EQ(Read().input, Input::kRefused);
}

TEST_F(TlsStreamTest, AChangedRecordIsRefused) {
  TlsClient client;
  ShakeHands(client);
  client.Write("first");
  client.Write("second");
  std::string records = client.Give();
  records.back() = static_cast<char>(records.back() ^ 1);
  Send(records);
  EXPECT_EQ(Read().input, Input::kRefused);
  EXPECT_EQ(text_, "first");
  client.Take(Network());
  EXPECT_THAT(client.error(), ::testing::HasSubstr("bad record mac"));
}

TEST_F(TlsStreamTest, WhoeverHasFinishedSendingStillReads) {
  TlsClient client;
  ShakeHands(client);
  client.Write("last");
  client.End();
  Send(client.Give());
  EXPECT_EQ(Read().input, Input::kEnded);
  EXPECT_EQ(text_, "last");
  ASSERT_TRUE(stream_->Write("answer"));
  EXPECT_TRUE(stream_->EndWriting());
  client.Take(Network());
  EXPECT_EQ(client.Read(), "answer");
  EXPECT_TRUE(client.ended());
}

TEST_F(TlsStreamTest, ClientsMayEndWithoutSayingSo) {
  TlsClient client;
  ShakeHands(client);
  client.Write("whole");
  client.Write("torn");
  const std::string records = client.Give();
  Send(records.substr(0, records.size() - 1));
  shutdown(far_, SHUT_WR);
  EXPECT_EQ(Read().input, Input::kOpen);
  EXPECT_EQ(Read().input, Input::kEnded);
  EXPECT_EQ(text_, "whole");
  ASSERT_TRUE(stream_->Write("answer"));
  client.Take(Network());
  EXPECT_EQ(client.Read(), "answer");
}

TEST_F(TlsStreamTest, AClientThatGoesAwayInTheHandshakeIsNoFault) {
  TlsClient client;
  client.Take("");
  Send(client.Give().substr(0, 10));
  shutdown(far_, SHUT_WR);
  EXPECT_EQ(Read().input, Input::kOpen);
  EXPECT_EQ(Read().input, Input::kEnded);
}

TEST_F(TlsStreamTest, AfterItsEndNothingIsRead) {
  TlsClient client;
  ShakeHands(client);
  EXPECT_TRUE(stream_->EndWriting());
  client.Write("late");
  Send(client.Give());
  EXPECT_EQ(Read().size, 0u);
  client.Take(Network());
  EXPECT_TRUE(client.ended());
}

TEST_F(TlsStreamTest, ProtocolsAreChosenInTheServersOrder) {
  TlsClient both({.protocols = std::string(kHttp11) + std::string(kAlpnHttp2)});
  EXPECT_EQ(ShakeHands(both), Input::kOpen);
  EXPECT_EQ(both.protocol(), "h2");
  // gRPC's.
  Accept(&kAlpnHttp2);
  TlsClient grpc({.protocols = std::string(kHttp11) + std::string(kAlpnHttp2)});
  EXPECT_EQ(ShakeHands(grpc), Input::kOpen);
  EXPECT_EQ(grpc.protocol(), "h2");
}

TEST_F(TlsStreamTest, ProtocolsThatAreNotSpokenAreRefusedAndSilenceIsNot) {
  for (const absl::string_view asked : {kHttp11, kSpdy}) {
    Accept(&kAlpnHttp2);
    TlsClient client({.protocols = std::string(asked)});
    EXPECT_EQ(ShakeHands(client), Input::kRefused);
    EXPECT_EQ(client.error(), "tlsv1 alert no application protocol");
  }
  Accept(&kAlpnHttp2);
  TlsClient silent({.protocols = ""});
  EXPECT_EQ(ShakeHands(silent), Input::kOpen);
  EXPECT_TRUE(stream_->open());
  EXPECT_EQ(silent.protocol(), "");
}

TEST_F(TlsStreamTest, OldVersionsAndCiphersAreRefused) {
  TlsClient old({.max_version = TLS1_1_VERSION});
  EXPECT_EQ(ShakeHands(old), Input::kRefused);
  EXPECT_EQ(old.error(), "tlsv1 alert protocol version");
  Accept();
  TlsClient weak({.max_version = TLS1_2_VERSION});
  SSL_set_cipher_list(weak.ssl(), "ECDHE-ECDSA-AES128-SHA");
  EXPECT_EQ(ShakeHands(weak), Input::kRefused);
  EXPECT_EQ(weak.error(), "sslv3 alert handshake failure");
}

TEST_F(TlsStreamTest, NothingIsNegotiatedASecondTime) {
  TlsClient client({.max_version = TLS1_2_VERSION});
  ShakeHands(client);
  ASSERT_EQ(SSL_renegotiate(client.ssl()), 1);
  SSL_do_handshake(client.ssl());
  Send(client.Give());
  EXPECT_EQ(Read().input, Input::kOpen);
  client.Take(Network());
  EXPECT_EQ(client.error(), "no renegotiation");
  EXPECT_EQ(metrics_.handshakes.load(), 1);
}

// Each makes the server compute keys and answer: 15,000 of them a second kept others waiting for 90 ms.
TEST_F(TlsStreamTest, ManyNewKeysEndTheConnection) {
  TlsClient client;
  ShakeHands(client);
  const auto renew = [&client](int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
      ASSERT_EQ(SSL_do_handshake(client.ssl()), 1);
    }
    client.Write("renewed");
  };
  renew(kMaxMessages);
  Send(client.Give());
  EXPECT_EQ(Read().input, Input::kOpen);
  EXPECT_EQ(text_, "renewed");
  renew(1);
  Send(client.Give());
  const auto received = Read();
  EXPECT_EQ(received.input, Input::kRefused);
  EXPECT_EQ(received.cut, Cut::kFloodKeyUpdate);
  EXPECT_EQ(text_, "renewed") << "what follows does not count";
}

// A thousand, as many as of other useless messages, took the loop for 10 ms.
TEST_F(TlsStreamTest, AFlagDoesNotAllowMoreOfThemThanALoopCanBear) {
  TlsBuffers buffers(loop_.get(), {.handshake_time = kAnyTime, .max_messages = 1000000});
  Accept(&kAlpnHttp, &buffers);
  TlsClient client;
  ShakeHands(client);
  for (int i = 0; i <= TlsBuffers::kMostMessages; ++i) {
    ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    ASSERT_EQ(SSL_do_handshake(client.ssl()), 1);
  }
  Send(client.Give());
  EXPECT_EQ(Read().cut, Cut::kFloodKeyUpdate);
}

TEST_F(TlsStreamTest, AskingForAnotherHandshakeCountsToo) {
  TlsBuffers buffers(loop_.get(), {.handshake_time = kAnyTime, .max_messages = 0});
  Accept(&kAlpnHttp, &buffers);
  TlsClient client({.max_version = TLS1_2_VERSION});
  ShakeHands(client);
  ASSERT_EQ(SSL_renegotiate(client.ssl()), 1);
  SSL_do_handshake(client.ssl());
  Send(client.Give());
  EXPECT_EQ(Read().cut, Cut::kFloodKeyUpdate);
}

// So that a connection whose bytes cost much reads less of them at once, even if they say nothing.
TEST_F(TlsStreamTest, ReadsTellWhatTheyTook) {
  TlsClient client;
  EXPECT_EQ(ShakeHands(client), Input::kOpen);
  client.Write("small");
  Send(client.Give());
  EXPECT_EQ(Read().took, std::chrono::nanoseconds(0)) << "it is not worth a look at the clock";
  for (int i = 0; i < kMaxMessages; ++i) {
    ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    ASSERT_EQ(SSL_do_handshake(client.ssl()), 1);
  }
  const std::string records = client.Give();
  Send(records);
  const auto received = Read();
  EXPECT_EQ(received.size, 0u);
  EXPECT_EQ(received.taken, records.size());
  EXPECT_GT(received.took, std::chrono::nanoseconds(0));
}

TEST_F(TlsStreamTest, ATicketSparesAHandshakeUntilItsKeysAreReplaced) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    metrics_.resumed_handshakes = 0;
    Accept();
    TlsClient first({.max_version = version});
    ShakeHands(first);
    const testing::UniqueSession session = first.session();
    Accept();
    TlsClient second({.max_version = version, .session = session.get()});
    EXPECT_EQ(ShakeHands(second), Input::kOpen);
    EXPECT_EQ(SSL_session_reused(second.ssl()), 1);
    EXPECT_EQ(metrics_.resumed_handshakes.load(), 1);
    credentials_.RenewTicketKeysIfDue(absl::Now() + absl::Hours(25));
    Accept();
    TlsClient third({.max_version = version, .session = session.get()});
    EXPECT_EQ(ShakeHands(third), Input::kOpen);
    EXPECT_EQ(SSL_session_reused(third.ssl()), 0);
    EXPECT_TRUE(stream_->open());
    EXPECT_EQ(metrics_.resumed_handshakes.load(), 1);
    EXPECT_EQ(credentials_.Load(absl::Now()), absl::OkStatus());
  }
}

// Otherwise a flood of handshakes, each of which takes up to a millisecond, delays everything else.
TEST_F(TlsStreamTest, ATurnOfTheLoopHasSomeTimeForHandshakes) {
  TlsBuffers buffers(loop_.get(), {.handshake_time = std::chrono::nanoseconds(1)});
  Accept(&kAlpnHttp, &buffers);
  TlsClient client;
  client.Take("");
  Send(client.Give());
  Read();
  client.Take(Network());
  ASSERT_TRUE(client.open());
  client.Write("waits");
  Send(client.Give());
  // The turn's time is over, and nothing is taken from the socket.
  EXPECT_EQ(Read().size, 0u);
  EXPECT_FALSE(stream_->open());
  char first = 0;
  EXPECT_EQ(recv(stream_->fd(), &first, 1, MSG_PEEK), 1);
  buffers.ShookHands(-std::chrono::hours(1));
  EXPECT_EQ(Read().size, 5u);
  EXPECT_TRUE(stream_->open());
}

TEST_F(TlsStreamTest, BytesAreCountedAsTheyAreOnTheConnection) {
  TlsClient client;
  client.Take("");
  const std::string hello = client.Give();
  Send(hello);
  Read();
  EXPECT_EQ(metrics_.bytes_received.load(), static_cast<int64_t>(hello.size()));
  EXPECT_EQ(metrics_.bytes_sent.load(), static_cast<int64_t>(Network().size()));
}

}  // namespace
}  // namespace roicast
