#include "model/data/structure/entities.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "model/data/meaning/column_name.h"
#include "model/data/meaning/identifier_names.h"

namespace roicast {
namespace {

constexpr int64_t kMedianRows = 3;
// Values within which another column may differ, by mistakes.
constexpr double kMostBroken = 0.02;
constexpr double kLogChance = -20.7;  // ln 10⁻⁹
// A column that has one time in so many of its values tells times apart, not campaigns.
constexpr double kMostOfOneTime = 0.5;
// Each is compared with all columns.
constexpr int kMostCandidates = 256;

using NameWords = absl::flat_hash_set<absl::string_view>;

bool HasAny(const ColumnName& name, const NameWords& words) {
  return std::any_of(name.words.begin(), name.words.end(),
                     [&](const std::string& word) { return words.contains(word); });
}

bool IsNamedLikeNone(const std::string& text) {
  static const NameWords& words = *new NameWords{
      "country", "countries", "region",  "state",   "city",     "town",      "zip",     "zipcode", "postcode", "plz",
      "geo",     "dma",       "county",  "land",    "stadt",    "ort",       "ville",   "pays",    "pais",     "ciudad",
      "place",   "location",  "market",  "channel", "kanal",    "medium",    "source",  "device",  "platform", "hour",
      "week",    "month",     "quarter", "year",    "day",      "date",      "weekday", "time",    "woche",    "monat",
      "jahr",    "tag",       "stunde",  "datum",   "latitude", "longitude", "lat",     "lon",     "lng",      "age"};
  return HasAny(ReadColumnName(text), words);
}

Entities Numbered(const Column& column, absl::Span<const int64_t> rows, bool with_missing) {
  Entities entities;
  entities.column = column.name;
  entities.of_row.assign(static_cast<size_t>(column.size()), -1);
  absl::flat_hash_map<double, int64_t> number_of;
  int64_t of_missing = -1;
  for (const int64_t row : rows) {
    int64_t& entity = entities.of_row[static_cast<size_t>(row)];
    if (column.IsMissing(row)) {
      if (!with_missing) continue;
      if (of_missing < 0) of_missing = entities.count++;
      entity = of_missing;
      continue;
    }
    const double value =
        column.kind == FeatureKind::kCategorical ? static_cast<double>(column.codes[row]) : column.numbers[row] + 0.0;
    const auto [found, is_new] = number_of.try_emplace(value, entities.count);
    if (is_new) ++entities.count;
    entity = found->second;
  }
  return entities;
}

// A cell of a column; a missing one is a value, too.
double ValueOf(const Column& column, int64_t row) {
  constexpr double kMissing = std::numeric_limits<double>::lowest();
  if (column.IsMissing(row)) return kMissing;
  return column.kind == FeatureKind::kCategorical ? static_cast<double>(column.codes[row]) : column.numbers[row] + 0.0;
}

// A column whose values may be entities, with the rows of each that has two or more.
struct Candidate {
  const Column* column;
  Entities entities;
  std::vector<std::vector<int64_t>> rows_of;  // ascending

  // Of numbers and sorted by them: the first row of each. Else empty.
  std::vector<int64_t> FirstRowsByNumber() const {
    std::vector<int64_t> first;
    if (column->kind == FeatureKind::kCategorical) return first;
    for (const std::vector<int64_t>& rows : rows_of) first.push_back(rows.front());
    std::sort(first.begin(), first.end(),
              [&](int64_t a, int64_t b) { return column->numbers[a] < column->numbers[b]; });
    return first;
  }
};

// How often values of a column repeat in rows that have nothing to do with each other.
struct Repeats {
  int64_t values = 0;   // different ones
  double most = 0.0;    // the share of rows with the commonest value
  double in_two = 0.0;  // the chance that two rows have the same
  // That `rows` of them have, at most: Σ fⁿ ≤ max fⁿ⁻² · Σ f².
  double In(size_t rows) const { return in_two * std::pow(most, static_cast<double>(rows) - 2.0); }
};

class EntitySearch {
 public:
  EntitySearch(const Table& table, const EntityQuestion& question, const StopCheck& stop)
      : table_(table), question_(question), stop_(stop), repeats_(table.columns().size()) {}

  std::optional<Entities> Find() {
    std::vector<const Column*> columns;
    for (const Column& column : table_.columns()) {
      if (column.kind == FeatureKind::kTime || IsMoney(column) || IsNamedLikeNone(column.name)) continue;
      columns.push_back(&column);
    }
    std::stable_partition(columns.begin(), columns.end(),
                          [](const Column* column) { return IsNamedLikeEntity(column->name); });
    std::optional<Entities> best;
    int judged = 0;
    for (const Column* const column : columns) {
      if (!CheckStop(stop_).ok()) return std::nullopt;
      const bool named = IsNamedLikeEntity(column->name);
      if (best.has_value() && IsNamedLikeEntity(best->column)) break;  // The first one that is named so.
      std::optional<Candidate> candidate = CandidateOf(*column);
      if (!candidate.has_value()) continue;
      if (!named && best.has_value() && candidate->entities.count <= best->count) continue;
      if (++judged > kMostCandidates) break;
      if (Judge(*candidate)) best = std::move(candidate->entities);
    }
    return CheckStop(stop_).ok() ? best : std::nullopt;
  }

 private:
  bool IsMoney(const Column& column) const {
    return column.name == question_.spend_column || column.name == question_.revenue_column ||
           column.name == question_.target_column;
  }

  std::optional<Candidate> CandidateOf(const Column& column) const {
    Candidate candidate{&column, Numbered(column, question_.rows, false), {}};
    const Entities& entities = candidate.entities;
    if (entities.count < kFewestEntities) return std::nullopt;
    std::vector<int64_t> sizes(static_cast<size_t>(entities.count));
    int64_t rows = 0;
    for (const int64_t row : question_.rows) {
      const int64_t entity = entities.of_row[static_cast<size_t>(row)];
      if (entity < 0) continue;
      ++sizes[static_cast<size_t>(entity)];
      ++rows;
    }
    std::vector<int64_t> sorted = sizes;
    const auto middle = sorted.begin() + static_cast<int64_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    if (*middle < kMedianRows || rows * 2 < static_cast<int64_t>(question_.rows.size())) return std::nullopt;
    candidate.rows_of.resize(sizes.size());
    for (const int64_t row : question_.rows) {
      const int64_t entity = entities.of_row[static_cast<size_t>(row)];
      if (entity >= 0 && sizes[static_cast<size_t>(entity)] >= 2) {
        candidate.rows_of[static_cast<size_t>(entity)].push_back(row);
      }
    }
    std::vector<std::vector<int64_t>>& rows_of = candidate.rows_of;
    rows_of.erase(std::remove_if(rows_of.begin(), rows_of.end(), [](const auto& some) { return some.empty(); }),
                  rows_of.end());
    return candidate;
  }

  // Whether its values are entities; fills in what is constant within them.
  bool Judge(Candidate& candidate) {
    const Column& column = *candidate.column;
    Entities& entities = candidate.entities;
    if (TellsTimesApart(candidate)) return false;
    const std::vector<int64_t> by_number = candidate.FirstRowsByNumber();
    for (size_t i = 0; i < table_.columns().size(); ++i) {
      const Column& other = table_.columns()[i];
      if (!CheckStop(stop_).ok()) return false;
      if (other.name == column.name || IsMoney(other)) continue;
      if (other.kind == FeatureKind::kTime) continue;
      if (IsConstantWithin(candidate, i) && !FollowsTheOrder(by_number, other, entities.count)) {
        entities.constant.push_back(other.name);
        // The number of inhabitants stands for the place.
        if (IsNamedLikeNone(other.name) && RepeatsOf(i).values == entities.count) return false;
      }
    }
    // A number counts, unless it is an identifier: "ProductRelated".
    const bool names = column.kind == FeatureKind::kCategorical || IsNamedLikeIdentifier(column.name);
    return !entities.constant.empty() || (names && IsNamedLikeEntity(column.name));
  }

  // Whether all times that vary over the rows are constant within its values: then these are weeks, and no campaigns.
  // One time may belong to campaigns, as the day on which each began does, if another one tells their rows apart; but
  // what that one time determines, and is no name of campaigns, is another way to write it: the macroeconomy of a week.
  bool TellsTimesApart(const Candidate& candidate) const {
    bool any = false, all = true;
    for (const Column& time : table_.columns()) {
      if (time.kind != FeatureKind::kTime || IsConstant(time) || !CheckStop(stop_).ok()) continue;
      any = true;
      if (ConstantOf(candidate, time, 1.0 - kMostOfOneTime) < 0) {
        all = false;
      } else if (!IsNamedLikeEntity(candidate.column->name) && Determines(time, candidate.entities)) {
        return true;
      }
    }
    return any && all;
  }

  bool IsConstant(const Column& column) const {
    return std::all_of(question_.rows.begin(), question_.rows.end(),
                       [&](int64_t row) { return ValueOf(column, row) == ValueOf(column, question_.rows.front()); });
  }

  // Whether nearly all rows have a value of `column` that tells their entity.
  bool Determines(const Column& column, const Entities& entities) const {
    struct Value {
      int64_t entity, rows = 0;
      bool has_others = false;
    };
    absl::flat_hash_map<double, Value> values;
    for (const int64_t row : question_.rows) {
      const int64_t entity = entities.of_row[static_cast<size_t>(row)];
      Value& value = values.try_emplace(ValueOf(column, row), Value{entity}).first->second;
      value.has_others = value.has_others || value.entity != entity;
      ++value.rows;
    }
    int64_t not_told = 0;
    for (const auto& [time, value] : values) not_told += value.has_others ? value.rows : 0;
    return static_cast<double>(not_told) <= kMostBroken * static_cast<double>(question_.rows.size());
  }

  // How many of the entities with several rows have one value of `other`; −1: more than the share `broken` has several.
  // Most columns are decided after a few entities.
  static int64_t ConstantOf(const Candidate& candidate, const Column& other, double broken) {
    const auto count = static_cast<double>(candidate.rows_of.size());
    int64_t several = 0;
    for (const std::vector<int64_t>& rows : candidate.rows_of) {
      const double first = ValueOf(other, rows.front());
      if (std::all_of(rows.begin(), rows.end(), [&](int64_t row) { return ValueOf(other, row) == first; })) continue;
      if (static_cast<double>(++several) > broken * count) return -1;
    }
    return static_cast<int64_t>(candidate.rows_of.size()) - several;
  }

  const Repeats& RepeatsOf(size_t index) {
    std::optional<Repeats>& known = repeats_[index];
    if (known.has_value()) return *known;
    absl::flat_hash_map<double, int64_t> rows_of;
    for (const int64_t row : question_.rows) ++rows_of[ValueOf(table_.columns()[index], row)];
    Repeats repeats;
    repeats.values = static_cast<int64_t>(rows_of.size());
    for (const auto& [value, rows] : rows_of) {
      const double share = static_cast<double>(rows) / static_cast<double>(question_.rows.size());
      repeats.most = std::max(repeats.most, share);
      repeats.in_two += share * share;
    }
    return known.emplace(repeats);
  }

  // As chance would not make it. The number of constant entities is a sum of independent trials, so that by Hoeffding's
  // bound (1963, theorem 1) P(share ≥ s) ≤ exp(−n · KL(s ‖ p)), p: the mean chance of one of them.
  bool IsConstantWithin(const Candidate& candidate, size_t index) {
    const int64_t constant = ConstantOf(candidate, table_.columns()[index], kMostBroken);
    if (constant < 0) return false;
    const Repeats& repeats = RepeatsOf(index);
    if (repeats.values < 2) return false;
    const auto n = static_cast<double>(candidate.rows_of.size());
    double p = 0.0;
    for (const std::vector<int64_t>& rows : candidate.rows_of) p += repeats.In(rows.size()) / n;
    const double share = static_cast<double>(constant) / n;
    if (share <= p) return false;
    double divergence = share * std::log(share / p);
    if (share < 1.0) divergence += (1.0 - share) * std::log((1.0 - share) / (1.0 - p));
    return -n * divergence < kLogChance;
  }

  // A class of a number, or the number in another unit, is constant within the number, and tells of no campaign.
  // by_number: the first rows of entities that are numbers, in their order; empty: they are words.
  static bool FollowsTheOrder(absl::Span<const int64_t> by_number, const Column& other, int64_t entities) {
    if (by_number.empty()) return false;
    int64_t runs = 1;
    bool rises = true, falls = true;
    absl::flat_hash_set<double> values = {ValueOf(other, by_number[0])};
    for (size_t i = 1; i < by_number.size(); ++i) {
      const double before = ValueOf(other, by_number[i - 1]), here = ValueOf(other, by_number[i]);
      runs += here == before ? 0 : 1;
      rises = rises && here >= before;
      falls = falls && here <= before;
      values.insert(here);
    }
    if (other.kind != FeatureKind::kCategorical && (rises || falls)) return true;
    const auto count = static_cast<int64_t>(values.size());
    return runs == count && 2 * count <= entities;
  }

  const Table& table_;
  const EntityQuestion& question_;
  const StopCheck& stop_;
  std::vector<std::optional<Repeats>> repeats_;  // per column, once asked for
};

}  // namespace

bool IsNamedLikeEntity(const std::string& text) {
  static const NameWords& words = *new NameWords{
      "campaign",  "campaigns",    "campaignname", "kampagne",       "campagne", "campana",   "campanha",  "campagna",
      "kampania",  "adset",        "adgroup",      "anzeigengruppe", "anzeige",  "ad",        "ads",       "creative",
      "placement", "keyword",      "keywords",     "suchbegriff",    "asin",     "sku",       "product",   "produkt",
      "produit",   "producto",     "prodotto",     "item",           "artikel",  "publisher", "affiliate", "advertiser",
      "client",    "customer",     "store",        "influencer",     "partner",  "offer",     "кампания",  "广告系列",
      "广告计划",  "キャンペーン", "캠페인"};
  return HasAny(ReadColumnName(text), words);
}

std::optional<Entities> FindEntities(const Table& table, const EntityQuestion& question, const StopCheck& stop) {
  return EntitySearch(table, question, stop).Find();
}

Entities EntitiesOf(const Column& column, absl::Span<const int64_t> rows) { return Numbered(column, rows, false); }

}  // namespace roicast
