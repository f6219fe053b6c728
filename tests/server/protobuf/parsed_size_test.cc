#include "server/protobuf/parsed_size.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <memory>
#include <string>

#include "roicast/v1/prediction.pb.h"

namespace roicast {
namespace {

// What the library says that it takes; without the allocator's part.
uint64_t Takes(const std::string& wire) {
  v1::BatchPredictRequest request;
  EXPECT_TRUE(request.ParseFromString(wire));
  return request.SpaceUsedLong();
}

uint64_t Bound(const std::string& wire) { return ParsedBytes(v1::BatchPredictRequest::default_instance(), wire); }

// Not less than it takes, and not so much that large requests would be refused for nothing.
void ExpectCloseBound(const v1::BatchPredictRequest& request) {
  const std::string wire = request.SerializeAsString();
  EXPECT_GE(Bound(wire), Takes(wire));
  EXPECT_LE(Bound(wire), 4 * Takes(wire) + 1000);
}

TEST(ParsedBytes, OfManyEmptyCampaignsIsWhatTheyTakeAndNotWhatTheySend) {
  v1::BatchPredictRequest request;
  for (int i = 0; i < 100000; ++i) request.mutable_campaigns()->add_campaigns();
  EXPECT_LT(request.ByteSizeLong(), 210000u);
  EXPECT_GT(Bound(request.SerializeAsString()), 10000000u);
  EXPECT_LT(Bound(request.SerializeAsString()), 2 * request.SpaceUsedLong());
  ExpectCloseBound(request);
}

TEST(ParsedBytes, OfCampaignsWithWords) {
  v1::BatchPredictRequest request;
  for (int i = 0; i < 1000; ++i) {
    v1::Campaign& campaign = *request.mutable_campaigns()->add_campaigns();
    campaign.set_channel("search");
    campaign.set_region(std::string(100, 'x'));
    campaign.set_spend(500);
  }
  ExpectCloseBound(request);
}

TEST(ParsedBytes, OfNamedValues) {
  v1::BatchPredictRequest request;
  for (int i = 0; i < 100; ++i) {
    v1::Row& row = *request.mutable_rows()->add_rows();
    for (int value = 0; value < 50; ++value) row.add_values()->set_name("spend");
  }
  ExpectCloseBound(request);
}

TEST(ParsedBytes, OfPackedNumbers) {
  v1::BatchPredictRequest request;
  for (int i = 0; i < 10000; ++i) request.mutable_matrix()->add_values(0.5f);
  ExpectCloseBound(request);
  v1::Column& column = *request.mutable_columns()->add_columns();
  for (int i = 0; i < 10000; ++i) column.mutable_times()->add_unix_seconds(1);
  ExpectCloseBound(request);
}

TEST(ParsedBytes, OfEmptyWords) {
  v1::BatchPredictRequest request;
  v1::Column& column = *request.mutable_columns()->add_columns();
  for (int i = 0; i < 10000; ++i) column.mutable_categories()->add_dictionary();
  ExpectCloseBound(request);
}

TEST(ParsedBytes, OfBytesThatAreNoMessageCountsAsFarAsTheyGo) {
  v1::BatchPredictRequest request;
  for (int i = 0; i < 1000; ++i) request.mutable_campaigns()->add_campaigns();
  std::string wire = request.SerializeAsString();
  const uint64_t whole = Bound(wire);
  EXPECT_GE(Bound(wire + '\xff'), whole);
  wire.pop_back();  // The list is longer than what is there.
  EXPECT_LT(Bound(wire), whole);
  EXPECT_GT(Bound(""), 0u);
  EXPECT_LT(Bound(std::string(100000, '\x0b')), 20000u);  // Groups in groups.
}

// What the allocator gave for it; 0 where sanitizers have another one.
uint64_t Allocates(const std::string& wire) {
  const auto held = [] {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  const size_t before = held();
  const auto request = std::make_unique<v1::BatchPredictRequest>();
  EXPECT_TRUE(request->ParseFromString(wire));
  return held() - before;
}

std::string Times(int count, const std::string& bytes) {
  std::string all;
  for (int i = 0; i < count; ++i) all += bytes;
  return all;
}

std::string Field(char tag, const std::string& bytes) {
  std::string field(1, tag);
  for (size_t size = bytes.size(); size > 0 || field.size() == 1; size >>= 7) {
    field.push_back(static_cast<char>((size & 0x7f) | (size > 0x7f ? 0x80 : 0)));
  }
  return field + bytes;
}

void ExpectHonestBound(const std::string& wire) {
  const uint64_t allocates = Allocates(wire);
  EXPECT_GE(Bound(wire), allocates);
  if (allocates > 0) EXPECT_LE(Bound(wire), 4 * allocates + 1000);
}

TEST(ParsedBytes, OfUnknownFieldsIsNotTheirLength) {
  // Field 100, 1,000 bytes.
  ExpectHonestBound(std::string("\xa2\x06\xe8\x07") + std::string(1000, 'x'));
  // Three bytes of a body were 70 in memory, and counted as none.
  ExpectHonestBound(Times(100000, std::string("\xba\x3e\x00", 3)));
  ExpectHonestBound(Times(100000, std::string("\x78\x00", 2)));
  ExpectHonestBound(Times(100000, std::string("\x7d\x00\x00\x00\x00", 5)));
  ExpectHonestBound(Times(100000, std::string("\x7a\x10") + std::string(16, 'x')));
}

TEST(ParsedBytes, OfGroupsIsWhatTheirSetsTake) {
  ExpectHonestBound(Times(50000, "\xbb\x3e\xbc\x3e"));
  ExpectHonestBound(Times(2000, Times(50, "\xbb\x3e") + std::string("\x78\x00", 2) + Times(50, "\xbc\x3e")));
  // In a group, no number is known.
  const std::string campaigns = Field('\x22', Times(1000, std::string("\x0a\x00", 2)));
  ExpectHonestBound("\xbb\x3e" + campaigns + campaigns + "\xbc\x3e");
}

TEST(ParsedBytes, OfUnknownFieldsInMessages) {
  const std::string unknown = Times(20, std::string("\xba\x3e\x00", 3));
  // In campaigns, in which nothing repeats.
  ExpectHonestBound(Field('\x22', Times(1000, Field('\x0a', unknown))));
  ExpectHonestBound(Field('\x22', Times(1000, Field('\x0a', std::string("\xba\x3e\x00", 3)))));
  // In the options of uncertainty, and in rows of values.
  ExpectHonestBound(Field('\x3a', Times(1000, unknown)));
  ExpectHonestBound(Field('\x32', Times(100, Field('\x0a', Times(10, Field('\x0a', unknown))))));
}

TEST(ParsedBytes, OfKnownNumbersInAnotherFormIsThatOfUnknownOnes) {
  // The model, max_issues and campaigns as fixed32, bytes and varints.
  ExpectHonestBound(Times(10000, std::string("\x0d\x00\x00\x00\x00", 5)));
  ExpectHonestBound(Times(10000, std::string("\x2a\x00", 2)));
  ExpectHonestBound(Times(10000, std::string("\x20\x00", 2)));
}

}  // namespace
}  // namespace roicast
