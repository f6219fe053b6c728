#include "base/tables/file_form.h"

#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

constexpr std::array<std::pair<Encoding, absl::string_view>, 5> kEncodings = {{{Encoding::kUtf8, "utf-8"},
                                                                               {Encoding::kUtf16Le, "utf-16le"},
                                                                               {Encoding::kUtf16Be, "utf-16be"},
                                                                               {Encoding::kWindows1252, "windows-1252"},
                                                                               {Encoding::kLatin1, "latin-1"}}};

}  // namespace

absl::string_view EncodingName(Encoding encoding) {
  for (const auto& [known, name] : kEncodings) {
    if (known == encoding) return name;
  }
  return "?";
}

std::optional<Encoding> ParseEncoding(absl::string_view name) {
  for (const auto& [encoding, known] : kEncodings) {
    if (absl::EqualsIgnoreCase(name, known)) return encoding;
  }
  return std::nullopt;
}

absl::string_view CompressionName(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "none";
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
  }
  return "?";
}

absl::string_view LineEndName(LineEnd line_end) {
  switch (line_end) {
    case LineEnd::kLf:
      return "LF";
    case LineEnd::kCrLf:
      return "CRLF";
    case LineEnd::kCr:
      return "CR";
  }
  return "?";
}

std::string DelimiterName(char delimiter) {
  switch (delimiter) {
    case ',':
      return "a comma";
    case ';':
      return "a semicolon";
    case '\t':
      return "a tab";
    case '|':
      return "a vertical bar";
    case ' ':
      return "a blank";
    default:
      return absl::StrCat("\"", std::string(1, delimiter), "\"");
  }
}

bool IsDelimiter(char c) {
  return c != '"' && c != '\n' && c != '\r' && c != '\0' && static_cast<unsigned char>(c) < 0x80;
}

absl::Status FileOptions::Validate() const {
  if (delimiter.has_value() && !IsDelimiter(*delimiter)) {
    return absl::InvalidArgumentError("delimiter: expected one ASCII character other than a quote, a line end or NUL");
  }
  if (header_line.has_value()) {
    if (*header_line < 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("header_line: expected the number of a line, from 1, got ", *header_line));
    }
    if (has_header.has_value() && !*has_header) {
      return absl::InvalidArgumentError(
          absl::StrCat("header_line: expected none for a file without a header, got ", *header_line));
    }
  }
  if (max_cell_bytes == 0) return absl::InvalidArgumentError("max_cell_bytes: expected at least 1, got 0");
  if (max_columns == 0) return absl::InvalidArgumentError("max_columns: expected at least 1, got 0");
  if (max_row_bytes == 0) return absl::InvalidArgumentError("max_row_bytes: expected at least 1, got 0");
  return absl::OkStatus();
}

FileOptions FileOptions::From(const FileForm& form) {
  FileOptions options;
  options.encoding = form.encoding;
  options.delimiter = form.delimiter;
  if (form.header_line == 0) {
    options.has_header = false;
  } else {
    options.has_header = true;
    options.header_line = form.header_line;
  }
  return options;
}

}  // namespace roicast
