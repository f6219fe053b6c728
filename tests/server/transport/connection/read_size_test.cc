#include "server/transport/connection/read_size.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

using std::chrono::microseconds;

TEST(ReadSize, GrowsWhileFullReadsCostLittle) {
  ReadSize size;
  EXPECT_EQ(size.Next(ReadSize::kMax), ReadSize::kFirst);
  size.Took(ReadSize::kFirst, microseconds(100));
  EXPECT_EQ(size.Next(ReadSize::kMax), 2 * ReadSize::kFirst);
  size.Took(ReadSize::kFirst, microseconds(100));
  EXPECT_EQ(size.Next(ReadSize::kMax), 2 * ReadSize::kFirst) << "the read was not full";
  for (int i = 0; i < 10; ++i) size.Took(size.Next(ReadSize::kMax), microseconds(100));
  EXPECT_EQ(size.Next(ReadSize::kMax), ReadSize::kMax);
}

// 1,000 requests with headers of 12 KB, a few bytes each on the wire, kept others waiting for 20 ms.
TEST(ReadSize, ShrinksToWhatMayBeTaken) {
  ReadSize size;
  size.Took(ReadSize::kFirst, microseconds(1000));
  EXPECT_EQ(size.Next(ReadSize::kMax), ReadSize::kFirst / 2);
  size.Took(ReadSize::kFirst / 2, std::chrono::seconds(1));
  EXPECT_EQ(size.Next(ReadSize::kMax), ReadSize::kMin);
}

TEST(ReadSize, IsNoMoreThanTheShare) {
  ReadSize size;
  EXPECT_EQ(size.Next(ReadSize::kFirst / 2), ReadSize::kFirst / 2);
  EXPECT_EQ(size.Next(1), ReadSize::kMin);
}

}  // namespace
}  // namespace roicast
