#include "model/artifact/reading_conversion.h"

#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/artifact/enum_map.h"
#include "model/artifact/proto_conversion.h"
#include "model/data/column_builder.h"

namespace roicast {
namespace {

constexpr EnumPair<Compression, v1::Compression> kCompressions[] = {{Compression::kNone, v1::COMPRESSION_UNSPECIFIED},
                                                                    {Compression::kGzip, v1::COMPRESSION_GZIP},
                                                                    {Compression::kZstd, v1::COMPRESSION_ZSTD}};
constexpr EnumPair<Encoding, v1::TextEncoding> kEncodings[] = {{Encoding::kUtf8, v1::TEXT_ENCODING_UTF_8},
                                                               {Encoding::kUtf16Le, v1::TEXT_ENCODING_UTF_16LE},
                                                               {Encoding::kUtf16Be, v1::TEXT_ENCODING_UTF_16BE},
                                                               {Encoding::kWindows1252, v1::TEXT_ENCODING_WINDOWS_1252},
                                                               {Encoding::kLatin1, v1::TEXT_ENCODING_LATIN_1}};
constexpr EnumPair<LineEnd, v1::LineEnd> kLineEnds[] = {
    {LineEnd::kLf, v1::LINE_END_LF}, {LineEnd::kCrLf, v1::LINE_END_CRLF}, {LineEnd::kCr, v1::LINE_END_CR}};
constexpr EnumPair<TimeFormat, v1::TimeFormat> kTimeFormatPairs[] = {
    {TimeFormat::kIso, v1::TIME_FORMAT_ISO},
    {TimeFormat::kDayFirst, v1::TIME_FORMAT_DAY_FIRST},
    {TimeFormat::kMonthFirst, v1::TIME_FORMAT_MONTH_FIRST},
    {TimeFormat::kYearFirst, v1::TIME_FORMAT_YEAR_FIRST},
    {TimeFormat::kMonthName, v1::TIME_FORMAT_MONTH_NAME},
    {TimeFormat::kCompact, v1::TIME_FORMAT_COMPACT},
    {TimeFormat::kIsoWeek, v1::TIME_FORMAT_ISO_WEEK},
    {TimeFormat::kQuarter, v1::TIME_FORMAT_QUARTER},
    {TimeFormat::kEpochSeconds, v1::TIME_FORMAT_EPOCH_SECONDS},
    {TimeFormat::kEpochMilliseconds, v1::TIME_FORMAT_EPOCH_MILLISECONDS},
    {TimeFormat::kExcelSerial, v1::TIME_FORMAT_EXCEL_SERIAL}};
constexpr std::pair<Grouping, absl::string_view> kGroupings[] = {{Grouping::kNone, ""},
                                                                 {Grouping::kComma, ","},
                                                                 {Grouping::kDot, "."},
                                                                 {Grouping::kBlank, " "},
                                                                 {Grouping::kApostrophe, "'"}};
constexpr LeftOut kLeftOuts[] = {LeftOut::kTitle,          LeftOut::kBlank,     LeftOut::kTotals, LeftOut::kFooter,
                                 LeftOut::kRepeatedHeader, LeftOut::kMalformed, LeftOut::kComment};

absl::Status Unexpected(absl::string_view path, absl::string_view field, absl::string_view expected,
                        absl::string_view got) {
  return absl::InvalidArgumentError(absl::StrCat(path, ".", field, ": expected ", expected, ", got ", got));
}

// UNSPECIFIED keeps the default.
template <typename Ours, typename Proto, size_t n>
absl::Status ReadEnum(const EnumPair<Ours, Proto> (&pairs)[n], Proto proto, absl::string_view path,
                      absl::string_view field, Ours& value) {
  if (static_cast<int>(proto) == 0) return absl::OkStatus();
  const std::optional<Ours> ours = EnumFromProto(pairs, proto);
  if (!ours.has_value()) {
    return Unexpected(path, field, "a value known to this release", absl::StrCat(static_cast<int>(proto)));
  }
  value = *ours;
  return absl::OkStatus();
}

v1::FileReading FileToProto(const TableReading& reading) {
  const FileForm& form = reading.file;
  v1::FileReading proto;
  proto.set_compression(EnumToProto(kCompressions, form.compression));
  proto.set_encoding(EnumToProto(kEncodings, form.encoding));
  proto.set_byte_order_mark(form.byte_order_mark);
  proto.set_delimiter(std::string(1, form.delimiter));
  proto.set_line_end(EnumToProto(kLineEnds, form.line_end));
  proto.set_header_line(form.header_line);
  proto.set_trailing_delimiter(form.trailing_delimiter);
  proto.set_separator_line(form.separator_line);
  for (const LeftOutCount& count : reading.left_out) {
    v1::LeftOutRows& rows = *proto.add_left_out();
    rows.set_reason(std::string(LeftOutName(count.reason)));
    rows.set_rows(count.rows);
    rows.mutable_lines()->Assign(count.lines.begin(), count.lines.end());
    rows.set_example(count.example);
  }
  proto.set_rows(reading.rows);
  return proto;
}

v1::ColumnReading ColumnToProto(const std::string& name, const ColumnReading& column) {
  v1::ColumnReading proto;
  proto.set_name(name);
  proto.set_kind(FeatureKindToProto(KindOf(column.form.kind)));
  if (column.form.kind == ColumnKind::kNumber) {
    const NumberForm& number = column.form.number;
    proto.set_decimal_mark(number.decimal_mark == ',' ? v1::DECIMAL_MARK_COMMA : v1::DECIMAL_MARK_POINT);
    for (const auto& [grouping, text] : kGroupings) {
      if (grouping == number.grouping) proto.set_thousands_separator(std::string(text));
    }
    if (number.scale != 1.0) proto.set_scale(number.scale);
    proto.set_unit_word(number.unit_word);
  }
  if (column.form.kind == ColumnKind::kTime) proto.set_times(EnumToProto(kTimeFormatPairs, column.form.time));
  proto.set_unit(column.form.unit);
  proto.set_present(column.present);
  proto.set_missing(column.missing);
  proto.set_unread(column.unread);
  proto.mutable_examples()->Assign(column.examples.begin(), column.examples.end());
  proto.set_ambiguous(column.ambiguous);
  proto.mutable_words()->Assign(column.frequent_missing_words.begin(), column.frequent_missing_words.end());
  proto.mutable_currencies()->Assign(column.currencies.begin(), column.currencies.end());
  return proto;
}

absl::StatusOr<ColumnReading> ColumnFromProto(const v1::ColumnReading& proto, const std::string& path) {
  ColumnReading column;
  switch (proto.kind()) {
    case v1::FEATURE_KIND_NUMERIC:
      column.form.kind = ColumnKind::kNumber;
      break;
    case v1::FEATURE_KIND_TIME:
      column.form.kind = ColumnKind::kTime;
      break;
    default:
      column.form.kind = ColumnKind::kWords;
  }
  NumberForm& number = column.form.number;
  number.decimal_mark = proto.decimal_mark() == v1::DECIMAL_MARK_COMMA ? ',' : '.';
  bool known = false;
  for (const auto& [grouping, text] : kGroupings) {
    if (text != proto.thousands_separator()) continue;
    number.grouping = grouping;
    known = true;
  }
  if (!known) {
    return Unexpected(path, "thousands_separator", "a separator known to this release",
                      absl::StrCat("\"", proto.thousands_separator(), "\""));
  }
  if (proto.scale() != 0.0) number.scale = proto.scale();
  number.unit_word = proto.unit_word();
  ROICAST_RETURN_IF_ERROR(ReadEnum(kTimeFormatPairs, proto.times(), path, "times", column.form.time));
  column.form.unit = proto.unit();
  column.present = proto.present();
  column.missing = proto.missing();
  column.unread = proto.unread();
  column.examples.assign(proto.examples().begin(), proto.examples().end());
  column.ambiguous = proto.ambiguous();
  column.frequent_missing_words.assign(proto.words().begin(), proto.words().end());
  column.currencies.assign(proto.currencies().begin(), proto.currencies().end());
  return column;
}

DataWarning WarningOf(const TableNote& note) {
  return {note.warning, note.column, note.lines, note.message, note.flags};
}

absl::StatusOr<ColumnOptions> ColumnFormatFromProto(const v1::ColumnFormat& proto, const std::string& path) {
  ColumnOptions column;
  column.name = proto.name();
  if (proto.decimal_mark() != v1::DECIMAL_MARK_UNSPECIFIED) {
    column.decimal_mark = proto.decimal_mark() == v1::DECIMAL_MARK_COMMA ? ',' : '.';
  }
  if (proto.times() != v1::TIME_FORMAT_UNSPECIFIED) {
    TimeFormat times = TimeFormat::kIso;
    ROICAST_RETURN_IF_ERROR(ReadEnum(kTimeFormatPairs, proto.times(), path, "times", times));
    column.time = times;
  }
  if (proto.has_scale()) {
    if (!std::isfinite(proto.scale()) || proto.scale() == 0.0) {
      return Unexpected(path, "scale", "a finite number other than 0", absl::StrCat(proto.scale()));
    }
    column.scale = proto.scale();
  }
  return column;
}

}  // namespace

v1::TableReading TableReadingToProto(const TableReading& reading) {
  v1::TableReading proto;
  *proto.mutable_file() = FileToProto(reading);
  for (size_t i = 0; i < reading.columns.size(); ++i) {
    *proto.add_columns() = ColumnToProto(reading.names[i], reading.columns[i]);
  }
  proto.mutable_missing_values()->Assign(reading.missing_values.begin(), reading.missing_values.end());
  return proto;
}

absl::StatusOr<TableReading> TableReadingFromProto(const v1::TableReading& proto, absl::string_view path) {
  const std::string file = absl::StrCat(path, ".file");
  TableReading reading;
  FileForm& form = reading.file;
  ROICAST_RETURN_IF_ERROR(ReadEnum(kCompressions, proto.file().compression(), file, "compression", form.compression));
  ROICAST_RETURN_IF_ERROR(ReadEnum(kEncodings, proto.file().encoding(), file, "encoding", form.encoding));
  form.byte_order_mark = proto.file().byte_order_mark();
  if (proto.file().delimiter().size() != 1) {
    return Unexpected(file, "delimiter", "one byte", absl::StrCat("\"", proto.file().delimiter(), "\""));
  }
  form.delimiter = proto.file().delimiter()[0];
  ROICAST_RETURN_IF_ERROR(ReadEnum(kLineEnds, proto.file().line_end(), file, "line_end", form.line_end));
  form.header_line = proto.file().header_line();
  form.trailing_delimiter = proto.file().trailing_delimiter();
  form.separator_line = proto.file().separator_line();
  for (const v1::LeftOutRows& rows : proto.file().left_out()) {
    LeftOutCount& count = reading.left_out.emplace_back();
    count.reason = LeftOut::kMalformed;
    for (const LeftOut reason : kLeftOuts) {
      if (LeftOutName(reason) == rows.reason()) count.reason = reason;
    }
    count.rows = rows.rows();
    count.lines.assign(rows.lines().begin(), rows.lines().end());
    count.example = rows.example();
  }
  reading.rows = proto.file().rows();
  reading.missing_values.assign(proto.missing_values().begin(), proto.missing_values().end());
  for (int i = 0; i < proto.columns_size(); ++i) {
    ROICAST_ASSIGN_OR_RETURN(ColumnReading column,
                             ColumnFromProto(proto.columns(i), absl::StrCat(path, ".columns[", i, "]")));
    reading.names.push_back(proto.columns(i).name());
    reading.columns.push_back(std::move(column));
  }
  return reading;
}

std::vector<DataWarning> ReadingWarnings(const TableReading& reading) {
  std::vector<DataWarning> warnings;
  for (const TableNote& note : reading.notes) warnings.push_back(WarningOf(note));
  for (const ColumnReading& column : reading.columns) {
    for (const TableNote& note : column.notes) warnings.push_back(WarningOf(note));
  }
  return warnings;
}

absl::StatusOr<TableOptions> TableOptionsFromProto(const v1::CsvOptions& proto, absl::string_view path) {
  TableOptions options;
  const std::string& delimiter = proto.delimiter();
  // NUL stands for "detected" where formats are stored.
  if (delimiter.size() > 1 || delimiter == "\"" || delimiter == "\n" || delimiter == "\r" ||
      delimiter == absl::string_view("\0", 1)) {
    return Unexpected(path, "delimiter", "one byte, no quote, line end or NUL",
                      absl::StrCat("\"", absl::CHexEscape(delimiter), "\""));
  }
  if (!delimiter.empty()) options.file.delimiter = delimiter[0];
  if (proto.no_header()) options.file.has_header = false;
  if (proto.encoding() != v1::TEXT_ENCODING_UNSPECIFIED) {
    Encoding encoding = Encoding::kUtf8;
    ROICAST_RETURN_IF_ERROR(ReadEnum(kEncodings, proto.encoding(), path, "encoding", encoding));
    options.file.encoding = encoding;
  }
  if (proto.header_line() < 0) {
    return Unexpected(path, "header_line", "at least 0", absl::StrCat(proto.header_line()));
  }
  if (proto.header_line() > 0) {
    if (proto.no_header())
      return Unexpected(path, "header_line", "0 with no_header", absl::StrCat(proto.header_line()));
    options.file.header_line = proto.header_line();
  }
  options.file.keep_totals = proto.keep_totals();
  for (int i = 0; i < proto.columns_size(); ++i) {
    ROICAST_ASSIGN_OR_RETURN(ColumnOptions column,
                             ColumnFormatFromProto(proto.columns(i), absl::StrCat(path, ".columns[", i, "]")));
    options.columns.push_back(std::move(column));
  }
  const std::vector<std::string> words(proto.missing_values().begin(), proto.missing_values().end());
  ROICAST_RETURN_IF_ERROR(CheckMissingSpellings(words, absl::StrCat(path, ".missing_values")));
  options.missing = MissingSpellings(words);
  return options;
}

}  // namespace roicast
