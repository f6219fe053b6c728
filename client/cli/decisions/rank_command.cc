// roicast rank: the best of many candidates.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
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
#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/decisions/blamed_flag.h"
#include "client/cli/decisions/campaign_table.h"
#include "client/cli/decisions/feature_text.h"
#include "client/cli/format.h"
#include "client/cli/json_output.h"
#include "client/cli/text_table.h"
#include "client/cli/usage.h"
#include "client/cli/usage_error.h"
#include "client/cli/verdict.h"
#include "client/decision_client.h"

namespace roicast::client {
namespace {

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
    ROICAST_ASSIGN_OR_RETURN(table_, ReadCampaignTable(context_, connection_, flags_.table, options));
    absl::StatusOr<v1::RankResponse> answer = DecisionClient(connection_.channels, context_.Calls()).Rank(Request());
    ROICAST_RETURN_IF_ERROR(
        BlameFlag(WithLine(answer.status(), flags_.table.input, table_), {{"group_feature", "--group-column"},
                                                                          {"most_per_group", "--per-group"},
                                                                          {"spend_feature", "--spend"},
                                                                          {"interval_level", "--interval"},
                                                                          {"lower_bound_level", "--lower-bound"}}));
    if (!flags_.output.empty()) ROICAST_RETURN_IF_ERROR(Write(*answer));
    if (flags_.output == "-") return kOk;
    if (context_.json) {
      PrintJson(Json(*answer));
    } else {
      Print(*answer);
    }
    return kOk;
  }

 private:
  v1::RankRequest Request() const {
    v1::RankRequest request;
    *request.mutable_model() = connection_.ref();
    *request.mutable_rows() = table_.rows;
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

  void Print(const v1::RankResponse& answer) const {
    const Terminal terminal = context_.Output();
    const bool intervals = answer.interval_level() > 0;
    std::vector<TextTable::Column> columns = {"#", "line"};
    if (!flags_.name.empty()) columns.emplace_back(flags_.name, TextTable::WhenNarrow::kCut);
    if (!flags_.group.empty()) columns.emplace_back(flags_.group, TextTable::WhenNarrow::kCut);
    for (const char* name : {"ROI", "spend", "profit"}) columns.emplace_back(name);
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
      if (intervals)
        cells.emplace_back(absl::StrCat(RoiText(row.roi_interval().low()), " to ", RoiText(row.roi_interval().high())));
      cells.emplace_back(row.warning() ? "unusual" : "");
      ranked.AddRow(std::move(cells));
    }
    std::printf("%s: the best %d of %s\n\n", FormatVersion(connection_.model).c_str(), answer.ranked_size(),
                FormatCount(answer.candidates()).c_str());
    std::fputs(ranked.ToString(terminal).c_str(), stdout);
    if (answer.over_group_limit() > 0) {
      std::printf("\n%s better ones were too many in their group\n", FormatCount(answer.over_group_limit()).c_str());
    }
    if (answer.rows_refused() > 0) {
      std::printf("\n%s could not be ranked: %s\n", FormatCount(answer.rows_refused()).c_str(),
                  Printable(RefusedText(answer.first_refused())).c_str());
    }
  }

  // "candidate 2: spend: …", counted from 0, by its line in the file.
  std::string RefusedText(absl::string_view refused) const {
    absl::string_view rest = refused;
    int64_t row = -1;
    const size_t colon = refused.find(':');
    if (!absl::ConsumePrefix(&rest, "candidate ") || colon == absl::string_view::npos ||
        !absl::SimpleAtoi(rest.substr(0, rest.find(':')), &row) || row < 0 || row >= table_.size()) {
      return std::string(refused);
    }
    return absl::StrCat("line ", table_.lines[static_cast<size_t>(row)], refused.substr(colon));
  }

  nlohmann::ordered_json Json(const v1::RankResponse& answer) const {
    nlohmann::ordered_json json = ToJson(answer);
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
        {{"rank", [](size_t place) { return absl::StrCat(place + 1); }},
         {"predicted_roi", [&](size_t place) { return NumberCell(at(place).roi(), table_); }},
         {"predicted_profit", [&](size_t place) { return NumberCell(at(place).profit(), table_, 2); }}});
  }

  const CommandContext& context_;
  const RankFlags& flags_;
  ModelConnection connection_;
  CampaignTable table_;
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
