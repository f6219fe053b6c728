#include "base/tables/shape/delimiter_candidate.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace roicast {
namespace {

constexpr size_t kMaxRows = 1000;
constexpr char kDelimiters[] = {',', ';', '\t', '|'};

using Rows = std::vector<SampleRow>;

// The width to which most cells belong. Tables are wider than the lines above them.
size_t UsualWidth(const Rows& rows) {
  std::map<size_t, size_t> cells;
  for (const SampleRow& row : rows) cells[row.width()] += row.width() >= 2 ? row.width() : 0;
  size_t best = rows.empty() ? 0 : 1;
  size_t best_cells = 0;
  for (const auto& [width, count] : cells) {
    if (count < best_cells || count == 0) continue;
    best = width;
    best_cells = count;
  }
  return best;
}

size_t WithoutEmptyColumns(const Rows& rows, size_t width) {
  const auto is_empty = [&](const SampleRow& row) { return row.width() < width || row.cells[width - 1].empty(); };
  while (width > 1 && std::all_of(rows.begin(), rows.end(), is_empty)) --width;
  return width;
}

// Whether a cell has another delimiter in it; a comma between digits is a decimal or a thousands separator.
bool IsMixed(absl::string_view cell, char delimiter) {
  for (size_t i = 0; i < cell.size(); ++i) {
    const char c = cell[i];
    if (c == delimiter || std::find(std::begin(kDelimiters), std::end(kDelimiters), c) == std::end(kDelimiters))
      continue;
    const bool between_digits =
        i > 0 && i + 1 < cell.size() && absl::ascii_isdigit(cell[i - 1]) && absl::ascii_isdigit(cell[i + 1]);
    if (c != ',' || !between_digits) return true;
  }
  return false;
}

// How well a delimiter explains the rows, from 0: the share of lines that have the usual width, less where cells look
// as if they were cut at the wrong places. divided: lines that some delimiter divides.
double ScoreOf(const DelimiterCandidate& candidate, const std::map<int64_t, bool>& divided) {
  if (candidate.width < 2) return 0.0;
  size_t cells = 0;
  size_t mixed = 0;
  size_t matching = 0;
  const SampleRow* header = nullptr;
  for (const SampleRow& row : candidate.sample.rows) {
    if (row.width() < candidate.width || row.effective_width() > candidate.width) continue;
    if (header == nullptr) header = &row;
    ++matching;
    for (const std::string& cell : row.cells) {
      ++cells;
      mixed += IsMixed(cell, candidate.delimiter) ? 1 : 0;
    }
  }
  if (matching == 0) return 0.0;
  const double share = static_cast<double>(matching) / static_cast<double>(std::max(divided.size(), matching));
  const double pure = 1.0 - static_cast<double>(mixed) / static_cast<double>(cells);
  const double named = LooksLikeHeader(*header) ? 0.1 : 0.0;
  return share * (0.5 + 0.5 * pure) + named;
}

}  // namespace

bool IsComment(const SampleRow& row) { return absl::StartsWith(row.cells[0], "#"); }

DelimiterCandidate ReadCandidate(char delimiter, absl::string_view text, bool whole, int64_t first_line,
                                 const FileOptions& options) {
  DelimiterCandidate candidate{delimiter, ReadSample(text, whole, delimiter, first_line, kMaxRows, options), 0};
  const Rows& rows = candidate.sample.rows;
  candidate.width = WithoutEmptyColumns(rows, UsualWidth(rows));
  return candidate;
}

DelimiterCandidate ChooseDelimiter(absl::string_view text, bool whole, int64_t first_line, const FileOptions& options) {
  std::vector<DelimiterCandidate> candidates;
  std::map<int64_t, bool> divided;
  for (const char delimiter : kDelimiters) {
    DelimiterCandidate candidate = ReadCandidate(delimiter, text, whole, first_line, options);
    for (const SampleRow& row : candidate.sample.rows) {
      if (row.width() > 1 && !IsComment(row)) divided[row.line] = true;
    }
    candidates.push_back(std::move(candidate));
  }
  size_t best = 0;
  double best_score = 0.0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const double score = ScoreOf(candidates[i], divided);
    if (score <= best_score) continue;
    best_score = score;
    best = i;
  }
  return std::move(candidates[best]);
}

}  // namespace roicast
