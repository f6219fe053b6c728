#include "client/cli/display_width.h"

#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/printable.h"

namespace roicast::client {
namespace {

constexpr absl::string_view kMark = "…";

// wcwidth and mbrtowc follow the thread's locale; ours has to be UTF-8 whatever the environment says.
class Utf8Locale {
 public:
  Utf8Locale() : before_(uselocale(Shared())) {}
  ~Utf8Locale() { uselocale(before_); }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  static locale_t Shared() {
    static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return utf8;
  }
  const locale_t before_;
};

struct Character {
  size_t bytes;
  size_t columns;
};

// The first character of a text that is not empty. Needs Utf8Locale.
Character FirstCharacter(absl::string_view text) {
  wchar_t wide = 0;
  mbstate_t state{};
  const size_t bytes = mbrtowc(&wide, text.data(), text.size(), &state);
  if (bytes == 0 || bytes > text.size()) return {1, 1};
  const int columns = wcwidth(wide);
  return {bytes, columns < 0 ? size_t{1} : static_cast<size_t>(columns)};
}

// Bytes of the longest beginning that takes at most `width` columns.
size_t BytesWithin(absl::string_view text, size_t width) {
  const Utf8Locale locale;
  size_t bytes = 0, columns = 0;
  while (bytes < text.size()) {
    const Character next = FirstCharacter(text.substr(bytes));
    columns += next.columns;
    if (columns > width) return bytes;
    bytes += next.bytes;
  }
  return bytes;
}

void WrapLine(absl::string_view line, size_t width, size_t indent, std::string* out) {
  const std::string blanks(indent, ' ');
  const size_t leading = std::min(line.find_first_not_of(' '), line.size());
  std::string current(line.substr(0, leading));
  size_t columns = leading;
  bool empty = true;
  for (const absl::string_view word : absl::StrSplit(line.substr(leading), ' ')) {
    const size_t wanted = DisplayWidth(word);
    if (!empty && columns + 1 + wanted > width) {
      absl::StrAppend(out, current, "\n");
      current = blanks;
      columns = indent;
      empty = true;
    }
    if (!empty) current += ' ';
    columns += wanted + (empty ? 0 : 1);
    absl::StrAppend(&current, word);
    empty = false;
  }
  *out += current;
}

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  const Utf8Locale locale;
  size_t columns = 0;
  while (!text.empty()) {
    const Character next = FirstCharacter(text);
    columns += next.columns;
    text.remove_prefix(next.bytes);
  }
  return columns;
}

std::string CutToWidth(absl::string_view text, size_t width) {
  if (BytesWithin(text, width) == text.size()) return std::string(text);
  return absl::StrCat(text.substr(0, BytesWithin(text, width - 1)), kMark);
}

std::string WrapToWidth(absl::string_view text, size_t width, size_t indent) {
  std::string wrapped;
  bool first = true;
  const std::string shown = PrintableLines(text);
  for (const absl::string_view line : absl::StrSplit(shown, '\n')) {
    if (!first) wrapped += '\n';
    first = false;
    if (DisplayWidth(line) <= width) {
      absl::StrAppend(&wrapped, line);
    } else {
      WrapLine(line, width, indent, &wrapped);
    }
  }
  return wrapped;
}

}  // namespace roicast::client
