#include "base/tables/vocabulary_index.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/nearest_name.h"
#include "base/tables/cell_text.h"
#include "base/tables/number_form.h"

namespace roicast {
namespace {

// Whether the word is a number that a double holds with all its digits.
std::optional<double> PlainNumberWord(absl::string_view word) {
  constexpr size_t kExactDigits = 15;
  if (word.size() > kExactDigits) return std::nullopt;
  const bool leading_zero =
      word.size() > 1 && word[0] == '0' && absl::ascii_isdigit(static_cast<unsigned char>(word[1]));
  return leading_zero ? std::nullopt : ParsePlainNumber(word);
}

}  // namespace

VocabularyIndex::VocabularyIndex(std::vector<std::string> words, MissingSpellings missing)
    : words_(std::move(words)), missing_(std::move(missing)) {
  codes_.reserve(words_.size());
  bool numeric = true;
  for (size_t code = 0; code < words_.size(); ++code) {
    codes_.try_emplace(words_[code], static_cast<int>(code));
    if (!numeric) continue;
    const std::optional<double> number = PlainNumberWord(words_[code]);
    numeric = number.has_value();
    if (numeric) numbers_.try_emplace(*number, static_cast<int>(code));
  }
  if (!numeric) numbers_.clear();
}

bool VocabularyIndex::IsNumber(absl::string_view word) { return PlainNumberWord(word).has_value(); }

int VocabularyIndex::Find(absl::string_view cell) const {
  cell = CellText(cell);
  if (cell.empty()) return kMissing;
  if (const auto found = codes_.find(cell); found != codes_.end()) return found->second;
  if (missing_.Matches(cell)) return kMissing;
  if (!numbers_.empty()) {
    if (const std::optional<double> number = ParsePlainNumber(cell); number.has_value()) {
      if (const auto found = numbers_.find(*number); found != numbers_.end()) return found->second;
    }
  }
  return kUnseen;
}

std::string VocabularyIndex::Nearest(absl::string_view cell) const { return NearestName(CellText(cell), words_); }

}  // namespace roicast
