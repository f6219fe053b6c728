#include "client/report/markup.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/printable.h"

namespace roicast::client {

std::string EscapeHtml(absl::string_view text) {
  return absl::StrReplaceAll(Printable(text),
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

Markup Markup::Raw(std::string html) {
  Markup markup;
  markup.html_ = std::move(html);
  return markup;
}

Markup& Markup::Add(const Markup& more) {
  html_ += more.html_;
  return *this;
}

Markup Join(std::initializer_list<Markup> parts) {
  Markup all;
  for (const Markup& part : parts) all.Add(part);
  return all;
}

Markup Join(const std::vector<Markup>& parts) {
  Markup all;
  for (const Markup& part : parts) all.Add(part);
  return all;
}

Markup Element(absl::string_view tag, absl::string_view attributes, std::initializer_list<Markup> content) {
  std::string html = absl::StrCat("<", tag, attributes.empty() ? "" : " ", attributes, ">");
  for (const Markup& part : content) html += part.html();
  absl::StrAppend(&html, "</", tag, ">");
  return Markup::Raw(std::move(html));
}

Markup Element(absl::string_view tag, std::initializer_list<Markup> content) { return Element(tag, "", content); }

std::string Attribute(absl::string_view name, absl::string_view value) {
  return absl::StrCat(name, "=\"", EscapeHtml(value), "\"");
}

Markup TableOfMarkup::ToMarkup() const {
  const auto row_of = [this](absl::string_view tag, const std::vector<Markup>& cells) {
    Markup row;
    for (size_t i = 0; i < head.size(); ++i) {
      row.Add(Element(tag, i < text_columns ? "" : "class=\"number\"", {i < cells.size() ? cells[i] : Markup()}));
    }
    return Element("tr", {row});
  };
  Markup body;
  for (const std::vector<Markup>& cells : rows) body.Add(row_of("td", cells));
  return Element("div", "class=\"scroll\" tabindex=\"0\"",
                 {Element("table", {Element("thead", {row_of("th", head)}), Element("tbody", {body})})});
}

}  // namespace roicast::client
