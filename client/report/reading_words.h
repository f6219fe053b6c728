// How a file was read, in words.
#pragma once

#include <string>

#include "roicast/v1/reading.pb.h"

namespace roicast::client {

// "400 rows, from UTF-8 text with commas between the cells and a header on line 1."
std::string FileWords(const v1::FileReading& file);
// "number 1.234,50 in EUR", "time, day first", "words".
std::string ColumnWords(const v1::ColumnReading& column);

}  // namespace roicast::client
