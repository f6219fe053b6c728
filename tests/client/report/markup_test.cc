#include "client/report/markup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/report/page.h"
#include "tests/client/report/html_check.h"

namespace roicast::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Markup, EscapesEveryText) {
  EXPECT_EQ(Markup("<script>alert('&\"')</script>").html(),
            "&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;");
  EXPECT_EQ(Element("p", {"a < b", Markup::Raw("<b>x</b>")}).html(), "<p>a &lt; b<b>x</b></p>");
  EXPECT_EQ(Element("a", Attribute("title", "\" onclick=\"x"), {"y"}).html(),
            "<a title=\"&quot; onclick=&quot;x\">y</a>");
}

TEST(Markup, ShowsWhatCannotBeSeen) {
  EXPECT_EQ(EscapeHtml("a\x1b[31m\xff"), "a␛[31m\xEF\xBF\xBD");
  EXPECT_EQ(EscapeHtml("\xE2\x80\xAE"
                       "abc"),
            "&lt;U+202E&gt;abc");
}

TEST(TableOfMarkup, AlignsNumbersAndPadsRows) {
  TableOfMarkup table;
  table.head = {"name", "rows"};
  table.rows = {{"<x>", "3"}, {"y"}};
  EXPECT_EQ(table.ToMarkup().html(),
            "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th>name</th><th class=\"number\">rows</th></tr>"
            "</thead><tbody><tr><td>&lt;x&gt;</td><td class=\"number\">3</td></tr><tr><td>y</td><td class=\"number\">"
            "</td></tr></tbody></table></div>");
}

TEST(PageHtml, ListsItsSectionsAndStandsAlone) {
  Page page;
  page.title = "A <title>";
  page.introduction = Element("p", {"hello"});
  page.sections = {{"one", "The first", Element("p", {"1"})}, {"none", "Empty", Markup()}};
  page.footer = "end";
  const std::string html = PageHtml(page);
  EXPECT_EQ(testing::WhatIsWrongWithHtml(html), "");
  EXPECT_EQ(testing::WhatLeavesThePage(html), "");
  EXPECT_THAT(html, HasSubstr("<title>A &lt;title&gt;</title>"));
  EXPECT_THAT(html, HasSubstr("<a href=\"#one\">The first</a>"));
  EXPECT_THAT(html, HasSubstr("<section id=\"one\"><h2>The first</h2><p>1</p></section>"));
  EXPECT_THAT(html, Not(HasSubstr("Empty")));
  for (const char* medium : {"prefers-color-scheme:dark", "@media print", "max-width:760px"}) {
    EXPECT_THAT(html, HasSubstr(medium));
  }
}

TEST(HtmlCheck, FindsWhatIsWrong) {
  EXPECT_EQ(testing::WhatIsWrongWithHtml("<p>a & b</p>"), "a bare & at 5");
  EXPECT_EQ(testing::WhatIsWrongWithHtml("<p>a</b></p>"), "</b> at 4 closes nothing");
  EXPECT_EQ(testing::WhatIsWrongWithHtml("<p><br/>"), "<p> is not closed");
  EXPECT_EQ(testing::WhatLeavesThePage("<img src=\"x\">"), "src=");
}

}  // namespace
}  // namespace roicast::client
