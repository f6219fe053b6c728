// HTML that is safe by its types: a string is text and is escaped, only Markup is markup.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast::client {

// Text for HTML and for attributes in quotes: & < > " ' are escaped; control characters, invisible ones, and bytes that
// are not UTF-8 are shown by their symbols (base/printable.h), because names and cells of a file may hold anything.
std::string EscapeHtml(absl::string_view text);

class Markup {
 public:
  Markup() = default;
  // Escapes. Not explicit, so that text can stand among elements.
  Markup(absl::string_view text) : html_(EscapeHtml(text)) {}
  Markup(const std::string& text) : html_(EscapeHtml(text)) {}
  Markup(const char* text) : html_(EscapeHtml(text)) {}
  // Of trusted HTML, such as what this program wrote itself.
  static Markup Raw(std::string html);

  Markup& Add(const Markup& more);
  bool empty() const { return html_.empty(); }
  const std::string& html() const { return html_; }

 private:
  std::string html_;
};

// One behind the other.
Markup Join(std::initializer_list<Markup> parts);
Markup Join(const std::vector<Markup>& parts);

// <tag attributes>content</tag>. attributes: trusted, such as `class="lead"`; values from outside by Attribute.
Markup Element(absl::string_view tag, absl::string_view attributes, std::initializer_list<Markup> content);
Markup Element(absl::string_view tag, std::initializer_list<Markup> content);
// `name="value"` with the value escaped.
std::string Attribute(absl::string_view name, absl::string_view value);

// A table that scrolls sideways where the screen is narrow. The first column is text, the others are numbers unless
// text_columns says more. Rows that are shorter than the head are padded.
struct TableOfMarkup {
  std::vector<Markup> head;
  std::vector<std::vector<Markup>> rows;
  size_t text_columns = 1;

  Markup ToMarkup() const;
};

}  // namespace roicast::client
