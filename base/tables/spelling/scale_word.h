// Words behind numbers that multiply them: K, Mio., тыс., lakh, 万. Thread-safe.
#pragma once

#include <optional>

#include "absl/strings/string_view.h"

namespace roicast {

// The power of ten by which the word multiplies; nullopt for all other words. A few words, such as L and mil, multiply
// only amounts in some currencies, named as CurrencyMatch names them.
std::optional<int> ScaleOfWord(absl::string_view word, absl::string_view currency);

// Of a word that multiplies in some languages or currencies and is a unit in others, such as L, T and mil; nullopt for
// all other words.
std::optional<int> PossibleScale(absl::string_view word);

}  // namespace roicast
