#include "server/transport/tls/record_edge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace roicast {
namespace {

std::string Record(size_t size) {
  return std::string("\x17\x03\x03", 3) + static_cast<char>(size >> 8) + static_cast<char>(size) +
         std::string(size, '\xff');
}

TEST(RecordEdge, IsFoundInPiecesOfAnySize) {
  const std::string records = Record(300) + Record(0) + Record(16640) + Record(1);
  for (const size_t piece : {1, 2, 5, 7, 300, 100000}) {
    RecordEdge edge;
    int ended = 0;
    for (size_t at = 0; at < records.size(); at += piece) {
      ended += static_cast<int>(edge.Take(absl::string_view(records).substr(at, piece)));
      const size_t end = std::min(at + piece, records.size());
      const bool is_edge = end == 305 || end == 310 || end == 16955 || end == records.size();
      EXPECT_EQ(edge.inside(), !is_edge) << end;
    }
    EXPECT_FALSE(edge.inside()) << piece;
    if (piece == 1) EXPECT_EQ(ended, 4);
  }
}

TEST(RecordEdge, TellsAnotherBeginningFromTheSame) {
  RecordEdge edge;
  EXPECT_FALSE(edge.inside());
  EXPECT_FALSE(edge.Take("\x17"));
  EXPECT_TRUE(edge.inside());
  EXPECT_TRUE(edge.Take(Record(100).substr(1) + Record(100).substr(0, 50)));
  EXPECT_TRUE(edge.inside());
  EXPECT_FALSE(edge.Take("more"));
}

}  // namespace
}  // namespace roicast
