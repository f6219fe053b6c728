// The page around a report: one HTML file that needs no network, no script and no other file.
#pragma once

#include <string>
#include <vector>

#include "client/report/markup.h"

namespace roicast::client {

struct PageSection {
  std::string id;     // of an anchor: letters and hyphens
  std::string title;  // in the page and in its list of contents
  Markup content;
};

struct Page {
  std::string title;
  // Under the title.
  Markup introduction;
  // In this order. One without content is left out.
  std::vector<PageSection> sections;
  Markup footer;
};

// The whole file. Follows the reader's choice of light or dark, fits a phone, and prints in light colours.
std::string PageHtml(const Page& page);

}  // namespace roicast::client
