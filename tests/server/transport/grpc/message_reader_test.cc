#include "server/transport/grpc/message_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "server/transport/grpc/answer_queue.h"

namespace roicast {
namespace {

std::string Framed(absl::string_view message, bool compressed = false) {
  char prefix[5];
  WritePrefix(compressed, message.size(), prefix);
  return std::string(prefix, sizeof(prefix)) + std::string(message);
}

// All messages in `bytes`, which arrive in pieces of `piece`.
std::vector<std::string> ReadAll(MessageReader& reader, absl::string_view bytes, size_t piece) {
  std::vector<std::string> messages;
  while (!bytes.empty()) {
    absl::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    while (true) {
      const absl::StatusOr<bool> complete = reader.Read(&part);
      EXPECT_TRUE(complete.ok()) << complete.status();
      if (!complete.ok() || !*complete) break;
      messages.push_back(reader.message());
    }
  }
  return messages;
}

TEST(MessageReader, ReadsMessagesInPiecesOfAnySize) {
  const std::string large(100000, 'x');
  const std::string bytes = Framed("one") + Framed("") + Framed(large) + Framed("four");
  for (const size_t piece : {1, 2, 5, 7, 1000, 1000000}) {
    MessageReader reader;
    reader.Begin({size_t{1} << 20}, false);
    EXPECT_EQ(ReadAll(reader, bytes, piece), (std::vector<std::string>{"one", "", large, "four"})) << piece;
    EXPECT_FALSE(reader.in_message());
  }
}

// A string that doubles copies tens of megabytes in one turn of the loop, and others wait meanwhile.
TEST(MessageReader, CopiesOnlyTheBeginningOfALargeMessage) {
  const std::string bytes = Framed(std::string((size_t{32} << 20) + 1000, 'x'));
  constexpr size_t kPiece = 100000;
  MessageReader reader;
  reader.Begin({bytes.size()}, false);
  size_t copied = 0, moved_at = 0;
  const char* place = nullptr;
  for (size_t begin = 0; begin < bytes.size(); begin += kPiece) {
    absl::string_view part = absl::string_view(bytes).substr(begin, kPiece);
    ASSERT_TRUE(reader.Read(&part).ok());
    if (reader.message().data() != place) copied += moved_at;
    place = reader.message().data();
    moved_at = reader.message().size();
  }
  EXPECT_EQ(reader.message(), absl::string_view(bytes).substr(5));
  EXPECT_LE(copied, size_t{2} << 20);
}

TEST(MessageReader, KnowsThatAMessageIsIncomplete) {
  MessageReader reader;
  reader.Begin({100}, false);
  EXPECT_EQ(ReadAll(reader, Framed("hello").substr(0, 7), 100), std::vector<std::string>());
  EXPECT_TRUE(reader.in_message());
  EXPECT_EQ(reader.held(), 2U);
}

TEST(MessageReader, RefusesWhatIsTooLargeAtItsLength) {
  MessageReader reader;
  reader.Begin({100}, false);
  const std::string bytes = Framed(std::string(101, 'x'));
  absl::string_view prefix = absl::string_view(bytes).substr(0, 5);
  const absl::Status status = reader.Read(&prefix).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(absl::StrContains(status.message(), "request bytes: limit 100, got 101")) << status;
}

TEST(MessageReader, RefusesCompressionThatNobodyAnnounced) {
  MessageReader reader;
  reader.Begin({100}, false);
  const std::string bytes = Framed("x", true);
  absl::string_view view = bytes;
  EXPECT_EQ(reader.Read(&view).status(),
            absl::InternalError("a message is compressed, but grpc-encoding does not say how"));
}

TEST(MessageReader, RefusesAnotherFirstByte) {
  MessageReader reader;
  reader.Begin({100}, true);
  std::string bytes = Framed("x");
  bytes[0] = 2;
  absl::string_view view = bytes;
  EXPECT_EQ(reader.Read(&view).status(),
            absl::InternalError("a message's first byte: expected 0 or 1 (compressed), got 2"));
}

TEST(MessageReader, SaysWhatIsCompressed) {
  MessageReader reader;
  reader.Begin({1000}, true);
  const std::string deflated = DeflateGzip("hello");
  EXPECT_EQ(ReadAll(reader, Framed(deflated, true), 3), std::vector<std::string>{deflated});
  EXPECT_TRUE(reader.is_compressed());
}

TEST(InflateGzip, UndoesDeflateGzip) {
  for (const std::string& text : {std::string(), std::string("hello"), std::string(1000000, 'x')}) {
    EXPECT_EQ(InflateGzip(DeflateGzip(text), {text.size() + 1}).value(), text);
  }
  EXPECT_EQ(InflateGzip(DeflateGzip("hello"), {5}).value(), "hello");
}

TEST(InflateGzip, MakesNoMoreThanAllowed) {
  const std::string bomb = DeflateGzip(std::string(size_t{64} << 20, '\0'));
  EXPECT_LT(bomb.size(), 70000U);
  const absl::Status status = InflateGzip(bomb, {100000}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(absl::StrContains(status.message(), "request bytes: limit 100000, got 67108864")) << status;
}

TEST(InflateGzip, BelievesNoSizeThatIsNot) {
  std::string liar = DeflateGzip(std::string(5000, 'x'));
  for (const int claim : {4999, 5001, 0}) {
    for (int i = 0; i < 4; ++i) liar[liar.size() - 4 + i] = static_cast<char>(claim >> 8 * i);
    EXPECT_EQ(InflateGzip(liar, {10000}).status(), absl::InternalError("a compressed message is not gzip, or torn"));
  }
  // No 40 bytes of gzip are 16 MB.
  liar[liar.size() - 1] = 1;
  EXPECT_EQ(InflatedSize(liar).status(), absl::InternalError("a compressed message is not gzip, or torn"));
}

TEST(InflateGzip, RefusesTornAndOtherBytes) {
  const std::string deflated = DeflateGzip(std::string(5000, 'x'));
  for (size_t size = 0; size < deflated.size(); ++size) {
    EXPECT_EQ(InflateGzip(deflated.substr(0, size), {10000}).status(),
              absl::InternalError("a compressed message is not gzip, or torn"))
        << size;
  }
  EXPECT_FALSE(InflateGzip(deflated + "more", {10000}).ok());
  EXPECT_FALSE(InflateGzip("no gzip at all", {10000}).ok());
}

}  // namespace
}  // namespace roicast
