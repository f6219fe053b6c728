#include "model/data/meaning/currency_cells.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

TEST(CurrencyOfCell, KnowsCodesSignsAndNames) {
  for (const auto& [cell, currency] : {std::pair("USD", "usd"),
                                       std::pair("eur", "eur"),
                                       std::pair("$", "$"),
                                       std::pair("US$", "usd"),
                                       std::pair("¥", "¥"),
                                       std::pair("JP¥", "jpy"),
                                       std::pair("R$", "brl"),
                                       std::pair("zł", "pln"),
                                       std::pair("US Dollar", "usd"),
                                       std::pair("Dollars", "$"),
                                       std::pair("Canadian dollars", "cad"),
                                       std::pair("Japanese Yen", "jpy"),
                                       std::pair("Pound Sterling", "gbp"),
                                       std::pair("Euro", "eur"),
                                       std::pair("Euro (EUR)", "eur"),
                                       std::pair("USD - US Dollar", "usd"),
                                       std::pair("USD ($)", "usd"),
                                       std::pair("dólar estadounidense", "usd"),
                                       std::pair("Peso mexicano", "mxn"),
                                       std::pair("日元", "jpy"),
                                       std::pair("人民币", "cny"),
                                       std::pair("Рубль", "rub")}) {
    EXPECT_EQ(CurrencyOfCell(cell), currency) << cell;
  }
}

TEST(CurrencyOfCell, OtherWordsAreNoCurrency) {
  for (const char* cell : {"", " ", "Search", "EMEA", "Real Madrid", "Dollar Shave Club", "Spend$", "EUR Search", "KR",
                           "RS", "Wonder", "Yes", "U"}) {
    EXPECT_EQ(CurrencyOfCell(cell), "") << cell;
  }
}

}  // namespace
}  // namespace roicast
