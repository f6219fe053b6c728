#include "base/tables/shape/amount.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace roicast {
namespace {
constexpr double kPowers[] = {1,   1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                              1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};

#ifdef __SSE2__
// A number whose lowest bytes are those of a cell of up to 8; above them is anything.
inline uint64_t LoadShort(absl::string_view cell, absl::string_view raw) {
  uint64_t bytes = 0;
  // Cells elsewhere in memory give any offset, but then not one within the row.
  const size_t begin = reinterpret_cast<uintptr_t>(cell.data()) - reinterpret_cast<uintptr_t>(raw.data());
  if (begin < raw.size() && raw.size() - begin >= sizeof(bytes)) {
    std::memcpy(&bytes, raw.data() + begin, sizeof(bytes));
  } else if (!cell.empty()) {
    std::memcpy(&bytes, cell.data(), cell.size());
  }
  return bytes;
}
#endif
}  // namespace

AmountReadings ReadAmount(absl::string_view cell) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  constexpr int kMaxDigits = 17;
  int64_t mantissa = 0;
  int digits = 0;
  int letters = 0;
  int after_point = -1;
  int after_comma = -1;
  int points = 0;
  int commas = 0;
  bool negative = false;
  for (const char c : cell) {
    if (c >= '0' && c <= '9') {
      if (++digits > kMaxDigits) return {kNone, kNone};
      mantissa = mantissa * 10 + (c - '0');
      if (points > 0) ++after_point;
      if (commas > 0) ++after_comma;
    } else if (c == '.') {
      ++points;
      after_point = 0;
    } else if (c == ',') {
      ++commas;
      after_comma = 0;
    } else if (c == '-' || c == '(') {
      // A date has dashes between its digits.
      if (digits > 0 && c == '-' && &c != &cell.back()) return {kNone, kNone};
      negative = true;
    } else if (c == '/' || c == ':' || c == '_') {
      return {kNone, kNone};
    } else if (absl::ascii_isalpha(static_cast<unsigned char>(c))) {
      if (++letters > 3) return {kNone, kNone};
    }
  }
  if (digits == 0) return {kNone, kNone};
  const double value = static_cast<double>(negative ? -mantissa : mantissa);
  double point = points > 1 ? kNone : value / kPowers[std::max(after_point, 0)];
  double comma = commas > 1 ? kNone : value / kPowers[std::max(after_comma, 0)];
  // The decimal mark is the last one.
  if (points > 0 && commas > 0) (after_comma < after_point ? point : comma) = kNone;
  return {point, comma};
}

bool IsClose(const AmountReadings& amount, const AmountReadings& sum, double tolerance) {
  const auto close = [tolerance](double value, double other) {
    return other != 0.0 && std::abs(value - other) <= tolerance * std::abs(other);
  };
  return close(amount.point, sum.point) || close(amount.comma, sum.comma);
}

namespace {

// 08.04.2024: where a mark stands twice, it separates thousands, and three digits follow the last one.
bool IsDottedDate(absl::string_view cell) {
  for (const char mark : {'.', ','}) {
    const size_t last = cell.rfind(mark);
    if (last == absl::string_view::npos || cell.find(mark) == last) continue;
    size_t end = last + 1;
    while (end < cell.size() && absl::ascii_isdigit(static_cast<unsigned char>(cell[end]))) ++end;
    if (end - last != 4) return true;
  }
  return false;
}

}  // namespace

bool IsPlausibleAmount(absl::string_view cell) {
  constexpr size_t kMaxDigits = 12;
  const size_t digits = static_cast<size_t>(std::count_if(
      cell.begin(), cell.end(), [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }));
  if (digits == 0 || digits > kMaxDigits) return false;
  const bool is_plain = digits == cell.size();
  // Codes such as 00123, and dates such as 20240131.
  if (is_plain && digits > 1 && cell[0] == '0') return false;
  if (is_plain && digits == 8 && (absl::StartsWith(cell, "19") || absl::StartsWith(cell, "20"))) return false;
  if (IsDottedDate(cell)) return false;
  const AmountReadings readings = ReadAmount(cell);
  return !std::isnan(readings.point) || !std::isnan(readings.comma);
}

#ifdef __SSE2__
inline bool AmountSum::AddShort(absl::string_view cell, absl::string_view raw) {
  constexpr uint64_t kZeros = 0x3030303030303030;
  // What follows the cell is shifted out, zeros stand before it. In two halves, because a shift by 64 is not defined.
  const size_t half = 4 * (kShortCell - cell.size());
  const uint64_t bytes = (LoadShort(cell, raw) ^ kZeros) << half << half;
  __m128i digits = _mm_cvtsi64_si128(static_cast<int64_t>(bytes));
  const __m128i points = _mm_cmpeq_epi8(digits, _mm_set1_epi8('.' ^ '0'));
  const auto point_bits = static_cast<unsigned>(_mm_movemask_epi8(points));
  digits = _mm_andnot_si128(points, digits);
  const __m128i nine = _mm_set1_epi8(9);
  const __m128i others = _mm_cmpeq_epi8(_mm_max_epu8(digits, nine), nine);
  if (_mm_movemask_epi8(others) != 0xFFFF || (point_bits & (point_bits - 1)) != 0) return false;
  const size_t point = kShortCell - static_cast<size_t>(__builtin_ctz(point_bits | 1U << kShortCell));
  auto* const places = reinterpret_cast<__m128i*>(places_[point].data());
  const __m128i wide = _mm_unpacklo_epi8(digits, _mm_setzero_si128());
  _mm_storeu_si128(places, _mm_add_epi16(_mm_loadu_si128(places), wide));
  constexpr int kMostInPlaces = 65535 / 9;
  if (++in_places_ == kMostInPlaces) EmptyPlaces();
  return true;
}
#else
inline bool AmountSum::AddShort(absl::string_view, absl::string_view) { return false; }
#endif

void AmountSum::AddRow(absl::Span<const absl::string_view> cells, absl::string_view raw,
                       absl::Span<const size_t> columns, absl::Span<AmountSum> sums) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] >= cells.size()) continue;
    const absl::string_view cell = cells[columns[i]];
    if (cell.size() > kShortCell || !sums[i].AddShort(cell, raw)) sums[i].AddAny(cell);
  }
}

void AmountSum::AddAny(absl::string_view cell) {
  const AmountReadings amount = ReadAmount(cell);
  if (!std::isnan(amount.point)) point_ += amount.point;
  if (!std::isnan(amount.comma)) comma_ += amount.comma;
}

int64_t AmountSum::MantissasAt(size_t point) const {
  int64_t sum = 0;
  for (size_t i = 0; i < kShortCell; ++i) {
    if (i + point != kShortCell) sum = sum * 10 + places_[point][i];
  }
  return sum;
}

void AmountSum::EmptyPlaces() {
  for (size_t i = 0; i < mantissas_.size(); ++i) mantissas_[i] += MantissasAt(i);
  places_ = {};
  in_places_ = 0;
}

void AmountSum::Add(const AmountSum& other) {
  for (size_t i = 0; i < mantissas_.size(); ++i) mantissas_[i] += other.mantissas_[i] + other.MantissasAt(i);
  point_ += other.point_;
  comma_ += other.comma_;
}

AmountReadings AmountSum::value() const {
  AmountReadings sum{point_, comma_};
  for (size_t i = 0; i < mantissas_.size(); ++i) {
    const auto mantissas = static_cast<double>(mantissas_[i] + MantissasAt(i));
    sum.point += mantissas / kPowers[i == 0 ? 0 : i - 1];
    // A single point may also separate thousands.
    sum.comma += mantissas;
  }
  return sum;
}

}  // namespace roicast
