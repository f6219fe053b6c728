#pragma once

#include "base/tables/table_writer.h"

namespace roicast {

using CsvWriter = TableWriter;

}  // namespace roicast
