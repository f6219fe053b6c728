#include "client/scoring/column_options.h"

namespace roicast::client {

std::optional<TimeFormat> TimeFormatFromProto(v1::TimeFormat format) {
  switch (format) {
    case v1::TIME_FORMAT_ISO:
      return TimeFormat::kIso;
    case v1::TIME_FORMAT_DAY_FIRST:
      return TimeFormat::kDayFirst;
    case v1::TIME_FORMAT_MONTH_FIRST:
      return TimeFormat::kMonthFirst;
    case v1::TIME_FORMAT_YEAR_FIRST:
      return TimeFormat::kYearFirst;
    case v1::TIME_FORMAT_MONTH_NAME:
      return TimeFormat::kMonthName;
    case v1::TIME_FORMAT_COMPACT:
      return TimeFormat::kCompact;
    case v1::TIME_FORMAT_ISO_WEEK:
      return TimeFormat::kIsoWeek;
    case v1::TIME_FORMAT_QUARTER:
      return TimeFormat::kQuarter;
    case v1::TIME_FORMAT_EPOCH_SECONDS:
      return TimeFormat::kEpochSeconds;
    case v1::TIME_FORMAT_EPOCH_MILLISECONDS:
      return TimeFormat::kEpochMilliseconds;
    case v1::TIME_FORMAT_EXCEL_SERIAL:
      return TimeFormat::kExcelSerial;
    default:
      return std::nullopt;
  }
}

MissingSpellings MissingOf(const v1::Model& model, std::vector<std::string> said) {
  for (const std::string& word : model.report().cleaning().reading().missing_values()) said.push_back(word);
  return MissingSpellings(said);
}

ColumnOptions ColumnOptionsFromProto(const v1::ColumnFormat& format) {
  ColumnOptions options;
  options.name = format.name();
  if (format.decimal_mark() == v1::DECIMAL_MARK_POINT) options.decimal_mark = '.';
  if (format.decimal_mark() == v1::DECIMAL_MARK_COMMA) options.decimal_mark = ',';
  options.time = TimeFormatFromProto(format.times());
  if (format.has_scale()) options.scale = format.scale();
  return options;
}

}  // namespace roicast::client
