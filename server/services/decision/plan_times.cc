#include "server/services/decision/plan_times.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "model/data/schema.h"
#include "model/explanation/background.h"
#include "model/features/preprocessor.h"
#include "server/services/decision/calendar_feature.h"
#include "server/services/decision/decision_call.h"

namespace roicast {
namespace {

using Caveats = google::protobuf::RepeatedPtrField<v1::Caveat>;

constexpr float kYearHours = 366 * 24;
// Two times of one campaign are that near, or at one distance.
constexpr float kNearHours = 100 * 24;
constexpr float kOneDistanceHours = 2 * 24;

std::string Date(int64_t seconds) {
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(seconds), absl::UTCTimeZone());
}
std::string DateOfHour(double hours) { return Date(static_cast<int64_t>(hours) * 3600); }

std::string Days(double hours) { return absl::StrFormat("%g", std::round(hours / 24)); }

// The feature that moves; −1: there is none, or it is not clear which.
int MovingTime(const Schema& schema, const std::string& name) {
  int found = -1;
  for (int f = 0; f < schema.size(); ++f) {
    const Feature& feature = schema.features[static_cast<size_t>(f)];
    if (feature.kind != FeatureKind::kTime || (!name.empty() && feature.name != name)) continue;
    if (found >= 0) return -1;
    found = f;
  }
  return found;
}

int DurationOf(const Schema& schema, const PacingProblem& problem) {
  return schema.IndexOf(problem.duration_feature.empty() ? "duration_days" : problem.duration_feature);
}

struct Distances {
  float low = std::numeric_limits<float>::infinity();
  float high = -std::numeric_limits<float>::infinity();
  bool is_duration = true;  // in all rows, within a day
};

Distances DistancesOf(const Schema& schema, const PacingProblem& problem, int time, int other, int duration) {
  Distances distances;
  distances.is_duration = duration >= 0;
  const auto width = static_cast<size_t>(schema.size());
  const std::vector<float>& rows = problem.whole.rows;
  for (size_t row = 0; row + width <= rows.size(); row += width) {
    const float distance = rows[row + static_cast<size_t>(other)] - rows[row + static_cast<size_t>(time)];
    if (std::isnan(distance)) continue;
    distances.low = std::min(distances.low, distance);
    distances.high = std::max(distances.high, distance);
    if (duration >= 0) {
      const float lasts = 24 * rows[row + static_cast<size_t>(duration)];
      distances.is_duration = distances.is_duration && std::fabs(lasts - distance) <= 24;
    }
  }
  return distances;
}

bool IsOfTheCampaign(const Distances& distances) {
  if (distances.low >= -kNearHours && distances.high <= kNearHours) return true;
  return distances.high - distances.low <= kOneDistanceHours && std::fabs(distances.low) <= 2 * kYearHours;
}

std::string DistanceText(const Distances& distances) {
  if (distances.low == distances.high) return absl::StrCat(Days(distances.low), " days");
  return absl::StrCat(Days(distances.low), " to ", Days(distances.high), " days");
}

void SayCalendarFeatures(const Schema& schema, const PacingProblem& problem, int time, Caveats* caveats) {
  const std::string& name = schema.features[static_cast<size_t>(time)].name;
  for (int f = 0; f < schema.size(); ++f) {
    const auto role = FindCalendarRole(schema, f, time, problem.whole.rows);
    if (!role.has_value()) continue;
    // Of rows and periods within one year, the year stays what it is.
    std::set<int> parts;
    const auto width = static_cast<size_t>(schema.size());
    for (size_t row = static_cast<size_t>(time); row < problem.whole.rows.size(); row += width) {
      const float hours = problem.whole.rows[row];
      if (std::isfinite(hours)) parts.insert(CalendarPart(*role, static_cast<int64_t>(hours) * 3600));
    }
    for (const Period& period : problem.periods) parts.insert(CalendarPart(*role, period.start));
    if (parts.size() < 2) continue;
    const std::string& told = schema.features[static_cast<size_t>(f)].name;
    AddCaveat(caveats, "calendar_stays",
              absl::StrCat("\"", told, "\" looks like the ", CalendarRoleName(*role), " of \"", name,
                           "\", and stays as it is in all periods while that moves: what is promised of the periods "
                           "is then of times that contradict each other; train without \"",
                           told, "\", which follows from \"", name, "\""));
  }
}

// Which times training had, as far as a version tells.
struct LearntTimes {
  bool known = false;  // of all rows, otherwise of the typical ones
  double first = std::numeric_limits<double>::quiet_NaN(), last = first;
};

std::vector<float> TypicalTimes(const ServedModel& model, int time) {
  std::vector<float> times;
  const std::optional<Background>& typical = model.decisions().background;
  if (!typical.has_value()) return times;
  const auto width = static_cast<size_t>(model.schema().size());
  for (size_t at = static_cast<size_t>(time); at < typical->rows.size(); at += width) {
    if (std::isfinite(typical->rows[at])) times.push_back(typical->rows[at]);
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

LearntTimes LearntTimesOf(const ServedModel& model, int time, const std::vector<float>& typical) {
  const Feature& feature = model.schema().features[static_cast<size_t>(time)];
  if (std::isfinite(feature.seen_max)) return {true, feature.seen_min, feature.seen_max};
  if (typical.empty()) return {};
  return {false, typical.front(), typical.back()};
}

void SayUnseenMonths(const Feature& feature, const PacingProblem& problem, Caveats* caveats) {
  std::vector<std::string> months;
  for (const Period& period : problem.periods) {
    const int month = CalendarPart(CalendarRole::kMonth, period.start) - 1;
    if ((feature.seen_months >> month & 1) != 0) continue;
    std::string name = absl::FormatTime("%B", absl::FromUnixSeconds(period.start), absl::UTCTimeZone());
    if (std::find(months.begin(), months.end(), name) == months.end()) months.push_back(std::move(name));
  }
  if (months.empty()) return;
  AddCaveat(caveats, "outside_training_range",
            absl::StrCat("training has no row in ", absl::StrJoin(months, ", "), ": \"", feature.name, "\" is there ",
                         DateOfHour(feature.seen_min), " to ", DateOfHour(feature.seen_max),
                         ", and what is special about other months is not in the model"));
}

// The model takes times long after those that it learnt from for its last ones, and knows the seasons alone.
void SayTimesOutside(const ServedModel& model, const PacingProblem& problem, int time,
                     const std::vector<float>& typical, Caveats* caveats) {
  const Feature& feature = model.schema().features[static_cast<size_t>(time)];
  const LearntTimes learnt = LearntTimesOf(model, time, typical);
  if (std::isnan(learnt.first)) return;
  const int64_t first = problem.periods.front().start, last = problem.periods.back().start;
  const double latest = learnt.known ? LatestUsualHour(feature) : learnt.last + kYearHours;
  const char* const which = learnt.known ? "last" : "latest typical";
  if (HoursSinceEpoch(last) > latest) {
    const bool year = latest - learnt.last >= kYearHours;
    AddCaveat(
        caveats, "outside_training_range",
        absl::StrCat("the plan goes to ", Date(last), ", ", year ? "more than a year" : "farther than training covers",
                     " beyond \"", feature.name, "\" in training, of which the ", which, " value is ",
                     DateOfHour(learnt.last), ": what has changed since is not in the model"));
  }
  const double earliest = learnt.known ? learnt.first : learnt.first - kYearHours;
  if (HoursSinceEpoch(first) < earliest) {
    AddCaveat(caveats, "outside_training_range",
              absl::StrCat("the plan begins on ", Date(first), ", before all of \"", feature.name,
                           "\" in training, of which the ", learnt.known ? "first" : "earliest typical", " value is ",
                           DateOfHour(learnt.first)));
  }
  SayUnseenMonths(feature, problem, caveats);
}

// What a row of training covers, where its times are on a grid: "month", "week", "quarter", "year"; empty: they are
// not.
std::string GridOf(const std::vector<float>& times) {
  constexpr size_t kFewest = 4;
  if (times.size() < kFewest) return "";
  std::set<int> days, months, weekdays;
  bool ends = true;
  for (const float hours : times) {
    const absl::CivilDay day =
        absl::ToCivilDay(absl::FromUnixSeconds(static_cast<int64_t>(hours) * 3600), absl::UTCTimeZone());
    days.insert(day.day());
    months.insert(day.month());
    weekdays.insert(static_cast<int>(absl::GetWeekday(day)));
    ends = ends && absl::CivilMonth(day + 1) != absl::CivilMonth(day);
  }
  if (days.size() == 1 || ends) {
    if (months.size() == 1) return "year";
    std::set<int> of_quarter;
    for (const int month : months) of_quarter.insert(month % 3);
    return of_quarter.size() == 1 ? "quarter" : "month";
  }
  return weekdays.size() == 1 ? "week" : "";
}

std::string UnitName(v1::PeriodUnit unit) {
  if (unit == v1::PERIOD_UNIT_DAY) return "day";
  return unit == v1::PERIOD_UNIT_MONTH ? "month" : "week";
}

void SayPeriodLength(const Schema& schema, const PacingProblem& problem, int time, v1::PeriodUnit unit,
                     const std::vector<float>& typical, Caveats* caveats) {
  if (DurationOf(schema, problem) >= 0) return;
  const std::string& name = schema.features[static_cast<size_t>(time)].name;
  const std::string period = UnitName(unit);
  for (const MovingFeature& other : problem.moving) {
    Distances distances = DistancesOf(schema, problem, time, other.feature, -1);
    if (!(distances.low + distances.high > 0)) continue;
    // From a day to a day, both count.
    const bool whole = std::fmod(distances.low, 24) == 0 && std::fmod(distances.high, 24) == 0;
    if (whole) distances = {distances.low + 24, distances.high + 24};
    const double days = problem.periods.front().days, lasts = (distances.low + distances.high) / 48;
    if (lasts > 0.7 * days && lasts < 1.4 * days) return;
    AddCaveat(
        caveats, "period_length",
        absl::StrCat("from \"", name, "\" to \"", schema.features[static_cast<size_t>(other.feature)].name,
                     "\" the rows last ", DistanceText(distances), whole ? ", both ends counted" : "", ", and each ",
                     period, " is credited with what such a row returns: plan by periods of that length"));
    return;
  }
  const std::string grid = GridOf(typical);
  if (grid == period) return;
  if (!grid.empty()) {
    AddCaveat(caveats, "period_length",
              absl::StrCat("a row of training seems to cover a ", grid, ", as the values of \"", name,
                           "\" show, and no feature says how long a row lasts: each ", period,
                           " of the plan is credited ", "with what a whole ", grid, " returned",
                           grid == "month" ? "; plan with months" : "", grid == "week" ? "; plan with weeks" : ""));
    return;
  }
  AddCaveat(caveats, "period_length",
            absl::StrCat("no feature says how long a row lasts: each ", period,
                         " is credited with what a row of training returned, however long that ran"));
}

}  // namespace

void MoveTimesAlong(const ServedModel& model, PacingProblem& problem, Caveats* caveats) {
  const Schema& schema = model.schema();
  const int time = MovingTime(schema, problem.time_feature);
  if (time < 0) return;
  const std::string& name = schema.features[static_cast<size_t>(time)].name;
  const int duration = DurationOf(schema, problem);
  for (int f = 0; f < schema.size(); ++f) {
    const Feature& other = schema.features[static_cast<size_t>(f)];
    if (f == time || other.kind != FeatureKind::kTime) continue;
    const Distances distances = DistancesOf(schema, problem, time, f, duration);
    if (distances.low > distances.high) {
      AddCaveat(caveats, "time_stays",
                absl::StrCat("\"", other.name, "\" is a time as well, and stays as it is: no row has both it and \"",
                             name, "\""));
    } else if (IsOfTheCampaign(distances)) {
      problem.moving.push_back({f, distances.is_duration});
      AddCaveat(caveats, "time_moves_along",
                absl::StrCat("\"", other.name, "\" moves along with \"", name, "\": it is ", DistanceText(distances),
                             " behind it in the rows",
                             distances.is_duration ? ", as long as they last, which is then the period's length" : ""));
    } else {
      AddCaveat(caveats, "time_stays",
                absl::StrCat("\"", other.name, "\" is a time as well, and stays as it is while \"", name,
                             "\" moves: it is ", DistanceText(distances), " behind it in the rows"));
    }
  }
  SayCalendarFeatures(schema, problem, time, caveats);
}

void AddPeriodCaveats(const ServedModel& model, const PacingProblem& problem, v1::PeriodUnit unit, Caveats* caveats) {
  const Schema& schema = model.schema();
  const int time = MovingTime(schema, problem.time_feature);
  if (time < 0) return;
  const std::vector<float> typical = TypicalTimes(model, time);
  SayTimesOutside(model, problem, time, typical, caveats);
  SayPeriodLength(schema, problem, time, unit, typical, caveats);
}

}  // namespace roicast
