#include "model/data/structure/entities.h"

#include <algorithm>
#include <cmath>
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

using NameWords = absl::flat_hash_set<absl::string_view>;

bool HasAny(const ColumnName& name, const NameWords& words) {
  return std::any_of(name.words.begin(), name.words.end(),
                     [&](const std::string& word) { return words.contains(word); });
}

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

class EntitySearch {
 public:
  EntitySearch(const Table& table, const EntityQuestion& question, const StopCheck& stop)
      : table_(table), question_(question), stop_(stop) {}

  std::optional<Entities> Find() {
    std::optional<Entities> best;
    bool best_is_named = false;
    for (const Column& column : table_.columns()) {
      if (!CheckStop(stop_).ok()) return std::nullopt;
      if (column.kind == FeatureKind::kTime || IsMoney(column) || IsNamedLikeNone(column.name)) continue;
      std::optional<Entities> found = Judge(column);
      if (!found.has_value()) continue;
      const bool named = IsNamedLikeEntity(column.name);
      const bool better = !best.has_value() || named > best_is_named ||
                          (named == best_is_named && !named && found->count > best->count);
      if (!better) continue;
      best = std::move(found);
      best_is_named = named;
    }
    return best;
  }

 private:
  bool IsMoney(const Column& column) const {
    return column.name == question_.spend_column || column.name == question_.revenue_column ||
           column.name == question_.target_column;
  }

  std::optional<Entities> Judge(const Column& column) const {
    Entities entities = Numbered(column, question_.rows, false);
    if (entities.count < kFewestEntities) return std::nullopt;
    std::vector<int64_t> sizes(static_cast<size_t>(entities.count));
    int64_t rows = 0;
    for (const int64_t row : question_.rows) {
      const int64_t entity = entities.of_row[static_cast<size_t>(row)];
      if (entity < 0) continue;
      ++sizes[static_cast<size_t>(entity)];
      ++rows;
    }
    const auto middle = sizes.begin() + static_cast<int64_t>(sizes.size() / 2);
    std::nth_element(sizes.begin(), middle, sizes.end());
    if (*middle < kMedianRows || rows * 2 < static_cast<int64_t>(question_.rows.size())) return std::nullopt;
    for (const Column& other : table_.columns()) {
      if (!CheckStop(stop_).ok()) return std::nullopt;
      if (other.name == column.name || IsMoney(other)) continue;
      if (other.kind == FeatureKind::kTime) {
        if (ShareOfConstant(entities, other) > kMostOfOneTime) return std::nullopt;
      } else if (IsConstantWithin(entities, other)) {
        entities.constant.push_back(other.name);
        // The number of inhabitants stands for the place.
        if (IsNamedLikeNone(other.name) && Numbered(other, question_.rows, false).count == entities.count) {
          return std::nullopt;
        }
      }
    }
    // A number counts, unless it is an identifier: "ProductRelated".
    const bool names = column.kind == FeatureKind::kCategorical || IsNamedLikeIdentifier(column.name);
    if (entities.constant.empty() && !(names && IsNamedLikeEntity(column.name))) return std::nullopt;
    return entities;
  }

  // Of the entities with two rows or more; missing cells are a value.
  double ShareOfConstant(const Entities& entities, const Column& other) const {
    const Entities values = Numbered(other, question_.rows, true);
    return ShareOfConstant(entities, values).share;
  }

  struct Constancy {
    double share = 0.0;
    int64_t repeats = 0;  // rows beside the first of each entity that is constant
  };

  Constancy ShareOfConstant(const Entities& entities, const Entities& values) const {
    constexpr int64_t kNone = -1, kSeveral = -2;
    std::vector<int64_t> value(static_cast<size_t>(entities.count), kNone), rows(static_cast<size_t>(entities.count));
    for (const int64_t row : question_.rows) {
      const int64_t entity = entities.of_row[static_cast<size_t>(row)];
      if (entity < 0) continue;
      int64_t& seen = value[static_cast<size_t>(entity)];
      const int64_t here = values.of_row[static_cast<size_t>(row)];
      if (seen == kNone) seen = here;
      if (seen != here) seen = kSeveral;
      ++rows[static_cast<size_t>(entity)];
    }
    Constancy constancy;
    int64_t compared = 0, constant = 0;
    for (size_t i = 0; i < value.size(); ++i) {
      if (rows[i] < 2) continue;
      ++compared;
      if (value[i] == kSeveral) continue;
      ++constant;
      constancy.repeats += rows[i] - 1;
    }
    if (compared > 0) constancy.share = static_cast<double>(constant) / static_cast<double>(compared);
    return constancy;
  }

  bool IsConstantWithin(const Entities& entities, const Column& other) const {
    const Entities values = Numbered(other, question_.rows, true);
    if (values.count < 2) return false;
    const Constancy constancy = ShareOfConstant(entities, values);
    if (constancy.share < 1.0 - kMostBroken) return false;
    // That two rows have the same value by chance.
    std::vector<double> rows_of(static_cast<size_t>(values.count));
    for (const int64_t row : question_.rows) ++rows_of[static_cast<size_t>(values.of_row[static_cast<size_t>(row)])];
    double same = 0.0;
    const auto n = static_cast<double>(question_.rows.size());
    for (const double rows : rows_of) same += rows / n * (rows / n);
    return static_cast<double>(constancy.repeats) * std::log(same) < kLogChance;
  }

  const Table& table_;
  const EntityQuestion& question_;
  const StopCheck& stop_;
};

}  // namespace

std::optional<Entities> FindEntities(const Table& table, const EntityQuestion& question, const StopCheck& stop) {
  return EntitySearch(table, question, stop).Find();
}

Entities EntitiesOf(const Column& column, absl::Span<const int64_t> rows) { return Numbered(column, rows, false); }

}  // namespace roicast
