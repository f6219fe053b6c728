#include "base/tables/shape/header_words.h"

#include "gtest/gtest.h"

namespace roicast {
namespace {

using Cells = std::vector<absl::string_view>;

TEST(HeaderWords, FindsTheHeaderWhateverItsCase) {
  const HeaderWords words({"Campaign", "Spend\n(USD)", "Revenue"});
  for (const Cells& cells : {Cells{"Campaign", "Spend\n(USD)", "Revenue"}, Cells{"campaign", "SPEND (usd)", "revenue"},
                             Cells{"\xEF\xBB\xBF"
                                   "Campaign",
                                   " Spend  (USD)", "Revenue"}}) {
    EXPECT_TRUE(words.MayBegin(cells[0])) << cells[0];
    EXPECT_TRUE(*words.IsRepeatedIn(7, cells)) << cells[0];
  }
  EXPECT_FALSE(*words.IsRepeatedIn(7, Cells{"Campaign", "12", "Revenue"}));
  EXPECT_FALSE(*words.IsRepeatedIn(7, Cells{"Campaign", "Revenue"}));
  for (const char* cell : {"", "Camp 1", "Campaigns", "12"}) EXPECT_FALSE(words.MayBegin(cell)) << cell;
}

// Found by fuzzing: a row that was filled up has cells without any text behind them.
TEST(HeaderWords, EmptyNamesHaveNoOrder) {
  const HeaderWords words({"", "Spend"});
  EXPECT_FALSE(*words.IsRepeatedIn(3, Cells{"Spend", absl::string_view()}));
  EXPECT_TRUE(*words.IsRepeatedIn(3, Cells{"", "spend"}));
}

TEST(HeaderWords, RefusesTheNamesInAnotherOrder) {
  const HeaderWords words({"Campaign", "Spend", "Revenue"});
  const absl::StatusOr<bool> repeated = words.IsRepeatedIn(152, Cells{"Campaign", "Revenue", "Spend"});
  EXPECT_EQ(repeated.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(repeated.status().message(),
            "line 152: expected a row, got the header's names in another order (Campaign, Revenue, Spend): the file "
            "seems to be two tables joined; read them one by one");
}

}  // namespace
}  // namespace roicast
