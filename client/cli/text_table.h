// Columns of text, aligned and fitted to the terminal.
#pragma once

#include <string>
#include <vector>

#include "client/cli/terminal.h"

namespace roicast::client {

// Cells that look like numbers are aligned to the right. If the table is wider than the terminal, kCut columns are cut,
// then kDrop columns are dropped, the last one first, then all others are cut. A line below the table says so.
class TextTable {
 public:
  enum class WhenNarrow {
    // Cut only as a last resort.
    kKeep,
    // Cut to 12 columns, or to its title, before any column is dropped.
    kCut,
    kDrop,
  };
  struct Column {
    Column(std::string name, WhenNarrow what = WhenNarrow::kKeep) : title(std::move(name)), when_narrow(what) {}
    Column(const char* name) : title(name) {}
    std::string title;
    WhenNarrow when_narrow = WhenNarrow::kKeep;
  };

  // At least one column.
  explicit TextTable(std::vector<Column> columns);
  // As many cells as there are columns. They may come from outside: see Printable.
  void AddRow(std::vector<Toned> cells);
  bool empty() const { return rows_.empty(); }
  // Each line starts with `indent`.
  std::string ToString(const Terminal& terminal, const std::string& indent = "") const;

 private:
  struct Layout;
  Layout Natural() const;
  void Narrow(size_t width, Layout* layout) const;
  std::string NarrowedText(const Layout& natural, const Layout& layout) const;

  const std::vector<Column> columns_;
  std::vector<std::vector<Toned>> rows_;
};

}  // namespace roicast::client
