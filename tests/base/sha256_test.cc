#include "base/sha256.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

TEST(Sha256, GivesThePublishedDigestsOfFips180) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, WritesTheSameDigestAsBytesAndAsHexadecimalDigits) {
  EXPECT_EQ(Sha256Bytes("abc").substr(0, 4), "\xba\x78\x16\xbf");
  EXPECT_EQ(Sha256Bytes("abc").size(), 32u);
}

TEST(Sha256, OfAStreamDoesNotDependOnWhereItIsCut) {
  Sha256 sha;
  sha.Update("a");
  sha.Update("");
  sha.Update("bc");
  EXPECT_EQ(sha.HexDigest(), Sha256Hex("abc"));
}

}  // namespace
}  // namespace roicast
