#include "base/tables/spelling/letter_case.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

TEST(LowerCase, KnowsLatinGreekAndCyrillic) {
  EXPECT_EQ(LowerCase("Mio. 5"), "mio. 5");
  EXPECT_EQ(LowerCase("MÄRZ ÉTÉ ×Þ"), "märz été ×þ");
  EXPECT_EQ(LowerCase("PAŹDZIERNIK ŁŚŃ Ÿ"), "październik łśń ÿ");
  EXPECT_EQ(LowerCase("KASIM ŞUBAT AĞUSTOS İ"), "kasim şubat ağustos i");
  EXPECT_EQ(LowerCase("ТЫС. ДЕКАБРЯ Ё"), "тыс. декабря ё");
  EXPECT_EQ(LowerCase("ΜΑΡ"), "μαρ");
  EXPECT_EQ(LowerCase("märz ğ ž ŉ 万 \xC3"), "märz ğ ž ŉ 万 \xC3");
}

}  // namespace
}  // namespace roicast
