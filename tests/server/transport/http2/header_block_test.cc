#include "server/transport/http2/header_block.h"

#include <gtest/gtest.h>

#include <string>

namespace roicast {
namespace {

TEST(HeaderBlock, KeepsFieldsInTheirOrder) {
  HeaderBlock headers;
  headers.Add(":path", "/a");
  headers.Add("x", "");
  headers.Add("x", "second");
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[0].name, ":path");
  EXPECT_EQ(headers[0].value, "/a");
  EXPECT_EQ(headers[1].name, "x");
  EXPECT_EQ(headers[1].value, "");
  EXPECT_EQ(headers[2].value, "second");
  EXPECT_EQ(headers.bytes(), 5U + 2 + 1 + 1 + 6 + 3 * 32);
}

TEST(HeaderBlock, FindsTheFirstOfAName) {
  HeaderBlock headers;
  headers.Add("te", "trailers");
  headers.Add("tx", "other");
  headers.Add("te", "later");
  EXPECT_EQ(headers.Find("te"), "trailers");
  EXPECT_EQ(headers.Find("tx"), "other");
  EXPECT_EQ(headers.Find("t"), "");
  EXPECT_EQ(headers.Find("nothing"), "");
}

TEST(HeaderBlock, GrowsAndIsUsedAgain) {
  HeaderBlock headers;
  for (int round = 0; round < 3; ++round) {
    headers.Clear();
    EXPECT_EQ(headers.size(), 0U);
    EXPECT_EQ(headers.bytes(), 0U);
    for (size_t i = 0; i < 100; ++i)
      headers.Add(std::string(i, 'n'), std::string(2 * i, static_cast<char>('a' + round)));
    for (size_t i = 0; i < 100; ++i) {
      ASSERT_EQ(headers[i].name, std::string(i, 'n'));
      ASSERT_EQ(headers[i].value, std::string(2 * i, static_cast<char>('a' + round)));
    }
  }
}

}  // namespace
}  // namespace roicast
