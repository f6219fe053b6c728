// Whether HTML is well-formed as this program writes it, and asks nothing of a network.
#pragma once

#include <cctype>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace roicast::testing {

// Empty, or what is wrong: every tag is closed in order, attributes are quoted, and text has no bare < or &.
inline std::string WhatIsWrongWithHtml(absl::string_view html) {
  std::vector<std::string> open;
  size_t at = 0;
  if (absl::StartsWith(html, "<!DOCTYPE html>")) at = 15;
  while (at < html.size()) {
    const char c = html[at];
    if (c == '&') {
      const size_t end = html.find(';', at);
      if (end == absl::string_view::npos || end - at > 7) return absl::StrCat("a bare & at ", at);
      at = end + 1;
    } else if (c == '>') {
      return absl::StrCat("a bare > at ", at);
    } else if (c != '<') {
      ++at;
    } else if (absl::StartsWith(html.substr(at), "<style>")) {
      // Not HTML inside.
      at = html.find("</style>", at);
      if (at == absl::string_view::npos) return "a style without an end";
      at += 8;
    } else {
      const bool closes = at + 1 < html.size() && html[at + 1] == '/';
      size_t end = at + (closes ? 2 : 1);
      std::string name;
      while (end < html.size() && std::isalnum(static_cast<unsigned char>(html[end]))) name += html[end++];
      if (name.empty()) return absl::StrCat("a bare < at ", at);
      bool quoted = false;
      while (end < html.size() && (quoted || html[end] != '>')) {
        if (html[end] == '"') quoted = !quoted;
        if (html[end] == '<') return absl::StrCat("a < in the tag ", name, " at ", at);
        ++end;
      }
      if (end >= html.size()) return absl::StrCat("a tag without an end: ", name);
      if (closes) {
        if (open.empty() || open.back() != name) return absl::StrCat("</", name, "> at ", at, " closes nothing");
        open.pop_back();
      } else if (html[end - 1] != '/') {
        open.push_back(name);
      }
      at = end + 1;
    }
  }
  return open.empty() ? "" : absl::StrCat("<", open.back(), "> is not closed");
}

// Empty, or the first thing that would load something or run.
inline std::string WhatLeavesThePage(absl::string_view html) {
  for (const char* word : {"http:", "https:", "src=", "@import", "url(", "<script", "<link", "<iframe", "<object",
                           "<embed", "<form", "javascript:", " onload", " onclick", " onerror", "xlink"}) {
    if (absl::StrContains(html, word)) return word;
  }
  return "";
}

}  // namespace roicast::testing
