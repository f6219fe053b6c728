#include "base/tables/spelling/plain_text.h"

#include <gtest/gtest.h>

#include <string>

namespace roicast {
namespace {

std::string Plain(absl::string_view text) {
  std::string out(text.size(), '\0');
  out.resize(WritePlainText(text, out.data()));
  return out;
}

TEST(WritePlainText, WritesWhatMeansTheSameInAscii) {
  EXPECT_EQ(Plain("1\u202f234\u00a0x\t"), "1 234 x ");
  EXPECT_EQ(Plain("\u0661\u066c\u0662\u066b\u0663\u066a"), "1'2.3%");
  EXPECT_EQ(Plain("\u06f9\u0966\u0e59\uff10"), "9090");
  EXPECT_EQ(Plain("\u2212\u20131\u2019\uff08\uff09"), "--1'()");
  EXPECT_EQ(Plain("\u202a\ufeffa\u200bb\u00ad\u2069"), "ab");
  EXPECT_EQ(Plain("\u00e9\u20ac\u4e07\U0001ecb0"), "\u00e9\u20ac\u4e07\U0001ecb0");
  EXPECT_EQ(Plain("\xC3"), "\xC3");
}

}  // namespace
}  // namespace roicast
