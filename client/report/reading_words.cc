#include "client/report/reading_words.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "client/report/number_words.h"

namespace roicast::client {
namespace {

std::string EncodingWords(const v1::FileReading& file) {
  switch (file.encoding()) {
    case v1::TEXT_ENCODING_UTF_16LE:
    case v1::TEXT_ENCODING_UTF_16BE:
      return "UTF-16";
    case v1::TEXT_ENCODING_WINDOWS_1252:
      return "Windows-1252";
    case v1::TEXT_ENCODING_LATIN_1:
      return "Latin-1";
    default:
      return "UTF-8";
  }
}

std::string DelimiterWords(const std::string& delimiter) {
  if (delimiter.empty() || delimiter == ",") return "commas";
  if (delimiter == ";") return "semicolons";
  if (delimiter == "\t") return "tabs";
  if (delimiter == "|") return "vertical bars";
  return absl::StrCat("“", delimiter, "”");
}

// TIME_FORMAT_DAY_FIRST → "day first".
std::string TimeFormatWords(v1::TimeFormat format) {
  const std::string name = v1::TimeFormat_Name(format);
  const absl::string_view words = absl::StripPrefix(name, "TIME_FORMAT_");
  return absl::AsciiStrToLower(absl::StrReplaceAll(words, {{"_", " "}}));
}

std::string NumberWords(const v1::ColumnReading& column) {
  const bool comma = column.decimal_mark() == v1::DECIMAL_MARK_COMMA;
  std::string words = "number";
  if (comma || !column.thousands_separator().empty()) {
    absl::StrAppend(&words, " 1", column.thousands_separator(), "234", comma ? ",50" : ".50");
  }
  if (column.scale() != 0 && column.scale() != 1) absl::StrAppend(&words, " × ", ValueWords(column.scale()));
  return words;
}

}  // namespace

std::string FileWords(const v1::FileReading& file) {
  std::string words = absl::StrCat(
      Counted(file.rows(), "row", "rows"), ", from ", EncodingWords(file), " text with ",
      DelimiterWords(file.delimiter()), " between the cells",
      file.header_line() == 0 ? " and no header" : absl::StrCat(" and a header on line ", file.header_line()));
  if (file.compression() == v1::COMPRESSION_GZIP) words += ", packed by gzip";
  if (file.compression() == v1::COMPRESSION_ZSTD) words += ", packed by zstd";
  return words + ".";
}

std::string ColumnWords(const v1::ColumnReading& column) {
  std::string words;
  switch (column.kind()) {
    case v1::FEATURE_KIND_NUMERIC:
      words = NumberWords(column);
      break;
    case v1::FEATURE_KIND_TIME:
      words = "time";
      if (column.times() > v1::TIME_FORMAT_ISO) absl::StrAppend(&words, ", ", TimeFormatWords(column.times()));
      break;
    case v1::FEATURE_KIND_CATEGORICAL:
      words = "words";
      break;
    default:
      break;
  }
  if (!column.unit().empty()) absl::StrAppend(&words, " in ", column.unit());
  if (column.ambiguous()) absl::StrAppend(&words, " (can be read in two ways)");
  if (column.unread() > 0) absl::StrAppend(&words, "; ", Counted(column.unread(), "cell", "cells"), " not read");
  return words;
}

}  // namespace roicast::client
