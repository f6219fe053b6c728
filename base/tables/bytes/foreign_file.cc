#include "base/tables/bytes/foreign_file.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace roicast {
namespace {

struct Kind {
  absl::string_view magic;
  absl::string_view what;
  absl::string_view advice;
};

constexpr absl::string_view kSaveAsCsv = "save it as CSV";
constexpr absl::string_view kExportAsCsv = "export it as CSV";
constexpr absl::string_view kCompressOtherwise = "unpack it, or use gzip or zstd";
constexpr absl::string_view kExportRows = "export rows and columns as CSV";

constexpr Kind kKinds[] = {
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an Excel workbook (.xls) or another old Office file", kSaveAsCsv},
    {"PAR1", "a Parquet file", kExportAsCsv},
    {"ORC", "an ORC file", kExportAsCsv},
    {"ARROW1", "an Arrow file", kExportAsCsv},
    {"\xFF\xFF\xFF\xFF", "an Arrow stream or another binary file", kExportAsCsv},
    {"FEA1", "a Feather file", kExportAsCsv},
    {"Obj\x01", "an Avro file", kExportAsCsv},
    {"\x89HDF\r\n\x1A\n", "an HDF5 file", kExportAsCsv},
    {"SQLite format 3", "an SQLite database", kExportAsCsv},
    {"\x89PNG", "a picture", kExportRows},
    {"\xFF\xD8\xFF", "a picture", kExportRows},
    {"BZh", "a bzip2 archive", kCompressOtherwise},
    {absl::string_view("\xFD"
                       "7zXZ\0",
                       6),
     "an xz archive", kCompressOtherwise},
    {"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", kCompressOtherwise},
    {"Rar!", "a RAR archive", kCompressOtherwise},
    {"\x04\x22\x4D\x18", "an LZ4 archive", kCompressOtherwise},
    {"\x1F\x8B", "a gzip archive inside a compressed file", "compress it once"},
    {"\x28\xB5\x2F\xFD", "a zstd archive inside a compressed file", "compress it once"},
    {"\x7F\x45LF", "a program", kExportRows},
};

// Beyond the magic, how many bytes of a ZIP archive are searched for the names of its members.
constexpr size_t kZipNames = 4096;

absl::Status Refuse(absl::string_view what, absl::string_view advice) {
  return absl::InvalidArgumentError(
      absl::StrCat("expected a text file with rows and columns, got ", what, ": ", advice));
}

// Whether there are no control characters but those of text: a header may begin with ORC.
bool IsText(absl::string_view bytes) {
  for (const char c : bytes.substr(0, kZipNames)) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') return false;
  }
  return true;
}

bool Opens(absl::string_view text, char bracket, absl::string_view next) {
  if (text.empty() || text[0] != bracket) return false;
  text.remove_prefix(1);
  text = absl::StripLeadingAsciiWhitespace(text);
  return !text.empty() && absl::StrContains(next, text[0]);
}

absl::Status RefuseText(absl::string_view text) {
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  text = absl::StripLeadingAsciiWhitespace(text);
  if (absl::StartsWithIgnoreCase(text, "<!doctype html") || absl::StartsWithIgnoreCase(text, "<html") ||
      absl::StartsWithIgnoreCase(text, "<table") || absl::StartsWithIgnoreCase(text, "<head")) {
    return Refuse("a web page (HTML)", "was it saved from a browser that was not signed in? Download the CSV");
  }
  if (absl::StartsWith(text, "%PDF-")) return Refuse("a PDF document", kExportRows);
  if (absl::StartsWith(text, "{\\rtf")) return Refuse("an RTF document", kExportRows);
  if (absl::StartsWithIgnoreCase(text, "<?xml")) return Refuse("an XML file", kSaveAsCsv);
  // A column may be called [x], so a bracket alone means nothing.
  if (Opens(text, '{', "\"}") || Opens(text, '[', "{[]")) {
    return Refuse("JSON", "convert it to CSV, with a row per campaign");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RefuseForeignFile(absl::string_view start) {
  if (absl::StartsWith(start, "PK\x03\x04") || absl::StartsWith(start, "PK\x05\x06")) {
    const absl::string_view names = start.substr(0, kZipNames);
    if (absl::StrContains(names, "xl/") || absl::StrContains(names, "[Content_Types].xml")) {
      return Refuse("an Excel workbook (.xlsx) or another Office file", kSaveAsCsv);
    }
    if (absl::StrContains(names, "opendocument.spreadsheet")) return Refuse("an OpenDocument spreadsheet", kSaveAsCsv);
    return Refuse("a ZIP archive", kCompressOtherwise);
  }
  for (const Kind& kind : kKinds) {
    if (absl::StartsWith(start, kind.magic) && (!IsText(kind.magic) || !IsText(start)))
      return Refuse(kind.what, kind.advice);
  }
  constexpr size_t kTarMagic = 257;
  if (start.size() > kTarMagic && absl::StartsWith(start.substr(kTarMagic), "ustar")) {
    return Refuse("a tar archive", "unpack it");
  }
  return RefuseText(start);
}

}  // namespace roicast
