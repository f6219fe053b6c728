#include "client/cli/column_names.h"

#include <algorithm>
#include <functional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/nearest_name.h"
#include "base/one_line.h"
#include "base/status_macros.h"
#include "client/cli/file_error.h"
#include "client/cli/usage_error.h"

namespace roicast::client {
namespace {

constexpr size_t kMostColumnNameBytes = 100;
constexpr size_t kMostListed = 40;

std::string QuotedName(absl::string_view name) { return absl::StrCat("\"", OneLine(name, kMostColumnNameBytes), "\""); }

// All ways of cutting a text at commas into valid parts.
struct CommaCut {
  // 2: two or more.
  int ways = 0;
  // Of the first way.
  std::vector<std::string> parts;
};

using IsValidPart = std::function<bool(absl::string_view)>;

CommaCut CutAtCommas(absl::string_view text, const IsValidPart& valid) {
  const std::vector<absl::string_view> pieces = absl::StrSplit(text, ',');
  // Ways of cutting the first i pieces; where the last part of one of them begins.
  std::vector<int> ways(pieces.size() + 1, 0);
  std::vector<size_t> begins(pieces.size() + 1, 0);
  const auto part = [&](size_t begin, size_t end) {
    const char* const first = pieces[begin].data();
    const absl::string_view last = pieces[end - 1];
    return absl::StripAsciiWhitespace(absl::string_view(first, static_cast<size_t>(last.data() + last.size() - first)));
  };
  ways[0] = 1;
  for (size_t end = 1; end <= pieces.size(); ++end) {
    for (size_t begin = 0; begin < end; ++begin) {
      if (ways[begin] == 0 || !valid(part(begin, end))) continue;
      if (ways[end] == 0) begins[end] = begin;
      ways[end] = std::min(2, ways[end] + ways[begin]);
    }
  }
  CommaCut cut;
  cut.ways = ways.back();
  for (size_t end = pieces.size(); cut.ways > 0 && end > 0; end = begins[end]) {
    cut.parts.emplace_back(part(begins[end], end));
  }
  std::reverse(cut.parts.begin(), cut.parts.end());
  return cut;
}

// Splits at the last equals sign with something on both sides. False if there is none.
bool SplitAtLastEquals(absl::string_view text, absl::string_view* column, absl::string_view* value) {
  const size_t at = text.rfind('=');
  if (at == absl::string_view::npos || at == 0 || at + 1 == text.size()) return false;
  *column = absl::StripAsciiWhitespace(text.substr(0, at));
  *value = absl::StripAsciiWhitespace(text.substr(at + 1));
  return true;
}

absl::Status TwoWays(absl::string_view given) {
  return WithHint(UsageError(absl::StrCat(given, ": it can be read as columns in two ways")),
                  "repeat the flag, once for each column");
}

absl::Status UnknownList(absl::string_view given) {
  return WithHint(
      UsageError(absl::StrCat(
          given, ": expected one column, got a comma, and the dataset's columns are not known here to tell a list")),
      "repeat the flag, once for each column; a name with a comma needs the file instead of --dataset");
}

}  // namespace

std::string GivenFlag(absl::string_view flag, absl::string_view text) {
  return absl::StrCat(flag, " ", text.empty() ? "\"\"" : OneLine(text, kMostColumnNameBytes));
}

bool NeedsColumns(const std::vector<std::string>& texts) {
  return std::any_of(texts.begin(), texts.end(), [](const std::string& text) { return absl::StrContains(text, ','); });
}

bool ColumnNames::Has(absl::string_view name) const {
  return !names_ || std::find(names_->begin(), names_->end(), name) != names_->end();
}

absl::Status ColumnNames::NoColumn(absl::string_view given, absl::string_view name) const {
  std::string nearest = NearestName(name, *names_);
  const std::string lower = absl::AsciiStrToLower(name);
  for (size_t i = 0; nearest.empty() && lower.size() >= 3 && i < names_->size(); ++i) {
    if (absl::StrContains(absl::AsciiStrToLower((*names_)[i]), lower)) nearest = (*names_)[i];
  }
  std::vector<std::string> listed;
  for (const std::string& column : *names_) {
    if (listed.size() == kMostListed) break;
    listed.push_back(absl::StrContains(column, ',') ? QuotedName(column) : OneLine(column, kMostColumnNameBytes));
  }
  const size_t more = names_->size() - listed.size();
  return WithHint(
      UsageError(absl::StrCat(given, ": no column ", QuotedName(name),
                              nearest.empty() ? "" : absl::StrCat("; did you mean ", QuotedName(nearest), "?"))),
      absl::StrCat("the columns are ", absl::StrJoin(listed, ", "),
                   more > 0 ? absl::StrCat(" and ", more, " more") : ""));
}

absl::Status ColumnNames::Check(absl::string_view given, absl::string_view name) const {
  return Has(name) ? absl::OkStatus() : NoColumn(given, name);
}

absl::StatusOr<std::vector<std::string>> ColumnNames::List(absl::string_view flag, absl::string_view text) const {
  const std::string given = GivenFlag(flag, text);
  if (!known()) {
    if (absl::StrContains(text, ',')) return UnknownList(given);
    return std::vector<std::string>{std::string(text)};
  }
  if (Has(text)) return std::vector<std::string>{std::string(text)};
  const CommaCut cut = CutAtCommas(text, [this](absl::string_view part) { return Has(part); });
  if (cut.ways > 1) return TwoWays(given);
  if (cut.ways == 1) return cut.parts;
  const std::vector<absl::string_view> pieces = absl::StrSplit(text, ',');
  const auto is_column = [this](absl::string_view piece) { return Has(absl::StripAsciiWhitespace(piece)); };
  if (std::none_of(pieces.begin(), pieces.end(), is_column)) return NoColumn(given, text);
  return NoColumn(given, absl::StripAsciiWhitespace(*std::find_if_not(pieces.begin(), pieces.end(), is_column)));
}

absl::StatusOr<std::vector<ColumnValue>> ColumnNames::Values(absl::string_view flag, absl::string_view text,
                                                             absl::string_view expected, bool optional) const {
  const std::string given = GivenFlag(flag, text);
  absl::string_view column, value;
  const auto alone = [&](absl::string_view part) {
    return optional && !part.empty() && !absl::StrContains(part, '=') && !absl::StrContains(part, ',');
  };
  const auto valid = [&](absl::string_view part) {
    return alone(part) || (SplitAtLastEquals(part, &column, &value) && Has(column));
  };
  if (!known() && absl::StrContains(text, ',')) return UnknownList(given);
  CommaCut cut;
  if (valid(text)) {
    cut = {1, {std::string(text)}};
  } else {
    cut = CutAtCommas(text, valid);
  }
  if (cut.ways > 1) return TwoWays(given);
  std::vector<ColumnValue> values;
  for (const std::string& part : cut.parts) {
    if (alone(part)) {
      values.push_back({"", part});
    } else {
      SplitAtLastEquals(part, &column, &value);
      values.push_back({std::string(column), std::string(value)});
    }
  }
  if (cut.ways == 1) return values;
  if (!SplitAtLastEquals(text, &column, &value)) {
    return UsageError(absl::StrCat(flag, ": expected ", expected, ", got ", QuotedName(text)));
  }
  // The first part of what looks like a list; else the whole.
  const std::vector<absl::string_view> pieces = absl::StrSplit(text, ',');
  absl::string_view wrong = column, left;
  if (std::all_of(pieces.begin(), pieces.end(),
                  [&](absl::string_view piece) { return SplitAtLastEquals(piece, &left, &value); })) {
    for (const absl::string_view piece : pieces) {
      SplitAtLastEquals(piece, &left, &value);
      if (Has(left)) continue;
      wrong = left;
      break;
    }
  }
  return NoColumn(given, wrong);
}

absl::StatusOr<ColumnValue> ColumnNames::Value(absl::string_view flag, absl::string_view text,
                                               absl::string_view expected) const {
  size_t last = absl::string_view::npos;
  for (size_t at = text.rfind('='); at != absl::string_view::npos && at > 0; at = text.rfind('=', at - 1)) {
    if (at + 1 == text.size()) continue;
    if (Has(text.substr(0, at))) return ColumnValue{std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
    last = at;
  }
  if (last == absl::string_view::npos) {
    return UsageError(absl::StrCat(flag, ": expected ", expected, ", got ", QuotedName(text)));
  }
  return NoColumn(GivenFlag(flag, text), text.substr(0, last));
}

}  // namespace roicast::client
