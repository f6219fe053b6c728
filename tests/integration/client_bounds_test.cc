// The bounds on what one client may cost, as clients meet them at a real server.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/fixture.h"
#include "tests/testing/read_socket.h"

namespace roicast::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Begins each connection of HTTP/2: the preface and an empty SETTINGS frame.
const std::string kHello("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);

const std::string kAcknowledged("\0\0\0\4\1\0\0\0\0", 9);
// The head of the frame that says to go, without its length.
const std::string kGoaway("\7\0\0\0\0\0", 6);

constexpr int kData = 0, kHeaders = 1, kPing = 6;
constexpr int kEndHeaders = 4;

// Of stream 1.
std::string Frame(int type, int flags, const std::string& body) {
  std::string frame = {static_cast<char>(body.size() >> 16),
                       static_cast<char>(body.size() >> 8),
                       static_cast<char>(body.size()),
                       static_cast<char>(type),
                       static_cast<char>(flags),
                       0,
                       0,
                       0,
                       1};
  return frame + body;
}

std::string RequestHeaders(const std::string& path) {
  std::string headers;
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{":method", "POST"},
                                                        {":scheme", "http"},
                                                        {":path", path},
                                                        {":authority", "x"},
                                                        {"content-type", "application/grpc"},
                                                        {"te", "trailers"}}) {
    // A literal without compression.
    headers += '\0';
    headers += static_cast<char>(name.size());
    headers += name;
    headers += static_cast<char>(value.size());
    headers += value;
  }
  return headers;
}

std::string PredictHeaders() { return RequestHeaders("/roicast.v1.PredictionService/Predict"); }

// A TCP connection that says what it likes.
class RawConnection {
 public:
  // from: the client's address, of 127.0.0.0/8.
  explicit RawConnection(int port, uint32_t from = INADDR_LOOPBACK)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    // Nothing here takes as long; a test that waits for nothing has to end.
    const timeval patience = {60, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(from);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ~RawConnection() { ::close(socket_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  void Send(const std::string& bytes) { ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  // Up to `size` bytes; fewer: the server has closed the connection.
  std::string Read(size_t size) { return testing::ReadSocket(socket_, size); }
  // Everything up to and including `end`; or until the server closes.
  std::string ReadUntil(const std::string& end) {
    std::string all;
    while (all.find(end) == std::string::npos) {
      const std::string part = Read(1);
      if (part.empty()) break;
      all += part;
    }
    return all;
  }
  std::string ReadAll() {
    std::string all;
    for (std::string part = Read(1); !part.empty(); part = Read(1)) all += part;
    return all;
  }

 private:
  const int socket_;
};

class ClientBounds : public ::testing::Test {
 protected:
  void Start(std::vector<std::string> flags) {
    auto server = ServerProcess::Start(folder_.File("store"), std::move(flags));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = std::make_unique<ServerProcess>(*std::move(server));
  }
  std::unique_ptr<RawConnection> Connect() { return std::make_unique<RawConnection>(server_->grpc_port()); }
  // The value of a metric's series.
  std::string Metric(const std::string& series) {
    const auto text = server_->HttpGet("/metrics");
    EXPECT_TRUE(text.ok()) << text.status();
    const size_t at = text->find(absl::StrCat("\n", series, " "));
    if (at == std::string::npos) return "none";
    const size_t begin = at + series.size() + 2;
    return text->substr(begin, text->find('\n', begin) - begin);
  }
  std::string Cuts(const std::string& cause) {
    return Metric(absl::StrCat("roicast_transport_cut_total{cause=\"", cause, "\"}"));
  }
  // What the server says first on a connection: its settings, by their numbers.
  std::map<int, uint32_t> Settings() {
    const auto connection = Connect();
    connection->Send(kHello);
    const std::string head = connection->Read(9);
    EXPECT_EQ(head.size(), 9u);
    const std::string body = connection->Read(static_cast<uint8_t>(head[2]));
    const auto byte = [&body](size_t at) { return static_cast<uint32_t>(static_cast<uint8_t>(body[at])); };
    std::map<int, uint32_t> settings;
    for (size_t at = 0; at + 6 <= body.size(); at += 6) {
      settings[static_cast<int>(byte(at) << 8 | byte(at + 1))] =
          byte(at + 2) << 24 | byte(at + 3) << 16 | byte(at + 4) << 8 | byte(at + 5);
    }
    return settings;
  }

  const TempDir folder_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(ClientBounds, ClientsAreToldOfStreamsAndHeaders) {
  constexpr int kMaxConcurrentStreams = 3, kMaxHeaderListSize = 6;
  Start({"--max_streams_per_connection", "7", "--max_header_bytes", "5000"});
  const auto settings = Settings();
  EXPECT_EQ(settings.at(kMaxConcurrentStreams), 7u);
  EXPECT_EQ(settings.at(kMaxHeaderListSize), 5000u);
}

TEST_F(ClientBounds, OneAddressHasItsShareOfTheConnections) {
  Start({"--max_connections_per_peer", "2"});
  const auto first = Connect(), second = Connect();
  for (const auto& connection : {first.get(), second.get()}) {
    connection->Send(kHello);
    EXPECT_EQ(connection->Read(9).size(), 9u);
  }
  EXPECT_EQ(Connect()->ReadAll(), "");
  EXPECT_EQ(Cuts("peer_connections"), "1");
  EXPECT_EQ(Cuts("protocol"), "0");
  second->Send("These bytes are no frame of HTTP/2.");
  second->ReadAll();
  EXPECT_EQ(Cuts("protocol"), "1");
  // One has gone, so that another may come; the server may have to notice first.
  for (std::string hello; hello.empty();) {
    const auto third = Connect();
    third->Send(kHello);
    hello = third->Read(9);
  }
}

TEST_F(ClientBounds, ConnectionsAreLimitedInAll) {
  Start({"--max_connections", "1", "--max_connections_per_peer", "5"});
  const auto first = Connect();
  first->Send(kHello);
  EXPECT_EQ(first->Read(9).size(), 9u);
  EXPECT_EQ(Connect()->ReadAll(), "");
  int code = 0;
  EXPECT_TRUE(server_->HttpGet("/healthz", &code).ok());
  EXPECT_EQ(Cuts("connections"), "1");
  EXPECT_EQ(code, 200) << "the HTTP port has connections of its own";
}

TEST_F(ClientBounds, GarbageIsCountedByWhereItStands) {
  Start({});
  for (const char* bytes : {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"}) {
    const auto connection = Connect();
    connection->Send(bytes);
    connection->ReadAll();
  }
  EXPECT_EQ(Cuts("preface"), "2");
  EXPECT_EQ(Cuts("protocol"), "0");
  const auto connection = Connect();
  connection->Send(kHello + "These bytes are no frame of HTTP/2.");
  connection->ReadAll();
  EXPECT_EQ(Cuts("preface"), "2");
  EXPECT_EQ(Cuts("protocol"), "1");
}

TEST_F(ClientBounds, ConnectionsThatSayNothingAreClosed) {
  // Long enough for this test to get to write although the machine is busy.
  Start({"--preface_timeout", "500ms", "--idle_timeout", "1s", "--header_timeout", "50ms"});
  Connect()->ReadAll();
  const auto idle = Connect();
  idle->Send(kHello);
  EXPECT_THAT(idle->ReadAll(), HasSubstr(kGoaway));
  const auto slow = Connect();
  // Headers of a stream, of which one frame is missing.
  slow->Send(kHello + Frame(kHeaders, 0, PredictHeaders()));
  slow->ReadAll();
  EXPECT_EQ(Cuts("preface"), "1");
  EXPECT_EQ(Cuts("idle"), "1");
  EXPECT_EQ(Cuts("headers"), "1");
}

TEST_F(ClientBounds, AnOldConnectionIsAskedToEnd) {
  Start({"--max_connection_age", "50ms"});
  const auto connection = Connect();
  connection->Send(kHello);
  EXPECT_THAT(connection->ReadAll(), HasSubstr(kGoaway));
  EXPECT_EQ(Cuts("age"), "1");
}

TEST_F(ClientBounds, AMessageThatIsLateNamesTheFlag) {
  Start({"--body_timeout", "50ms"});
  grpc::GenericStub stub(server_->NewChannel());
  grpc::ClientContext context;
  SetDeadline(context);
  grpc::CompletionQueue queue;
  // A call whose one message is never written.
  const auto call = stub.PrepareCall(&context, "/roicast.v1.PredictionService/Predict", &queue);
  void* tag = nullptr;
  bool ok = false;
  call->StartCall(nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  grpc::Status status;
  call->Finish(&status, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_EQ(FromGrpc(status).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(status.error_message(),
            "the request: expected all of it within 50ms, and it is not complete (the server's --body_timeout)");
  EXPECT_EQ(Cuts("body"), "1");
}

// They are INTERNAL, as gRPC asks, but no fault of the server's: alerts take off what is counted by method.
TEST_F(ClientBounds, BrokenMessagesAreCountedApart) {
  Start({});
  const std::string cut_short("\0\0\0\0\x09half", 9), wrong_prefix("\7\0\0\0\0", 5), not_said("\1\0\0\0\0", 5);
  for (const std::string& message : {cut_short, wrong_prefix, not_said}) {
    const auto connection = Connect();
    connection->Send(absl::StrCat(kHello, Frame(kHeaders, kEndHeaders, PredictHeaders()), Frame(kData, 1, message)));
    // The answer to a ping comes once what was sent before it is done with.
    connection->Send(std::string("\0\0\x08\6\0\0\0\0\0", 9) + "the end.");
    EXPECT_THAT(connection->ReadUntil("the end."), HasSubstr("the end."));
  }
  EXPECT_EQ(Cuts("broken_message"), "3");
  EXPECT_EQ(Metric("roicast_rpc_requests_total{method=\"PredictionService/Predict\",code=\"INTERNAL\"}"), "3");
  EXPECT_EQ(Metric("roicast_rpc_broken_messages_total{method=\"PredictionService/Predict\"}"), "3");
}

// Its calls are in no metric of methods: what they break must not hide faults in the others.
TEST_F(ClientBounds, BrokenMessagesOfServicesWithoutMetricsHideNoFault) {
  Start({});
  const auto connection = Connect();
  connection->Send(absl::StrCat(kHello, Frame(kHeaders, kEndHeaders, RequestHeaders("/grpc.health.v1.Health/Check")),
                                Frame(kData, 1, std::string("\7\0\0\0\0", 5))));
  connection->Send(std::string("\0\0\x08\6\0\0\0\0\0", 9) + "the end.");
  EXPECT_THAT(connection->ReadUntil("the end."), HasSubstr("the end."));
  EXPECT_EQ(Cuts("broken_message"), "1");
  EXPECT_EQ(Metric("roicast_rpc_broken_messages_total{method=\"PredictionService/Predict\"}"), "0");
  EXPECT_EQ(Metric("roicast_rpc_broken_messages_total{method=\"Health/Check\"}"), "none");
}

TEST_F(ClientBounds, RequestsBeyondTheBytesHeldNameTheFlag) {
  Start({"--max_message_bytes", "1000000", "--max_bytes_held", "1000000"});
  // 600,000 bytes of a message of 900,000.
  const auto holder = Connect();
  holder->Send(kHello);
  // Its settings, which have to be acknowledged before the stream's window is theirs.
  EXPECT_EQ(holder->Read(9).size(), 9u);
  holder->Send(kAcknowledged + Frame(kHeaders, kEndHeaders, PredictHeaders()) +
               Frame(kData, 0, std::string("\0\0\x0d\xbb\xa0", 5)));
  for (int i = 0; i < 12; ++i) holder->Send(Frame(kData, 0, std::string(50000, 'x')));
  const std::string ping = "12345678";
  std::string of_connection = Frame(kPing, 0, ping);
  of_connection[8] = 0;
  holder->Send(of_connection);
  EXPECT_THAT(holder->ReadUntil(ping), HasSubstr(ping)) << "once it is answered, the message's part is there";
  // Its first 600,000 bytes with or without what stands before them.
  EXPECT_THAT(Metric("roicast_transport_bytes_held"), StartsWith("600"));
  EXPECT_EQ(Metric("roicast_transport_streams"), "1");
  Api api(server_->NewChannel());
  v1::BatchPredictRequest request;
  request.mutable_matrix()->set_rows(1);
  request.mutable_matrix()->mutable_values()->Resize(200000, 0.5f);
  const auto answer = api.BatchPredict(request);
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(answer.status().message()),
              AllOf(HasSubstr("bytes held for clients: limit 1000000, got "),
                    HasSubstr(" (the server's --max_bytes_held); try again later")));
  EXPECT_EQ(Cuts("bytes_held"), "1");
}

// Idle streams of several addresses took the whole budget of memory.
TEST_F(ClientBounds, StreamsAreLimitedInAllAndEachAddressMayHaveSome) {
  // As small as it can be: 256 streams, of which one address has three quarters.
  Start({"--max_message_bytes", "1000000", "--memory_budget", "16777216"});
  std::vector<std::unique_ptr<RawConnection>> connections;
  const auto open_from = [&](uint32_t address, int streams) {
    connections.push_back(std::make_unique<RawConnection>(server_->grpc_port(), address));
    connections.back()->Send(kHello);
    const std::string headers = RequestHeaders("/roicast.v1.PredictionService/StreamPredict");
    for (int i = 0; i < streams; ++i) {
      std::string frame = Frame(kHeaders, kEndHeaders, headers);
      frame[7] = static_cast<char>((2 * i + 1) >> 8);
      frame[8] = static_cast<char>(2 * i + 1);
      connections.back()->Send(frame);
    }
    // The answer to a ping comes once what was sent before it is done with.
    connections.back()->Send(std::string("\0\0\x08\6\0\0\0\0\0", 9) + "the end.");
    EXPECT_THAT(connections.back()->ReadUntil("the end."), HasSubstr("the end."));
  };
  // On one connection a client would wait for its turn.
  for (int i = 0; i < 2; ++i) open_from(INADDR_LOOPBACK + 1, 100);
  EXPECT_EQ(Metric("roicast_transport_streams"), "192");
  EXPECT_EQ(Cuts("peer_streams"), "8");
  open_from(INADDR_LOOPBACK + 2, 80);
  EXPECT_EQ(Metric("roicast_transport_streams"), "256");
  EXPECT_EQ(Cuts("streams"), "16");
  open_from(INADDR_LOOPBACK + 3, 70);
  EXPECT_EQ(Metric("roicast_transport_streams"), "320") << "64 are for whoever comes later";
  EXPECT_EQ(Cuts("streams"), "22");
  EXPECT_EQ(Cuts("peer_streams"), "8");
}

// Messages that one address did not end kept all others' batches out.
TEST_F(ClientBounds, BytesHeldForOneAddressLeaveRoomForAnother) {
  Start({"--max_message_bytes", "1000000", "--max_bytes_held", "1000000"});
  RawConnection holder(server_->grpc_port(), INADDR_LOOPBACK + 1);
  holder.Send(kHello);
  EXPECT_EQ(holder.Read(9).size(), 9u);
  holder.Send(kAcknowledged + Frame(kHeaders, kEndHeaders, PredictHeaders()) +
              Frame(kData, 0, std::string("\0\0\x0d\xbb\xa0", 5)));
  for (int i = 0; i < 12; ++i) holder.Send(Frame(kData, 0, std::string(50000, 'x')));
  const std::string ping = "12345678";
  std::string of_connection = Frame(kPing, 0, ping);
  of_connection[8] = 0;
  holder.Send(of_connection);
  EXPECT_THAT(holder.ReadUntil(ping), HasSubstr(ping)) << "once it is answered, the message's part is there";
  EXPECT_THAT(Metric("roicast_transport_bytes_held"), StartsWith("600"));
  Api api(server_->NewChannel());
  v1::BatchPredictRequest request;
  request.mutable_matrix()->set_rows(1);
  request.mutable_matrix()->mutable_values()->Resize(200000, 0.5f);
  const auto answer = api.BatchPredict(request);
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kFailedPrecondition) << "there is no model: " << answer.status();
  EXPECT_EQ(Cuts("bytes_held"), "0");
}

TEST_F(ClientBounds, TheLogSaysHowManyDescriptorsThereAre) {
  Start({"--max_connections", "1000000"});
  EXPECT_THAT(server_->LogWith("--max_connections descriptors="),
              AllOf(HasSubstr(" descriptors="),
                    HasSubstr("warning fewer file descriptors than connections: raise the limit, or lower "
                              "--max_connections descriptors=")));
}

}  // namespace
}  // namespace roicast::testing
