#include "server/protobuf/parsed_size.h"

#include <gtest/gtest.h>

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
  EXPECT_LT(Bound(std::string(1000, '\x0b')), 10000u);  // A group.
}

TEST(ParsedBytes, OfUnknownFieldsIsTheirLength) {
  // Field 100, 1,000 bytes.
  const std::string wire = std::string("\xa2\x06\xe8\x07") + std::string(1000, 'x');
  EXPECT_GE(Bound(wire), Takes(wire));
  EXPECT_LE(Bound(wire), Takes(wire) + 3000);
}

}  // namespace
}  // namespace roicast
