// How a file of rows is written, and what a person says about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast {

enum class Compression { kNone, kGzip, kZstd };
enum class Encoding { kUtf8, kUtf16Le, kUtf16Be, kWindows1252, kLatin1 };
enum class LineEnd { kLf, kCrLf, kCr };

// As flags write them: "utf-8", "utf-16le", "utf-16be", "windows-1252", "latin-1".
absl::string_view EncodingName(Encoding encoding);
// The reverse, in any case; nullopt for any other name.
std::optional<Encoding> ParseEncoding(absl::string_view name);
// "none", "gzip", "zstd".
absl::string_view CompressionName(Compression compression);
// "LF", "CRLF", "CR".
absl::string_view LineEndName(LineEnd line_end);
// For a sentence: "a comma", "a semicolon", "a tab", "a vertical bar", or the byte in quotes.
std::string DelimiterName(char delimiter);
// Whether a byte can part cells: ASCII, and not a quote, a line end or NUL.
bool IsDelimiter(char c);

// How a file of rows is written. Two readings with the same form give the same rows.
struct FileForm {
  Compression compression = Compression::kNone;
  Encoding encoding = Encoding::kUtf8;
  bool byte_order_mark = false;
  char delimiter = ',';
  // Of most of the first lines; a reader takes all three, also mixed.
  LineEnd line_end = LineEnd::kLf;
  // Line on which the header begins, from 1. 0: there is none, and the columns are named c0, c1, c2 …
  int64_t header_line = 1;
  // Whether the first line says which delimiter follows, such as "sep=;".
  bool separator_line = false;
  // Whether the header ends with delimiters: columns without a name and without a value, which are left out.
  bool trailing_delimiter = false;

  friend bool operator==(const FileForm&, const FileForm&) = default;
};

// What a person says about a file. What is unset is detected.
struct FileOptions {
  std::optional<Encoding> encoding;
  // As IsDelimiter has it.
  std::optional<char> delimiter;
  // False: the first row is data, and the columns are named c0, c1, c2 …
  std::optional<bool> has_header;
  // From 1; what stands above is left out. Not together with has_header = false.
  std::optional<int64_t> header_line;
  // Reads rows of totals like any other.
  bool keep_totals = false;
  // In bytes of UTF-8, ≥ 1. A larger cell fails with INVALID_ARGUMENT.
  size_t max_cell_bytes = size_t{1} << 20;
  // ≥ 1. A wider row fails with INVALID_ARGUMENT.
  size_t max_columns = 10'000;
  // In bytes of UTF-8, ≥ 1. A longer row fails with INVALID_ARGUMENT.
  size_t max_row_bytes = size_t{16} << 20;

  absl::Status Validate() const;
  // Reads a file of this form again as before: nothing about the file is detected but its compression.
  static FileOptions From(const FileForm& form);
};

}  // namespace roicast
