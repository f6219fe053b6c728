#include "client/cli/csv_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/tables/time_form.h"
#include "client/cli/enum_words.h"
#include "client/cli/usage.h"
#include "client/cli/usage_error.h"
#include "client/scoring/column_options.h"

namespace roicast::client {
namespace {

struct DelimiterWord {
  const char* word;
  char delimiter;
};
constexpr DelimiterWord kDelimiterWords[] = {
    {"tab", '\t'}, {"\\t", '\t'}, {"comma", ','}, {"semicolon", ';'}, {"pipe", '|'}};

// The API has the same formats in the same order, after "detected".
static_assert(v1::TIME_FORMAT_EXCEL_SERIAL == kTimeFormats);
v1::TimeFormat ToProto(TimeFormat format) { return static_cast<v1::TimeFormat>(static_cast<int>(format) + 1); }

std::string TimeFormatWords() {
  std::vector<absl::string_view> words;
  for (int i = 0; i < kTimeFormats; ++i) words.push_back(TimeFormatName(static_cast<TimeFormat>(i)));
  return absl::StrJoin(words, ", ");
}

v1::ColumnFormat& FormatOf(const std::string& column, std::vector<v1::ColumnFormat>* formats) {
  for (v1::ColumnFormat& format : *formats) {
    if (format.name() == column) return format;
  }
  formats->emplace_back().set_name(column);
  return formats->back();
}

// Two values for one column are a mistake; the same one twice is not.
absl::Status Twice(absl::string_view flag, const ColumnValue& given, absl::string_view before) {
  const std::string where = given.column.empty() ? "all columns" : absl::StrCat("column \"", given.column, "\"");
  return UsageError(absl::StrCat(flag, ": expected one value for ", where, ", got ", before, " and ", given.value));
}

absl::Status SetDecimal(const ColumnValue& given, v1::ColumnFormat* format) {
  const auto mark = EnumOfWord<v1::DecimalMark>(given.value);
  if (mark == v1::DECIMAL_MARK_UNSPECIFIED) return UnexpectedValue("--decimal", "point or comma", given.value);
  if (format->decimal_mark() != v1::DECIMAL_MARK_UNSPECIFIED && format->decimal_mark() != mark) {
    return Twice("--decimal", given, EnumWord(format->decimal_mark(), '-'));
  }
  format->set_decimal_mark(mark);
  return absl::OkStatus();
}

absl::Status SetTimes(const ColumnValue& given, v1::ColumnFormat* format) {
  const std::optional<TimeFormat> times = ParseTimeFormat(given.value);
  if (!times) return UnexpectedValue("--dates", TimeFormatWords(), given.value);
  if (format->times() != v1::TIME_FORMAT_UNSPECIFIED && format->times() != ToProto(*times)) {
    return Twice("--dates", given, TimeFormatName(*TimeFormatFromProto(format->times())));
  }
  format->set_times(ToProto(*times));
  return absl::OkStatus();
}

absl::Status SetScale(const ColumnValue& given, v1::ColumnFormat* format) {
  double scale = 0;
  if (!absl::SimpleAtod(given.value, &scale) || !std::isfinite(scale) || scale == 0) {
    return UnexpectedValue("--scale", "a number other than 0", given.value);
  }
  if (format->has_scale() && format->scale() != scale) {
    return Twice("--scale", given, absl::StrCat(format->scale()));
  }
  format->set_scale(scale);
  return absl::OkStatus();
}

// Splits at commas; "\," is a comma within a word.
void AppendWords(absl::string_view text, std::vector<std::string>* words) {
  std::string word;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ',') {
      word += text[++i];
    } else if (text[i] == ',') {
      words->push_back(std::exchange(word, ""));
    } else {
      word += text[i];
    }
  }
  words->push_back(word);
}

}  // namespace

void CsvFlags::AddTo(CLI::App& command) {
  command.add_option("--encoding", encoding_, "How text is stored")
      ->type_name("NAME")
      ->check(OneOf(EnumWords<v1::TextEncoding>()))
      ->group(kGroup);
  command.add_option("--delimiter", delimiter_, "Cell separator: one character, tab, comma, semicolon or pipe")
      ->type_name("CHAR")
      ->group(kGroup);
  command.add_flag("--no-header", no_header_, "The first row is data; columns are named c0, c1, c2 ...")->group(kGroup);
  command
      .add_option(
          "--missing-values", missing_values_,
          "A cell that means missing, beside NA, N/A, null, none, nan, -- and the like; '': without these words")
      ->type_name("WORD")
      ->allow_extra_args(false)
      ->group(kGroup);
  command.add_option("--header-line", header_line_, "Line on which the header begins")
      ->type_name("N")
      ->check(Within({1}))
      ->group(kGroup);
  command.add_flag("--keep-totals", keep_totals_, "Rows of totals are rows like others")->group(kGroup);
  const auto repeated = [&](const char* name, std::vector<std::string>& values, const char* help, const char* type) {
    command.add_option(name, values, help)->type_name(type)->allow_extra_args(false)->group(kGroup);
  };
  repeated("--decimal", decimal_, "What stands before decimals: point or comma", "[COLUMN=]MARK");
  repeated("--dates", dates_,
           "How times are written: day-first, month-first, year-first, month-name, compact, iso-week, quarter, epoch, "
           "epoch-ms, excel or iso",
           "[COLUMN=]FORMAT");
  repeated("--scale", scale_, "Numbers are multiplied by it, such as 0.000001 for amounts in millionths",
           "COLUMN=FACTOR");
}

std::string CsvFlags::First() const {
  if (!encoding_.empty()) return "--encoding";
  if (!delimiter_.empty()) return "--delimiter";
  if (no_header_) return "--no-header";
  if (header_line_) return "--header-line";
  if (keep_totals_) return "--keep-totals";
  if (!decimal_.empty()) return "--decimal";
  if (!dates_.empty()) return "--dates";
  if (!scale_.empty()) return "--scale";
  return missing_values_.empty() ? "" : "--missing-values";
}

absl::StatusOr<std::optional<char>> CsvFlags::Delimiter() const {
  if (delimiter_.empty()) return std::nullopt;
  for (const DelimiterWord& known : kDelimiterWords) {
    if (delimiter_ == known.word) return known.delimiter;
  }
  const bool ascii = delimiter_.size() == 1 && static_cast<unsigned char>(delimiter_[0]) < 0x80;
  if (ascii && !absl::StrContains("\"\n\r", delimiter_)) return delimiter_[0];
  return UnexpectedValue("--delimiter", "one byte, tab, comma, semicolon or pipe", delimiter_);
}

absl::StatusOr<FileOptions> CsvFlags::ToFileOptions() const {
  FileOptions options;
  if (!encoding_.empty()) options.encoding = ParseEncoding(encoding_);
  ROICAST_ASSIGN_OR_RETURN(options.delimiter, Delimiter());
  if (no_header_) options.has_header = false;
  if (no_header_ && header_line_) {
    return UsageError("expected either --no-header or --header-line, got both");
  }
  const absl::Status missing = CheckMissingSpellings(MissingValues(), "--missing-values");
  if (!missing.ok()) return UsageError(std::string(missing.message()));
  options.header_line = header_line_;
  options.keep_totals = keep_totals_;
  return options;
}

absl::StatusOr<std::vector<v1::ColumnFormat>> CsvFlags::Columns(const ColumnNames& columns) const {
  std::vector<v1::ColumnFormat> formats;
  const auto set = [&](const char* flag, const std::vector<std::string>& texts, const char* expected, bool optional,
                       absl::Status (*set_one)(const ColumnValue&, v1::ColumnFormat*)) {
    for (const std::string& text : texts) {
      ROICAST_ASSIGN_OR_RETURN(const std::vector<ColumnValue> values, columns.Values(flag, text, expected, optional));
      for (const ColumnValue& value : values)
        ROICAST_RETURN_IF_ERROR(set_one(value, &FormatOf(value.column, &formats)));
    }
    return absl::OkStatus();
  };
  ROICAST_RETURN_IF_ERROR(set("--decimal", decimal_, "[COLUMN=]point or comma", true, &SetDecimal));
  ROICAST_RETURN_IF_ERROR(set("--dates", dates_, "[COLUMN=]FORMAT", true, &SetTimes));
  ROICAST_RETURN_IF_ERROR(set("--scale", scale_, "COLUMN=FACTOR", false, &SetScale));
  return formats;
}

absl::StatusOr<std::vector<ColumnOptions>> CsvFlags::ToColumnOptions(const ColumnNames& columns) const {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<v1::ColumnFormat> formats, Columns(columns));
  std::vector<ColumnOptions> options;
  for (const v1::ColumnFormat& format : formats) options.push_back(ColumnOptionsFromProto(format));
  return options;
}

absl::StatusOr<TableOptions> CsvFlags::ToTableOptions(const ColumnNames& columns) const {
  TableOptions options;
  ROICAST_ASSIGN_OR_RETURN(options.file, ToFileOptions());
  ROICAST_ASSIGN_OR_RETURN(options.columns, ToColumnOptions(columns));
  options.missing = MissingSpellings(MissingValues());
  return options;
}

std::vector<std::string> CsvFlags::MissingValues() const {
  std::vector<std::string> words;
  for (const std::string& text : missing_values_) AppendWords(text, &words);
  return words;
}

absl::StatusOr<v1::CsvOptions> CsvFlags::ToProto(const ColumnNames& columns) const {
  ROICAST_ASSIGN_OR_RETURN(const FileOptions file, ToFileOptions());
  v1::CsvOptions options;
  options.set_encoding(EnumOfWord<v1::TextEncoding>(encoding_));
  if (file.delimiter) options.set_delimiter(std::string(1, *file.delimiter));
  options.set_no_header(no_header_);
  options.set_header_line(file.header_line.value_or(0));
  options.set_keep_totals(keep_totals_);
  for (const std::string& word : MissingValues()) options.add_missing_values(word);
  ROICAST_ASSIGN_OR_RETURN(const std::vector<v1::ColumnFormat> formats, Columns(columns));
  for (const v1::ColumnFormat& format : formats) *options.add_columns() = format;
  return options;
}

}  // namespace roicast::client
