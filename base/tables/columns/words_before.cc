#include "base/tables/columns/words_before.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>

#include "absl/strings/strip.h"
#include "base/tables/spelling/letter_case.h"
#include "base/tables/spelling/number_spelling.h"

namespace roicast {
namespace {

constexpr absl::string_view kNumbering[] = {
    "v",   "ver",  "version", "rev",  "release", "no",    "nr",   "num",    "id",   "top",  "item",   "part",
    "art", "page", "step",    "tag",  "day",     "week",  "camp", "ad",     "test", "case", "group",  "code",
    "p",   "s",    "q",       "size", "model",   "level", "tier", "series", "type", "plan", "volume", "vol"};

void Append(CellGroup& to, const CellGroup& from) {
  to.count += from.count;
  to.examples.insert(to.examples.end(), from.examples.begin(), from.examples.end());
}

}  // namespace

bool AreAmounts(const ColumnFacts& facts, const WordsBefore& words) {
  constexpr int64_t kFewest = 3;
  const TextCounter::Entry* word = words.numbers.unit_words.Most();
  if (words.cells < kFewest || word == nullptr || word->count * 20 < words.cells * 19) return false;
  if (words.amounts * 2 < words.cells) return false;
  if (words.cells * 10 < (facts.present() - facts.bounds.count) * 9) return false;
  const std::string lower = LowerCase(absl::StripSuffix(word->text, "."));
  return std::find(std::begin(kNumbering), std::end(kNumbering), lower) == std::end(kNumbering);
}

ColumnFacts WithWordsBefore(const ColumnFacts& facts, const WordsBefore& words) {
  ColumnFacts all = words.numbers;
  all.cells = facts.cells;
  all.missing = facts.missing;
  all.missing_words = facts.missing_words;
  all.bounds = facts.bounds;
  all.times = facts.times;
  all.examples = facts.examples;
  for (size_t i = 0; i < kDigitClasses; ++i) {
    Append(all.digits[i], facts.digits[i]);
    Append(all.worded[i], facts.worded[i]);
  }
  all.short_integers += facts.short_integers;
  all.long_integers += facts.long_integers;
  all.smallest = std::min(all.smallest, facts.smallest);
  all.largest = std::max(all.largest, facts.largest);
  all.max_digits = std::max(all.max_digits, facts.max_digits);
  all.number_bits |= facts.number_bits;
  all.others.count = facts.others.count - words.cells;
  for (const CellExample& example : facts.others.examples) {
    NumberSpelling spelling;
    if (!SpellNumber(example.second, &spelling)) all.others.examples.push_back(example);
  }
  all.words_before = words.cells;
  return all;
}

}  // namespace roicast
