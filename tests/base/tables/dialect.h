// One table, written in a random one of the ways in which people's tools write tables.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "base/tables/file_form.h"

namespace roicast::testing {

struct PlainTable {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
};

// 2 to 6 columns: names of campaigns first, then words, text with quotes and line ends, and amounts. At least 4 rows.
PlainTable RandomTable(Random& random);

struct DialectFile {
  std::string bytes;
  FileForm form;
  // Whether the encoding has all characters of the table.
  bool lossless = true;
  // What is written around the table, for messages.
  std::string description;
};

// A reader finds the same table in it.
DialectFile WriteInRandomDialect(const PlainTable& table, Random& random);

}  // namespace roicast::testing
