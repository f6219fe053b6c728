#include "base/tables/columns/count_names.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"

namespace roicast {
namespace {

constexpr absl::string_view kCounts[] = {
    "impressions", "imps",      "impr",      "impressionen", "impresiones",  "impressioni", "impress\u00f5es",
    "vertoningen", "clicks",    "klicks",    "clics",        "clic",         "cliques",     "kliks",
    "sessions",    "sitzungen", "sesiones",  "sessioni",     "sess\u00f5es", "views",       "pageviews",
    "aufrufe",     "visits",    "visitors",  "besuche",      "visites",      "visitas",     "users",
    "nutzer",      "installs",  "downloads", "subscribers",  "followers"};
// Chinese, Japanese and Korean have no blanks between words: the whole name.
constexpr absl::string_view kWholeNames[] = {"\u5c55\u793a",
                                             "\u5c55\u793a\u91cf",
                                             "\u5c55\u73b0",
                                             "\u5c55\u73b0\u91cf",
                                             "\u70b9\u51fb",
                                             "\u70b9\u51fb\u91cf",
                                             "\u8868\u793a\u56de\u6570",
                                             "\u30af\u30ea\u30c3\u30af\u6570",
                                             "\ub178\ucd9c\uc218",
                                             "\ud074\ub9ad\uc218"};
// Amounts per something, shares, and counts in thousands.
constexpr absl::string_view kNoCounts[] = {"avg",      "average",  "mean",
                                           "median",   "per",      "pro",
                                           "par",      "por",      "rate",
                                           "ratio",    "share",    "quote",
                                           "anteil",   "cost",     "costs",
                                           "kosten",   "price",    "value",
                                           "revenue",  "spend",    "time",
                                           "duration", "pct",      "percent",
                                           "score",    "index",    "lift",
                                           "k",        "m",        "mm",
                                           "000",      "000s",     "tsd",
                                           "mio",      "thousand", "thousands",
                                           "million",  "millions", "durchschnittliche"};

bool IsIn(absl::Span<const absl::string_view> words, absl::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

bool NamesACount(absl::string_view name) {
  if (IsIn(kWholeNames, name)) return true;
  if (name.find_first_of("%/$") != absl::string_view::npos) return false;
  const std::string lower = absl::AsciiStrToLower(name);
  const std::vector<absl::string_view> words =
      absl::StrSplit(lower, absl::ByAnyChar(" _-.,:()[]\t'"), absl::SkipEmpty());
  return std::any_of(words.begin(), words.end(), [](absl::string_view word) { return IsIn(kCounts, word); }) &&
         std::none_of(words.begin(), words.end(), [](absl::string_view word) { return IsIn(kNoCounts, word); });
}

}  // namespace roicast
