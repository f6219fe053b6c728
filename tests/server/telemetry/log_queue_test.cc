#include "server/telemetry/log_queue.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tests/testing/tiny_disk.h"

namespace roicast {
namespace {

using testing::Filler;
using testing::TinyDisk;

// A pipe of one page, as a collector of logs reads it, or does not.
class LogQueueTest : public ::testing::Test {
 protected:
  LogQueueTest() {
    EXPECT_EQ(::pipe2(ends_, O_CLOEXEC), 0);
    EXPECT_EQ(::fcntl(ends_[1], F_SETPIPE_SZ, 4096), 4096);
  }
  ~LogQueueTest() override {
    queue_.reset();
    CloseReader();
    ::close(ends_[1]);
  }

  void Make(size_t max_bytes) {
    queue_ = std::make_unique<LogQueue>(ends_[1], max_bytes, [](int64_t lines) { return absl::StrCat("gap ", lines); });
  }
  void CloseReader() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    ends_[0] = -1;
  }
  std::string ReadLine() {
    std::string line;
    char byte = 0;
    while (::read(ends_[0], &byte, 1) == 1 && byte != '\n') line += byte;
    return line;
  }

  int ends_[2] = {-1, -1};
  std::unique_ptr<LogQueue> queue_;
};

TEST_F(LogQueueTest, WritesLinesInTheirOrder) {
  Make(1 << 20);
  queue_->Push("one");
  queue_->Push("");
  queue_->Push("three");
  // Read first: a pipe of one page that holds a line has no room for a second write.
  for (const char* line : {"one", "", "three"}) EXPECT_EQ(ReadLine(), line);
  EXPECT_TRUE(queue_->Flush(absl::Seconds(30)));
  EXPECT_EQ(queue_->dropped(), 0);
}

TEST_F(LogQueueTest, WhoLogsDoesNotWaitForWhoReadsAndAGapIsTold) {
  Make(10'000);
  const std::string line(99, 'x');
  for (int i = 0; i < 1000; ++i) queue_->Push(line);
  EXPECT_FALSE(queue_->Flush(absl::Milliseconds(10)));
  // The queue has 100 lines, the pipe 40.
  EXPECT_GE(queue_->dropped(), 1000 - 141);
  EXPECT_LE(queue_->dropped(), 900);
  int64_t written = 0, missing = 0;
  while (written + missing < 1000) {
    const std::string next = ReadLine();
    int64_t gap = 0;
    if (next == line) {
      ++written;
    } else {
      ASSERT_TRUE(absl::SimpleAtoi(absl::StripPrefix(next, "gap "), &gap)) << next;
      missing += gap;
    }
  }
  EXPECT_EQ(queue_->dropped(), missing);
  // The room of lines that were read is given back a moment later.
  ASSERT_TRUE(queue_->Flush(absl::Seconds(30)));
  queue_->Push("last");
  EXPECT_EQ(ReadLine(), "last");
}

TEST_F(LogQueueTest, ALineThatNeverFitsIsDropped) {
  Make(100);
  queue_->Push(std::string(100, 'x'));
  EXPECT_EQ(ReadLine(), "gap 1");
  EXPECT_EQ(queue_->dropped(), 1);
}

TEST_F(LogQueueTest, EndsAlthoughNobodyReads) {
  Make(1 << 20);
  for (int i = 0; i < 1000; ++i) queue_->Push("a line that fills the pipe");
  const absl::Time begin = absl::Now();
  queue_.reset();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(30));
}

// SIGPIPE would end the process.
TEST_F(LogQueueTest, AReaderThatWentAwayIsNotMissed) {
  Make(1 << 20);
  CloseReader();
  queue_->Push("one");
  queue_->Push("two");
  ASSERT_TRUE(queue_->Flush(absl::Seconds(30)));
  EXPECT_EQ(queue_->dropped(), 2);
}

// Each line that was being written kept its room until all that went with it were written.
TEST_F(LogQueueTest, WhatIsWrittenMakesRoomAtOnce) {
  Make(40'000);
  const std::string line(99, 'x');
  for (int i = 0; i < 400; ++i) queue_->Push(line);
  // Of two writes of 4,096 bytes at most, the first is counted before the second; hundreds of lines are under way
  // still.
  for (int i = 0; i < 82; ++i) ASSERT_EQ(ReadLine(), line);
  for (int i = 0; i < 40; ++i) queue_->Push(line);
  EXPECT_EQ(queue_->dropped(), 0);
  for (int i = 0; i < 358; ++i) ASSERT_EQ(ReadLine(), line);
}

// A file on a disk without room: lines vanished without a word, and half a one was joined to the next.
class LogQueueOnAFullDisk : public ::testing::Test {
 protected:
  LogQueueOnAFullDisk() : file_(disk_.path() + "/log") {
    descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  }
  void SetUp() override {
    if (!disk_.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs";
  }
  ~LogQueueOnAFullDisk() override { ::close(descriptor_); }

  std::vector<std::string> Lines() const {
    std::ifstream file(file_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  TinyDisk disk_;
  const std::string file_;
  int descriptor_ = -1;
};

TEST_F(LogQueueOnAFullDisk, LinesThatCannotBeWrittenAreAGap) {
  LogQueue queue(descriptor_, 1 << 20, [](int64_t lines) { return absl::StrCat("gap ", lines); });
  auto filler = std::make_unique<Filler>(disk_.path());
  const std::string line(999, 'x');
  int64_t pushed = 0;
  while (queue.dropped() < 10) {
    queue.Push(line);
    ++pushed;
    ASSERT_TRUE(queue.Flush(absl::Seconds(30)));
  }
  const int64_t dropped = queue.dropped();
  filler.reset();
  queue.Push("room again");
  ASSERT_TRUE(queue.Flush(absl::Seconds(30)));
  queue.Push("last");
  ASSERT_TRUE(queue.Flush(absl::Seconds(30)));
  EXPECT_EQ(queue.dropped(), dropped);
  std::vector<std::string> lines = Lines();
  ASSERT_GE(lines.size(), 3u);
  EXPECT_EQ(lines.back(), "last");
  EXPECT_EQ(lines[lines.size() - 2], "room again");
  EXPECT_EQ(lines[lines.size() - 3], absl::StrCat("gap ", dropped));
  lines.resize(lines.size() - 3);
  // Half of one may be there, on a line of its own.
  if (!lines.empty() && lines.back() != line) {
    EXPECT_TRUE(absl::StartsWith(line, lines.back())) << lines.back();
    lines.pop_back();
  }
  EXPECT_EQ(static_cast<int64_t>(lines.size()), pushed - dropped);
  for (const std::string& whole : lines) EXPECT_EQ(whole, line);
}

}  // namespace
}  // namespace roicast
