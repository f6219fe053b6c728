#include "server/services/paging.h"

#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace roicast {
namespace {

TEST(Paging, NoSizeIsTheDefaultAndTooLargeIsTheMaximum) {
  EXPECT_EQ(*PageSize(0), 100);
  EXPECT_EQ(*PageSize(0, 50), 50);
  EXPECT_EQ(*PageSize(1), 1);
  EXPECT_EQ(*PageSize(1000), 1000);
  EXPECT_EQ(*PageSize(1001), 1000);
  EXPECT_EQ(*PageSize(2147483647), 1000);
}

TEST(Paging, ANegativeSizeIsRejected) {
  EXPECT_EQ(PageSize(-1).status(), absl::InvalidArgumentError("page_size: expected ≥ 0, got -1"));
}

TEST(Paging, ATokenIsTheNumberOfTheLastEntry) {
  EXPECT_EQ(*NumberOfPageToken(""), 0);
  EXPECT_EQ(*NumberOfPageToken("17"), 17);
  for (const char* token : {"0", "-3", "x", "1.5", "99999999999999999999", " 17", "17 ", "+17", "007"}) {
    EXPECT_EQ(NumberOfPageToken(token).status().code(), absl::StatusCode::kInvalidArgument) << token;
  }
  EXPECT_EQ(NumberOfPageToken("x").status().message(),
            "page_token: expected the next_page_token of the last response, got \"x\"");
  EXPECT_EQ(PageTokenExpected("a\033[2J").message(),
            "page_token: expected the next_page_token of the last response, got \"a\u241b[2J\"");
}

using google::protobuf::StringValue;

absl::StatusOr<StringValue> Sized(const size_t& bytes) {
  StringValue message;
  message.set_value(std::string(bytes, 'x'));
  return message;
}

TEST(Paging, ThereIsANextPageIfThereIsOneEntryMore) {
  std::vector<size_t> entries = {1, 2, 3};
  google::protobuf::RepeatedPtrField<StringValue> all, two;
  EXPECT_FALSE(*FillPage(entries, 3, Sized, &all));
  EXPECT_EQ(all.size(), 3);
  EXPECT_TRUE(*FillPage(entries, 2, Sized, &two));
  ASSERT_EQ(two.size(), 2);
  EXPECT_EQ(two[1].value(), "xx");
}

TEST(Paging, APageEndsWhereItHasNoRoom) {
  std::vector<size_t> entries(5, size_t{1} << 20);
  google::protobuf::RepeatedPtrField<StringValue> page;
  EXPECT_TRUE(*FillPage(entries, 5, Sized, &page));
  EXPECT_EQ(page.size(), 3);
}

TEST(Paging, AnEntryThatCannotBeMadeIsAnError) {
  std::vector<size_t> entries = {1};
  google::protobuf::RepeatedPtrField<StringValue> page;
  const auto lost = [](const size_t&) -> absl::StatusOr<StringValue> { return absl::DataLossError("torn"); };
  EXPECT_EQ(FillPage(entries, 1, lost, &page).status(), absl::DataLossError("torn"));
}

TEST(Paging, APageHasNoMoreBytesThanClientsReceive) {
  constexpr size_t kMegabyte = size_t{1} << 20;
  PageRoom room;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(room.Take(kMegabyte)) << i;
  EXPECT_FALSE(room.Take(kMegabyte)) << "4 MiB with what is around the entries";
  PageRoom small;
  size_t entries = 0;
  while (small.Take(0)) ++entries;
  EXPECT_LT(entries * 6, 4 * kMegabyte) << "empty entries take their frame";
}

TEST(Paging, APageHasOneEntryWhateverItsSize) {
  PageRoom room;
  EXPECT_TRUE(room.Take(size_t{50} << 20));
  EXPECT_FALSE(room.Take(1));
}

}  // namespace
}  // namespace roicast
