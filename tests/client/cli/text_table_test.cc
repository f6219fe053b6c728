#include "client/cli/text_table.h"

#include <gtest/gtest.h>

#include "client/cli/terminal.h"

namespace roicast::client {
namespace {

using WhenNarrow = TextTable::WhenNarrow;

Terminal Columns(size_t width) {
  Terminal terminal;
  terminal.width = width;
  return terminal;
}

TEST(TextTable, AlignsNumbersToTheRight) {
  TextTable table({"name", "count"});
  table.AddRow({"a", "5"});
  table.AddRow({"größer", "1,000"});
  EXPECT_EQ(table.ToString(Terminal()), "name    count\na           5\ngrößer  1,000\n");
}

TEST(TextTable, AlignsWideCharacters) {
  TextTable table({"name", "kind"});
  table.AddRow({"電子", "x"});
  table.AddRow({"a", "y"});
  EXPECT_EQ(table.ToString(Terminal()), "name  kind\n電子  x\na     y\n");
}

TextTable Models() {
  TextTable table({"model", {"state", WhenNarrow::kCut}, {"size", WhenNarrow::kDrop}, {"network", WhenNarrow::kDrop}});
  table.AddRow({"default", "broken: golden rows differ", "32 KiB", "9 → 5 → 1"});
  return table;
}

TEST(TextTable, IsCompleteIfItFits) {
  EXPECT_EQ(Models().ToString(Columns(54)),
            "model    state                         size  network\n"
            "default  broken: golden rows differ  32 KiB  9 → 5 → 1\n");
  EXPECT_EQ(Models().ToString(Terminal()), Models().ToString(Columns(54)));
}

TEST(TextTable, CutsCellsBeforeItDropsColumns) {
  EXPECT_EQ(Models().ToString(Columns(53)),
            "model    state                        size  network\n"
            "default  broken: golden rows diff…  32 KiB  9 → 5 → 1\n"
            "(--wide shows all of it)\n");
}

TEST(TextTable, DropsTheLastColumnFirstAndSaysWhich) {
  EXPECT_EQ(Models().ToString(Columns(37)),
            "model    state                   size\n"
            "default  broken: golden rows…  32 KiB\n"
            "(--wide also shows: network)\n");
  EXPECT_EQ(Models().ToString(Columns(28)),
            "model    state\n"
            "default  broken: golden row…\n"
            "(--wide also shows: size, n…\n");
}

TEST(TextTable, CutsEverythingAsALastResort) {
  EXPECT_EQ(Models().ToString(Columns(15), "  "),
            "  model  state\n"
            "  defa…  broke…\n"
            "  (--wide also…\n");
}

TEST(TextTable, PaintsCellsWithoutMovingThem) {
  TextTable table({"n", "state"});
  table.AddRow({"1", {"failed", Tone::kBad}});
  table.AddRow({"22", "ok"});
  Terminal terminal;
  terminal.colour = true;
  EXPECT_EQ(table.ToString(terminal),
            " \x1b[1mn\x1b[0m  \x1b[1mstate\x1b[0m\n"
            " 1  \x1b[31mfailed\x1b[0m\n"
            "22  ok\n");
}

TEST(TextTable, ControlCharactersAreShownNotObeyed) {
  TextTable table({"examples"});
  table.AddRow({"a\nb\x1b[31mc"});
  EXPECT_EQ(table.ToString(Terminal()), "examples\na b␛[31mc\n");
}

}  // namespace
}  // namespace roicast::client
