#include "base/tables/shape/sample_row.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "base/tables/tokenizer.h"

namespace roicast {
namespace {

class RowCollector : public Tokenizer::Sink {
 public:
  RowCollector(size_t max_rows, Sample* sample) : max_rows_(max_rows), sample_(sample) {}

  absl::Status OnRow(const TokenizedRow& row) override {
    sample_->rows.push_back({row.line, {row.cells.begin(), row.cells.end()}});
    return sample_->rows.size() < max_rows_ ? absl::OkStatus() : absl::CancelledError("enough");
  }
  absl::Status OnMalformed(const MalformedRow& row) override {
    sample_->malformed.emplace_back(row.line, row.column);
    return absl::OkStatus();
  }
  absl::Status OnBlank(int64_t) override { return absl::OkStatus(); }

 private:
  const size_t max_rows_;
  Sample* const sample_;
};

}  // namespace

size_t SampleRow::effective_width() const {
  size_t width = cells.size();
  while (width > 0 && cells[width - 1].empty()) --width;
  return width;
}

size_t SampleRow::filled() const {
  return static_cast<size_t>(
      std::count_if(cells.begin(), cells.end(), [](const std::string& cell) { return !cell.empty(); }));
}

bool LooksLikeData(absl::string_view cell) {
  constexpr int kMaxLetters = 3;
  int digits = 0;
  int letters = 0;
  bool letter_before_digit = false;
  for (const char c : cell) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      ++digits;
      letter_before_digit = letter_before_digit || letters > 0;
    } else if (absl::ascii_isalpha(static_cast<unsigned char>(c))) {
      ++letters;
    } else if (c == '_' || c == '#') {
      return false;
    }
  }
  if (digits == 0 || letters > kMaxLetters) return false;
  // "EUR 12.50" and "12K" are amounts, "Q1" and "v2" names.
  return letters == 0 || digits > 2 || !letter_before_digit;
}

bool LooksLikeHeader(const SampleRow& row) {
  std::set<absl::string_view> seen;
  for (const std::string& cell : row.cells) {
    if (cell.empty()) continue;
    if (LooksLikeData(cell) || !seen.insert(cell).second) return false;
  }
  return !seen.empty();
}

Sample ReadSample(absl::string_view text, bool whole, char delimiter, int64_t first_line, size_t max_rows,
                  const FileOptions& options) {
  Sample sample;
  RowCollector collector(max_rows, &sample);
  Tokenizer tokenizer({delimiter, options.max_cell_bytes, options.max_columns, options.max_row_bytes}, &collector,
                      first_line);
  if (tokenizer.Feed(text).ok() && whole) (void)tokenizer.Finish();
  return sample;
}

}  // namespace roicast
