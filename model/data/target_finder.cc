#include "model/data/target_finder.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/tables/note.h"
#include "base/tables/number_form.h"
#include "model/data/meaning/column_name.h"
#include "model/data/meaning/result_columns.h"
#include "model/data/meaning/target_names.h"
#include "model/data/missing_column.h"

namespace roicast {
namespace {

constexpr size_t kMostShown = 8;

std::string FlagFor(UsualRole role, absl::string_view column) { return ColumnFlag(UsualRoleFlag(role), "", column); }

std::string Quoted(absl::string_view name) { return absl::StrCat("\"", name, "\""); }

// `"a", "b" and 3 more`.
std::string QuotedList(const std::vector<std::string>& names) {
  std::vector<std::string> shown;
  for (const std::string& name : names) {
    if (shown.size() < kMostShown) shown.push_back(Quoted(name));
  }
  return absl::StrCat(absl::StrJoin(shown, ", "),
                      shown.size() < names.size() ? absl::StrCat(" and ", names.size() - shown.size(), " more") : "");
}

bool IsNamedLikeTime(absl::string_view name) {
  const ColumnName column = ReadColumnName(name);
  for (const absl::string_view word :
       {"date", "day", "week", "month", "year", "time", "datum", "woche", "monat", "fecha", "semana", "mes", "data",
        "semaine", "mois", "日期", "日付", "周", "月份"}) {
    if (column.Has(word)) return true;
  }
  return false;
}

class TargetFinder {
 public:
  TargetFinder(absl::Span<const NamedColumn> columns, const TargetSpec& spec) : columns_(columns) {
    found_.spec = spec;
    results_ = FindResultColumns(AllNames());
  }

  absl::StatusOr<FoundTarget> Run() {
    ROICAST_RETURN_IF_ERROR(CheckNamedColumns());
    TargetSpec& spec = found_.spec;
    if (spec.column.empty() && spec.roas_column.empty()) {
      ROICAST_RETURN_IF_ERROR(FindWhatIsOpen());
    }
    ROICAST_RETURN_IF_ERROR(spec.Validate());
    if (!taken_.empty()) SayWhatWasTaken();
    return std::move(found_);
  }

 private:
  absl::Status CheckNamedColumns() const {
    const TargetSpec& spec = found_.spec;
    ROICAST_RETURN_IF_ERROR(spec.Validate());
    struct Field {
      absl::string_view field, flag;
      const std::string& name;
    };
    for (const Field& field : {Field{"target.column", "--target", spec.column},
                               {"target.revenue_column", "--revenue", spec.revenue_column},
                               {"target.spend_column", "--spend", spec.spend_column},
                               {"target.roas_column", "--roas", spec.roas_column}}) {
      if (!field.name.empty() && !Exists(field.name)) {
        return NoSuchColumn(field.field, field.flag, field.name, AllNames());
      }
    }
    return absl::OkStatus();
  }

  absl::Status FindWhatIsOpen() {
    TargetSpec& spec = found_.spec;
    if (spec.revenue_column.empty()) {
      ROICAST_ASSIGN_OR_RETURN(spec.column, TakeOne(UsualRole::kRoi));
      if (!spec.column.empty()) return TakeSpendBeside();
    }
    const bool revenue_open = spec.revenue_column.empty(), spend_open = spec.spend_column.empty();
    const std::vector<std::string> revenues = Candidates(UsualRole::kRevenue), spends = Candidates(UsualRole::kSpend);
    const bool has_revenue = !revenue_open || !revenues.empty(), has_spend = !spend_open || !spends.empty();
    if (has_revenue && has_spend) {
      if (revenue_open) {
        ROICAST_ASSIGN_OR_RETURN(spec.revenue_column, TakeOne(UsualRole::kRevenue));
      }
      if (spend_open) {
        ROICAST_RETURN_IF_ERROR(AskForPlannedSpend(spends));
        ROICAST_ASSIGN_OR_RETURN(spec.spend_column, TakeOne(UsualRole::kSpend));
      }
      return absl::OkStatus();
    }
    if (revenue_open) {
      ROICAST_ASSIGN_OR_RETURN(spec.roas_column, TakeOne(UsualRole::kRoas));
      if (!spec.roas_column.empty()) return TakeSpendBeside();
    }
    ROICAST_RETURN_IF_ERROR(CheckNoPredictions());
    return NothingFound(revenues, spends);
  }

  // A plan may have been followed or not, and the spend of the revenue is one or the other.
  absl::Status AskForPlannedSpend(const std::vector<std::string>& spends) const {
    if (results_.planned_spend.empty() || spends.empty()) return absl::OkStatus();
    std::vector<std::string> all = spends, flags;
    all.push_back(results_.planned_spend);
    for (const std::string& name : all) flags.push_back(FlagFor(UsualRole::kSpend, name));
    return absl::InvalidArgumentError(absl::StrCat(
        "target: the table is a plan that `roicast ", results_.Find(results_.planned_spend)->command, "` wrote, and ",
        QuotedList(all), " may be the spend that brought the results; say which: ", absl::StrJoin(flags, " or ")));
  }

  // Where only what a command wrote could be the target.
  absl::Status CheckNoPredictions() const {
    for (const UsualRole role : {UsualRole::kRoi, UsualRole::kRevenue, UsualRole::kRoas}) {
      if (role == UsualRole::kRevenue && !found_.spec.revenue_column.empty()) continue;
      for (const ResultColumn& column : results_.written) {
        const bool of_role =
            FindUsualName(column.name).role == role || (role == UsualRole::kRoi && column.name == results_.prediction);
        if (of_role) return OnlyPredictions(column.name, column.command, UsualRoleFlag(role));
      }
    }
    return absl::OkStatus();
  }

  // With an ROI or a ROAS, the spend only tells which rows to drop: one that is not clear is left open.
  absl::Status TakeSpendBeside() {
    if (!found_.spec.spend_column.empty()) return absl::OkStatus();
    const std::vector<std::string> spends = Candidates(UsualRole::kSpend);
    ROICAST_RETURN_IF_ERROR(AskForPlannedSpend(spends));
    if (spends.size() == 1 && FindUsualName(spends[0]).rank == 1) {
      ROICAST_ASSIGN_OR_RETURN(found_.spec.spend_column, TakeOne(UsualRole::kSpend));
    } else if (!spends.empty()) {
      DataWarning note;
      note.message = absl::StrCat(
          "no column was taken for the spend, so rows without spend are not dropped: it may be ", QuotedList(spends));
      for (const std::string& name : spends) note.flags.push_back(FlagFor(UsualRole::kSpend, name));
      found_.notes.push_back(std::move(note));
    }
    return absl::OkStatus();
  }

  bool Exists(absl::string_view name) const {
    return std::any_of(columns_.begin(), columns_.end(),
                       [&](const NamedColumn& column) { return column.name == name; });
  }

  std::vector<std::string> AllNames() const {
    std::vector<std::string> names;
    for (const NamedColumn& column : columns_) names.push_back(column.name);
    return names;
  }

  std::vector<std::string> NumericNames() const {
    std::vector<std::string> names;
    for (const NamedColumn& column : columns_) {
      if (column.kind == FeatureKind::kNumeric) names.push_back(column.name);
    }
    return names;
  }

  bool IsTaken(absl::string_view name) const {
    const TargetSpec& spec = found_.spec;
    return name == spec.column || name == spec.revenue_column || name == spec.spend_column || name == spec.roas_column;
  }

  // The columns of the best rank; numeric ones before others, which only serve to say what is wrong with them.
  std::vector<std::string> Candidates(UsualRole role) const {
    std::vector<std::string> best;
    std::pair<int, int> best_order{2, 0};
    for (const NamedColumn& column : columns_) {
      const UsualName usual = FindUsualName(column.name);
      if (usual.role != role || IsTaken(column.name) || results_.Find(column.name) != nullptr) continue;
      const std::pair<int, int> order{column.kind == FeatureKind::kNumeric ? 0 : 1, usual.rank};
      if (order > best_order) continue;
      if (order < best_order) best.clear();
      best_order = order;
      best.push_back(column.name);
    }
    return best;
  }

  // The only candidate; empty if there is none.
  absl::StatusOr<std::string> TakeOne(UsualRole role) {
    std::vector<std::string> candidates = Candidates(role);
    if (candidates.empty()) return std::string();
    if (candidates.size() > 1) {
      std::vector<std::string> flags;
      for (const std::string& name : candidates) flags.push_back(FlagFor(role, name));
      return absl::InvalidArgumentError(absl::StrCat("target: ", candidates.size(), " columns may be the ",
                                                     UsualRoleName(role), ": ", QuotedList(candidates),
                                                     "; say which: ", absl::StrJoin(flags, " or ")));
    }
    taken_.emplace_back(role, candidates.front());
    return candidates.front();
  }

  void SayWhatWasTaken() {
    DataWarning note;
    std::vector<std::string> parts;
    bool usual = true;
    for (const auto& [role, name] : taken_) {
      parts.push_back(absl::StrCat(Quoted(name), " as the ", UsualRoleName(role)));
      usual &= ReadColumnName(name).joined == ReadColumnName(UsualRoleName(role)).joined;
      for (const NamedColumn& column : columns_) {
        if (column.kind != FeatureKind::kNumeric || IsTaken(column.name)) continue;
        if (results_.Find(column.name) != nullptr) continue;
        if (FindUsualName(column.name).role == role) note.flags.push_back(FlagFor(role, column.name));
      }
    }
    // A table with an ROI of its own or its revenue and spend is what is expected.
    if (usual && note.flags.empty()) return;
    note.message =
        absl::StrCat("took ", absl::StrJoin(parts, " and "), ", by ", parts.size() == 1 ? "its name" : "their names");
    found_.notes.insert(found_.notes.begin(), std::move(note));
  }

  absl::Status NothingFound(const std::vector<std::string>& revenues, const std::vector<std::string>& spends) const {
    const TargetSpec& spec = found_.spec;
    std::vector<std::string> channels;
    std::string time;
    for (const NamedColumn& column : columns_) {
      if (column.kind == FeatureKind::kNumeric && IsChannelSpend(column.name)) channels.push_back(column.name);
      const bool is_time = column.kind == FeatureKind::kTime || IsNamedLikeTime(column.name);
      if (time.empty() && is_time) time = column.name;
    }
    if (spec.spend_column.empty() && spends.empty() && channels.size() >= 2) return RowsArePeriods(time, channels);

    const std::vector<std::string> numeric = NumericNames();
    const std::string revenue = !spec.revenue_column.empty() ? spec.revenue_column
                                : revenues.empty()           ? ""
                                                             : revenues[0];
    const std::string spend = !spec.spend_column.empty() ? spec.spend_column : spends.empty() ? "" : spends[0];
    std::string missing = "no column is named like an ROI or a ROAS, nor like a revenue and a spend";
    if (!revenue.empty())
      missing = absl::StrCat("no column is named like the spend beside the revenue ", Quoted(revenue));
    if (!spend.empty()) missing = absl::StrCat("no column is named like the revenue beside the spend ", Quoted(spend));
    std::string advice = NoHeader(numeric);
    if (advice.empty()) advice = LongTable(AllNames(), numeric);
    if (advice.empty() && spec.revenue_column.empty() && !spend.empty()) advice = RevenueFromProfit(spend, numeric);
    if (advice.empty() && spend.empty()) advice = LikelySpend(revenue, numeric);
    if (advice.empty() && spec.revenue_column.empty()) advice = LikelyRatios(numeric);
    if (advice.empty() && !(numeric.empty() && revenue.empty() && spend.empty())) advice = Command(revenue, spend);
    return absl::InvalidArgumentError(
        absl::StrCat("target: ", missing, "; ", numeric.empty() ? "no column is numeric" : "the numeric columns are ",
                     numeric.empty() ? "" : ColumnList(numeric), advice, "; the columns are ", ColumnList(AllNames()),
                     columns_.size() == 1 ? ": is the delimiter right?" : ""));
  }

  // Where the columns of numbers have numbers, or nothing, for names, the header is a row of data.
  static std::string NoHeader(const std::vector<std::string>& numeric) {
    std::vector<std::string> numbers;
    size_t without_name = 0;
    for (const std::string& name : numeric) {
      const absl::string_view first = absl::string_view(name).substr(0, name.rfind(" ("));  // "1 (2)": the second "1"
      if (name.empty()) ++without_name;
      if (ParseNumber(first, NumberForm()).has_value()) numbers.push_back(name);
    }
    if (numbers.empty() || (numbers.size() + without_name) * 10 < numeric.size() * 9) return "";
    return absl::StrCat("; the header looks like a row of data (", QuotedList(numbers),
                        "): if the file has no header, say --no-header, and name the columns as c0, c1 …");
  }

  // A table with the name of a number in one column and the number itself in another.
  static std::string LongTable(const std::vector<std::string>& names, const std::vector<std::string>& numeric) {
    const auto find = [](const std::vector<std::string>& among, std::initializer_list<absl::string_view> words) {
      const auto found = std::find_if(among.begin(), among.end(), [&](const std::string& name) {
        return std::find(words.begin(), words.end(), ReadColumnName(name).joined) != words.end();
      });
      return found == among.end() ? std::string() : *found;
    };
    const std::string measure = find(names, {"metric", "metrics", "measure", "measurename", "metricname", "kpi",
                                             "variable", "indicator", "metrik", "kennzahl", "indicateur", "metrica"});
    const std::string value = find(numeric, {"value", "values", "amount", "measurevalue", "metricvalue", "wert",
                                             "werte", "valeur", "valor", "valore"});
    if (measure.empty() || value.empty() || measure == value) return "";
    std::vector<std::string> index;
    for (const std::string& name : names) {
      if (name != measure && name != value && index.size() < kMostShown) index.push_back(absl::StrCat("'", name, "'"));
    }
    return absl::StrCat("; each row is one number, named by ", Quoted(measure),
                        ": make a column of each, such as with pandas: table.pivot(index=[", absl::StrJoin(index, ", "),
                        "], columns='", measure, "', values='", value, "').reset_index()");
  }

  static std::string RevenueFromProfit(const std::string& spend, const std::vector<std::string>& numeric) {
    for (const std::string& name : numeric) {
      const ColumnName column = ReadColumnName(name);
      const bool profit = column.Has("profit") || column.Has("gewinn") || column.Has("benefice") ||
                          column.Has("beneficio") || column.Has("lucro") || column.Has("profitto") ||
                          column.Has("winst") || column.Has("zysk");
      if (!profit || column.IsPlan() || column.per_cent || column.Has("margin") || column.Has("rate")) continue;
      return absl::StrCat("; if ", Quoted(name), " is the revenue less the spend, add a column with ", Quoted(spend),
                          " + ", Quoted(name), " and name it: roicast train FILE --revenue COLUMN ",
                          FlagFor(UsualRole::kSpend, spend));
    }
    return "";
  }

  // `; did you mean "Spend to date"? roicast train FILE --revenue Revenue --spend 'Spend to date'`.
  static std::string LikelySpend(const std::string& revenue, const std::vector<std::string>& numeric) {
    for (const std::string& name : numeric) {
      const ColumnName column = ReadColumnName(name);
      if (revenue.empty() || name == revenue || column.words.empty() || column.IsPlan() || column.Has("per")) continue;
      const UsualName first = FindUsualName(column.words.front());
      if (first.role != UsualRole::kSpend || first.rank != 1) continue;
      return absl::StrCat("; did you mean ", Quoted(name), "? roicast train FILE ",
                          FlagFor(UsualRole::kRevenue, revenue), " ", FlagFor(UsualRole::kSpend, name));
    }
    return "";
  }

  // `; "ROI net" may be the ROI: roicast train FILE --target 'ROI net'`.
  static std::string LikelyRatios(const std::vector<std::string>& numeric) {
    std::vector<std::string> names, flags;
    for (const std::string& name : numeric) {
      const ColumnName column = ReadColumnName(name);
      const bool of_ads = column.Has("ad") || column.Has("ads") || column.Has("advertising");
      const bool is_return = column.Has("return") && !column.Has("rate");
      UsualRole role = UsualRole::kNone;
      if (column.Has("roi") || column.Has("romi") || (is_return && !of_ads)) role = UsualRole::kRoi;
      if (column.Has("roas") || (is_return && of_ads)) role = UsualRole::kRoas;
      if (role == UsualRole::kNone || column.IsPlan()) continue;
      names.push_back(absl::StrCat(Quoted(name), " may be the ", UsualRoleName(role)));
      flags.push_back(absl::StrCat("roicast train FILE ", FlagFor(role, name)));
      if (names.size() == kMostShown) break;
    }
    if (names.empty()) return "";
    return absl::StrCat("; ", absl::StrJoin(names, ", "), "; if so: ", absl::StrJoin(flags, ", or "));
  }

  // What is not known stays COLUMN: a guess would train nonsense.
  static std::string Command(const std::string& revenue, const std::string& spend) {
    const auto flag = [](UsualRole role, const std::string& name) {
      return FlagFor(role, name.empty() ? "COLUMN" : name);
    };
    std::string command =
        absl::StrCat("; name ", revenue.empty() == spend.empty() ? "them" : "it", ": roicast train FILE ",
                     flag(UsualRole::kRevenue, revenue), " ", flag(UsualRole::kSpend, spend));
    if (revenue.empty())
      absl::StrAppend(
          &command,
          ", or --roas COLUMN for a ROAS, or --target COLUMN for an ROI, for any other number, or for two values such "
          "as yes and no");
    return command;
  }

  static absl::Status RowsArePeriods(const std::string& time, const std::vector<std::string>& channels) {
    std::vector<std::string> list;
    for (const std::string& channel : channels) {
      if (list.size() < kMostShown) list.push_back(absl::StrCat("'", channel, "'"));
    }
    if (list.size() < channels.size()) list.push_back("…");
    return absl::InvalidArgumentError(absl::StrCat(
        "target: each row is a period with the spends of ", channels.size(), " channels (", QuotedList(channels),
        "), but a row has to be a campaign, such as one channel in one period, with one spend and the revenue that it "
        "brought; make a row of each channel, such as with pandas: table.melt(id_vars=[",
        time.empty() ? "" : absl::StrCat("'", time, "'"), "], value_vars=[", absl::StrJoin(list, ", "),
        "], var_name='channel', value_name='spend'), add each channel's own revenue, and train with --revenue revenue "
        "--spend spend; or name one channel's columns with --revenue and --spend"));
  }

  const absl::Span<const NamedColumn> columns_;
  FoundTarget found_;
  ResultColumns results_;
  std::vector<std::pair<UsualRole, std::string>> taken_;
};

}  // namespace

absl::StatusOr<FoundTarget> FindTarget(absl::Span<const NamedColumn> columns, const TargetSpec& spec) {
  return TargetFinder(columns, spec).Run();
}

absl::Status OnlyPredictions(absl::string_view column, absl::string_view command, absl::string_view flag) {
  return absl::InvalidArgumentError(absl::StrCat(
      "target: \"", column, "\" holds predictions that `roicast ", command,
      "` wrote, and no other column says what the campaigns brought; a model that learns from predictions only repeats "
      "them: add the revenue that was observed, or, to learn from them all the same, say ",
      ColumnFlag(flag, "", column)));
}

}  // namespace roicast
