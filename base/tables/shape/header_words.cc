#include "base/tables/shape/header_words.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/one_line.h"
#include "base/tables/shape/header_names.h"

namespace roicast {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string WordOf(absl::string_view cell) {
  absl::ConsumePrefix(&cell, kByteOrderMark);
  return absl::AsciiStrToLower(NormalizedName(cell));
}

}  // namespace

HeaderWords::HeaderWords(const std::vector<std::string>& header) : cells_(header) {
  for (const std::string& cell : header) {
    std::string word = WordOf(cell);
    if (!word.empty()) {
      for (const char c : {word[0], absl::ascii_toupper(static_cast<unsigned char>(word[0]))}) {
        first_bytes_[static_cast<unsigned char>(c)] = true;
      }
    }
    words_.push_back(std::move(word));
  }
  first_bytes_[static_cast<unsigned char>(kByteOrderMark[0])] = true;
  sorted_ = words_;
  std::sort(sorted_.begin(), sorted_.end());
}

bool HeaderWords::IsOneOf(absl::string_view cell) const {
  absl::ConsumePrefix(&cell, kByteOrderMark);
  return std::any_of(cells_.begin(), cells_.end(),
                     [cell](const std::string& each) { return absl::EqualsIgnoreCase(cell, each); });
}

absl::StatusOr<bool> HeaderWords::IsRepeatedIn(int64_t line, absl::Span<const absl::string_view> cells) const {
  if (cells.size() != words_.size()) return false;
  std::vector<std::string> words;
  for (const absl::string_view cell : cells) words.push_back(WordOf(cell));
  if (words == words_) return true;
  std::sort(words.begin(), words.end());
  // Names that are empty or repeated do not show which column is meant.
  const bool telling = !sorted_.front().empty() && std::adjacent_find(sorted_.begin(), sorted_.end()) == sorted_.end();
  if (words != sorted_ || !telling) return false;
  constexpr size_t kMostBytes = 200;
  return absl::InvalidArgumentError(absl::StrCat("line ", line,
                                                 ": expected a row, got the header's names in another order (",
                                                 OneLine(absl::StrJoin(cells, ", "), kMostBytes),
                                                 "): the file seems to be two tables joined; read them one by one"));
}

}  // namespace roicast
