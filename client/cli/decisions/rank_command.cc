// roicast rank: the best of many candidates.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/number_range.h"
#include "base/printable.h"
#include "base/result_columns.h"
#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/decisions/blamed_flag.h"
#include "client/cli/decisions/campaign_table.h"
#include "client/cli/decisions/caveat_view.h"
#include "client/cli/decisions/feature_text.h"
#include "client/cli/format.h"
#include "client/cli/json_output.h"
#include "client/cli/text_table.h"
#include "client/cli/usage.h"
#include "client/cli/usage_error.h"
#include "client/cli/verdict.h"
#include "client/decision_client.h"
#include "client/status.h"

namespace roicast::client {
namespace {

// Of one call: what a server takes by default (--max_batch_rows and --max_message_bytes).
constexpr int64_t kMostRows = 500'000, kMostValues = 10'000'000;
constexpr absl::string_view kCandidate = "candidate ";
// The note about chosen ones: those of a part need not be among those of all.
constexpr absl::string_view kAlike = "alike_campaigns";

struct RankFlags {
  static constexpr NumberRange kTop{1, 100000};
  static constexpr NumberRange kPerGroup{1, 1e9};

  TableFlags table;
  int top = 10;
  std::string by = "roi", spend, group, name, output;
  std::optional<double> lower_bound, interval;
  int per_group = 0;
};

class Ranking {
 public:
  Ranking(const CommandContext& context, const RankFlags& flags) : context_(context), flags_(flags) {}

  absl::StatusOr<int> Run() {
    if (flags_.per_group > 0 && flags_.group.empty()) {
      return UsageError("--per-group: of what? Name the column of the groups: --group-column COLUMN");
    }
    ROICAST_RETURN_IF_ERROR(CheckOutput(flags_.output, flags_.table.input));
    ROICAST_ASSIGN_OR_RETURN(connection_, ConnectToModel(context_, flags_.table.model));
    CampaignTableOptions options;
    options.leave_out_bad_rows = true;
    options.extra = {{"--name-column", flags_.name}};
    if (flags_.by == "profit") options.spend_feature = connection_.SpendFeature(flags_.spend);
    ROICAST_ASSIGN_OR_RETURN(table_, ReadCampaignTable(context_, connection_, flags_.table, options));
    const absl::StatusOr<v1::RankResponse> answer = RankAll();
    ROICAST_RETURN_IF_ERROR(
        BlameFlag(WithLine(answer.status(), flags_.table.input, table_), {{"group_feature", "--group-column"},
                                                                          {"per_group", "--per-group"},
                                                                          {"spend_feature", "--spend"},
                                                                          {"interval_level", "--interval"},
                                                                          {"lower_bound_level", "--lower-bound"}}));
    if (!flags_.output.empty()) ROICAST_RETURN_IF_ERROR(Write(*answer));
    if (flags_.output == "-") return kOk;
    if (context_.json) {
      PrintJson(WithFindings(Json(*answer), table_));
    } else {
      Print(*answer);
    }
    return kOk;
  }

 private:
  // In as few calls as the server takes.
  absl::StatusOr<v1::RankResponse> RankAll() {
    const int64_t width = std::max(1, connection_.model.schema().features_size());
    int64_t part_rows = std::min({table_.size(), kMostRows, std::max<int64_t>(1, kMostValues / width)});
    while (true) {
      absl::StatusOr<v1::RankResponse> answer = RankInParts(part_rows);
      int64_t limit = 0;
      const bool too_many = ReasonOf(answer.status()) == v1::REQUEST_TOO_LARGE &&
                            absl::SimpleAtoi(ErrorMetadata(answer.status(), "limit"), &limit);
      if (!too_many || limit < 1 || limit >= part_rows) return answer;
      part_rows = limit;
    }
  }

  // A candidate that is among the best of all is among the best of its part: of those that are better in the part and
  // within the limits of their groups, all, or as many of the same groups, are better than it among all, too.
  absl::StatusOr<v1::RankResponse> RankInParts(int64_t part_rows) {
    const DecisionClient client(connection_.channels, context_.Calls());
    v1::RankResponse whole;
    for (int64_t begin = 0; begin < table_.size(); begin += part_rows) {
      const int64_t rows = std::min(part_rows, table_.size() - begin);
      in_parts_ = rows < table_.size();
      ROICAST_ASSIGN_OR_RETURN(const v1::RankResponse part, client.Rank(Request(SomeRows(table_, begin, rows))));
      if (!in_parts_) return part;
      Add(part, begin, &whole);
    }
    KeepBest(&whole);
    if (whole.ranked_size() <= part_rows) ROICAST_RETURN_IF_ERROR(AddNotesOfChosen(client, &whole));
    return whole;
  }

  // What is to be said of the chosen ones together, such as that they are alike, no part knows.
  absl::Status AddNotesOfChosen(const DecisionClient& client, v1::RankResponse* whole) const {
    if (whole->ranked_size() == 0) return absl::OkStatus();
    v1::RowInput chosen;
    for (const v1::RankedRow& row : whole->ranked()) {
      if (row.row() < 0 || row.row() >= table_.size())
        return absl::InternalError("the server names a row that is none");
      chosen.MergeFrom(OneRow(table_, row.row()));
    }
    chosen.mutable_matrix()->set_rows(whole->ranked_size());
    ROICAST_ASSIGN_OR_RETURN(const v1::RankResponse again, client.Rank(Request(chosen)));
    for (const v1::Caveat& caveat : again.caveats()) AddNote(caveat, whole);
    return absl::OkStatus();
  }

  // Each once.
  static void AddNote(const v1::Caveat& note, v1::RankResponse* whole) {
    const bool said = std::any_of(whole->caveats().begin(), whole->caveats().end(),
                                  [&](const v1::Caveat& one) { return one.code() == note.code(); });
    if (!said) *whole->add_caveats() = note;
  }

  static void Add(const v1::RankResponse& part, int64_t begin, v1::RankResponse* whole) {
    if (begin == 0) {
      *whole->mutable_served_by() = part.served_by();
      whole->set_interval_level(part.interval_level());
    }
    for (const v1::RankedRow& row : part.ranked()) {
      v1::RankedRow& added = *whole->add_ranked();
      added = row;
      added.set_row(begin + row.row());
    }
    for (const v1::Caveat& caveat : part.caveats()) {
      if (caveat.code() != kAlike) AddNote(caveat, whole);
    }
    whole->set_candidates(whole->candidates() + part.candidates());
    if (whole->rows_refused() == 0 && part.rows_refused() > 0) {
      absl::string_view rest = part.first_refused();
      int64_t row = 0;
      const bool numbered =
          absl::ConsumePrefix(&rest, kCandidate) && absl::SimpleAtoi(rest.substr(0, rest.find(':')), &row);
      whole->set_first_refused(
          numbered ? absl::StrCat(kCandidate, begin + row, rest.substr(std::min(rest.size(), rest.find(':'))))
                   : part.first_refused());
    }
    whole->set_rows_refused(whole->rows_refused() + part.rows_refused());
  }

  // As the server orders candidates and counts groups.
  void KeepBest(v1::RankResponse* whole) const {
    std::vector<v1::RankedRow> all(whole->ranked().begin(), whole->ranked().end());
    std::sort(all.begin(), all.end(), [](const v1::RankedRow& a, const v1::RankedRow& b) {
      return a.score() != b.score() ? a.score() > b.score() : a.row() < b.row();
    });
    whole->clear_ranked();
    std::map<int, int> taken;
    for (const v1::RankedRow& row : all) {
      if (whole->ranked_size() == flags_.top) return;
      if (!flags_.group.empty() && ++taken[GroupCode(row)] > std::max(1, flags_.per_group)) continue;
      *whole->add_ranked() = row;
    }
  }

  // Missing values are a group, words that training did not see are another one.
  int GroupCode(const v1::RankedRow& row) const {
    constexpr int kUnseen = -1, kMissing = -2;
    const int feature = connection_.FeatureIndex(flags_.group);
    if (feature < 0 || row.row() < 0 || row.row() >= table_.size()) return kMissing;
    const float code = table_.Value(row.row(), feature);
    if (std::isnan(code)) return kMissing;
    const int words = connection_.model.schema().features(feature).vocabulary_size();
    return code < static_cast<float>(words) ? static_cast<int>(code) : kUnseen;
  }

  v1::RankRequest Request(const v1::RowInput& rows) const {
    v1::RankRequest request;
    *request.mutable_model() = connection_.ref();
    *request.mutable_rows() = rows;
    request.set_count(flags_.top);
    request.set_by(flags_.by == "profit" ? v1::RANK_BY_PROFIT : v1::RANK_BY_ROI);
    if (flags_.lower_bound.has_value()) request.set_lower_bound_level(*flags_.lower_bound);
    if (flags_.interval.has_value()) request.set_interval_level(*flags_.interval);
    request.set_spend_feature(flags_.spend);
    request.set_group_feature(flags_.group);
    request.set_per_group(flags_.group.empty() ? 0 : std::max(1, flags_.per_group));
    return request;
  }

  int64_t LineOf(const v1::RankedRow& row) const {
    return row.row() >= 0 && row.row() < table_.size() ? table_.lines[static_cast<size_t>(row.row())] : 0;
  }
  std::string NameOf(const v1::RankedRow& row) const {
    const bool known = !flags_.name.empty() && row.row() >= 0 && row.row() < table_.size();
    return known ? table_.extra[0][static_cast<size_t>(row.row())] : "";
  }
  std::string GroupOf(const v1::RankedRow& row) const {
    const int feature = connection_.FeatureIndex(flags_.group);
    if (feature < 0 || row.row() < 0 || row.row() >= table_.size()) return "";
    return FeatureText(connection_.model.schema().features(feature), table_.Value(row.row(), feature));
  }

  std::string AtLeast() const {
    return absl::StrFormat("%s at least, %g %%", flags_.by == "profit" ? "profit" : "ROI", 100 * *flags_.lower_bound);
  }

  void Print(const v1::RankResponse& answer) const {
    const Terminal terminal = context_.Output();
    const bool intervals = answer.interval_level() > 0;
    std::vector<TextTable::Column> columns = {"#", "line"};
    if (!flags_.name.empty()) columns.emplace_back(flags_.name, TextTable::WhenNarrow::kCut);
    if (!flags_.group.empty()) columns.emplace_back(flags_.group, TextTable::WhenNarrow::kCut);
    for (const char* name : {"ROI", "spend", "profit"}) columns.emplace_back(name);
    // What they are ordered by.
    if (flags_.lower_bound.has_value()) columns.emplace_back(AtLeast());
    if (intervals)
      columns.push_back(
          {absl::StrFormat("ROI, %g %% of truths", 100 * answer.interval_level()), TextTable::WhenNarrow::kDrop});
    columns.push_back({"", TextTable::WhenNarrow::kDrop});
    TextTable ranked(columns);
    int place = 0;
    for (const v1::RankedRow& row : answer.ranked()) {
      std::vector<Toned> cells = {Toned(absl::StrCat(++place)), Toned(absl::StrCat(LineOf(row)))};
      if (!flags_.name.empty()) cells.emplace_back(NameOf(row));
      if (!flags_.group.empty()) cells.emplace_back(GroupOf(row));
      cells.emplace_back(RoiText(row.roi()), ToneOfRoi(row.roi()));
      cells.emplace_back(MoneyText(row.spend()));
      cells.emplace_back(MoneyText(row.profit()));
      if (flags_.lower_bound.has_value()) {
        cells.emplace_back(flags_.by == "profit" ? MoneyText(row.score()) : RoiText(row.score()));
      }
      if (intervals)
        cells.emplace_back(absl::StrCat(RoiText(row.roi_interval().low()), " to ", RoiText(row.roi_interval().high())));
      cells.emplace_back(row.warning() ? "unusual" : "");
      ranked.AddRow(std::move(cells));
    }
    std::printf("%s: the best %d of %s\n\n", FormatVersion(connection_.model).c_str(), answer.ranked_size(),
                FormatCount(answer.candidates()).c_str());
    std::fputs(ranked.ToString(terminal).c_str(), stdout);
    if (in_parts_ && !flags_.group.empty()) {
      std::printf("\nbetter ones that were too many in their group are not counted of so many candidates\n");
    } else if (answer.over_group_limit() > 0) {
      std::printf("\n%s better ones were too many in their group\n", FormatCount(answer.over_group_limit()).c_str());
    }
    if (answer.rows_refused() > 0) {
      std::printf("\n%s could not be ranked: %s\n", FormatCount(answer.rows_refused()).c_str(),
                  Printable(RefusedText(answer.first_refused())).c_str());
    }
    std::fputs(CaveatsText(answer.caveats(), terminal).c_str(), stdout);
  }

  // "candidate 2: spend: …", counted from 0, by its line in the file.
  std::string RefusedText(absl::string_view refused) const {
    absl::string_view rest = refused;
    int64_t row = -1;
    const size_t colon = refused.find(':');
    if (!absl::ConsumePrefix(&rest, kCandidate) || colon == absl::string_view::npos ||
        !absl::SimpleAtoi(rest.substr(0, rest.find(':')), &row) || row < 0 || row >= table_.size()) {
      return std::string(refused);
    }
    return absl::StrCat("line ", table_.lines[static_cast<size_t>(row)], refused.substr(colon));
  }

  nlohmann::ordered_json Json(const v1::RankResponse& answer) const {
    nlohmann::ordered_json json = ToJson(answer);
    // Not known of parts.
    if (in_parts_) json["over_group_limit"] = nullptr;
    for (int i = 0; i < answer.ranked_size(); ++i) {
      auto& row = json["ranked"][static_cast<size_t>(i)];
      row["line"] = LineOf(answer.ranked(i));
      if (!flags_.name.empty()) row["name"] = NameOf(answer.ranked(i));
    }
    return json;
  }

  absl::Status Write(const v1::RankResponse& answer) const {
    std::vector<int64_t> order;
    for (const v1::RankedRow& row : answer.ranked()) {
      if (row.row() < 0 || row.row() >= table_.size())
        return absl::InternalError("the server names a row that is none");
      order.push_back(row.row());
    }
    const auto at = [&answer](size_t place) -> const v1::RankedRow& { return answer.ranked(static_cast<int>(place)); };
    return WriteCampaignTable(
        flags_.output, table_, order,
        {{std::string(result_columns::kRank), [](size_t place) { return absl::StrCat(place + 1); }},
         {std::string(result_columns::kPredictedRoi),
          [&](size_t place) { return NumberCell(at(place).roi(), table_); }},
         {std::string(result_columns::kPredictedProfit),
          [&](size_t place) { return NumberCell(at(place).profit(), table_, 2); }}});
  }

  const CommandContext& context_;
  const RankFlags& flags_;
  ModelConnection connection_;
  CampaignTable table_;
  // The candidates were too many for one call.
  bool in_parts_ = false;
};

}  // namespace

void AddRankCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("rank", "Choose the best of many candidates");
  command.footer(
      "Candidates are rows with all that is planned: product, channel, audience, spend.\n"
      "  roicast rank candidates.csv --top 20 --by profit\n"
      "  roicast rank candidates.csv --top 20 --per-group 3 --group-column channel\n"
      "  roicast rank candidates.csv --lower-bound 0.9 --output best.csv\n"
      "--output writes the chosen rows, best first, with columns rank, predicted_roi and\n"
      "predicted_profit.");
  const auto flags = std::make_shared<RankFlags>();
  flags->table.AddTo(command, "Table of candidates");
  command.add_option("--top", flags->top, "How many to choose")->check(Within(RankFlags::kTop))->capture_default_str();
  command.add_option("--by", flags->by, "What makes a candidate good")
      ->check(OneOf({"roi", "profit"}))
      ->capture_default_str();
  command
      .add_option("--lower-bound", flags->lower_bound,
                  "By what it brings at least with this probability, instead of by what is expected")
      ->type_name("LEVEL")
      ->check(AboveAndBelow(0.5, 1));
  command.add_option("--interval", flags->interval, "Share of the truths inside the interval; default: 0.9")
      ->type_name("LEVEL")
      ->check(AboveAndBelow(0, 1));
  command.add_option("--group-column", flags->group, "Feature whose words are groups")->type_name("FEATURE");
  command.add_option("--per-group", flags->per_group, "Most candidates of a group; default: 1")
      ->check(Within(RankFlags::kPerGroup));
  command.add_option("--spend", flags->spend, "Feature that is the spend; default: the model's")->type_name("FEATURE");
  command.add_option("--name-column", flags->name, "Column to show beside the line")->type_name("COLUMN");
  command.add_option("-o,--output", flags->output, "Also write the chosen rows to a file; - for standard output")
      ->type_name("FILE");
  SetCommand(command, context, [&context, flags] { return Ranking(context, *flags).Run(); });
}

}  // namespace roicast::client
