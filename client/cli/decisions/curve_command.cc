// roicast curve: what a campaign would return over a range of spend.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/number_range.h"
#include "base/printable.h"
#include "base/result_columns.h"
#include "base/status_macros.h"
#include "base/tables/table_writer.h"
#include "client/cli/command.h"
#include "client/cli/decisions/blamed_flag.h"
#include "client/cli/decisions/campaign_table.h"
#include "client/cli/decisions/caveat_view.h"
#include "client/cli/decisions/curve_plot.h"
#include "client/cli/decisions/feature_text.h"
#include "client/cli/decisions/lift_flags.h"
#include "client/cli/file_error.h"
#include "client/cli/format.h"
#include "client/cli/json_output.h"
#include "client/cli/output_file.h"
#include "client/cli/report_view.h"
#include "client/cli/text_table.h"
#include "client/cli/usage.h"
#include "client/decision_client.h"
#include "client/status.h"

namespace roicast::client {
namespace {

constexpr int kPlotWidth = 72;
constexpr int kPlotHeight = 13;
constexpr int kTableRows = 9;
// What is shown unless the range is given: a tenth to four times of today's spend.
constexpr double kPartOfNow = 10;
constexpr double kTimesNow = 4;

struct CurveFlags {
  static constexpr NumberRange kPoints{2, 10000};
  static constexpr NumberRange kLine{1, 1e9};

  TableFlags table;
  int64_t line = 0;
  std::string feature, spend, quantity = "profit", output;
  std::optional<double> from, to, interval;
  int points = 0;
  bool without_money = false;
  LiftFlags lift;
};

class Curving {
 public:
  Curving(const CommandContext& context, const CurveFlags& flags) : context_(context), flags_(flags) {}

  absl::StatusOr<int> Run() {
    ROICAST_RETURN_IF_ERROR(CheckOutput(flags_.output, flags_.table.input));
    ROICAST_ASSIGN_OR_RETURN(connection_, ConnectToModel(context_, flags_.table.model));
    CampaignTableOptions options;
    const std::string spend = connection_.SpendFeature(flags_.spend);
    if (flags_.feature.empty() || flags_.feature == spend) options.spend_feature = spend;
    ROICAST_ASSIGN_OR_RETURN(table_, ReadCampaignTable(context_, connection_, flags_.table, options));
    ROICAST_ASSIGN_OR_RETURN(row_, RowAtLine(table_, flags_.table.input, flags_.line));
    v1::ResponseCurveRequest request = Request();
    ROICAST_RETURN_IF_ERROR(flags_.lift.AddTests(request.mutable_lift_tests()));
    absl::StatusOr<v1::ResponseCurveResponse> answer =
        DecisionClient(connection_.channels, context_.Calls()).ResponseCurve(request);
    if (ReasonOf(answer.status()) == v1::NOT_AN_ROI) {
      return WithHint(answer.status(), "--without-money shows the prediction alone");
    }
    ROICAST_RETURN_IF_ERROR(BlameFlag(answer.status(), {{"lift_tests", "--lift-test", flags_.lift.tests()},
                                                        {"feature", "--feature"},
                                                        {"spend_feature", "--spend"},
                                                        {"from", "--from"},
                                                        {"to", "--to"},
                                                        {"grid", "--from and --to"},
                                                        {"interval_level", "--interval"}}));
    if (answer->curves_size() != 1) return absl::InternalError("the server's answer has no curve");
    if (!flags_.output.empty()) ROICAST_RETURN_IF_ERROR(Write(*answer));
    if (flags_.output == "-") return kOk;
    if (context_.json) {
      nlohmann::ordered_json json = ToJson(*answer);
      json["line"] = table_.lines[static_cast<size_t>(row_)];
      PrintJson(WithFindings(std::move(json), table_));
    } else {
      Print(*answer);
    }
    return kOk;
  }

 private:
  v1::ResponseCurveRequest Request() const {
    v1::ResponseCurveRequest request;
    *request.mutable_model() = connection_.ref();
    *request.mutable_rows() = OneRow(table_, row_);
    request.set_feature(flags_.feature);
    request.set_spend_feature(flags_.spend);
    SetRange(&request);
    request.set_points(flags_.points);
    if (flags_.interval.has_value()) request.set_interval_level(*flags_.interval);
    request.set_without_money(flags_.without_money);
    return request;
  }

  // Around today's spend, where the decision is: the range of training may go to a hundred times of it.
  void SetRange(v1::ResponseCurveRequest* request) const {
    if (flags_.from.has_value()) request->set_from(*flags_.from);
    if (flags_.to.has_value()) request->set_to(*flags_.to);
    if (flags_.from.has_value() || flags_.to.has_value() || !flags_.feature.empty()) return;
    const int feature = connection_.FeatureIndex(connection_.SpendFeature(flags_.spend));
    if (feature < 0) return;
    const v1::Feature& spend = connection_.model.schema().features(feature);
    const double now = table_.Value(row_, feature);
    const double from = std::max(spend.seen_min(), now / kPartOfNow), to = std::min(spend.seen_max(), now * kTimesNow);
    if (!(now > 0) || !(from < to)) return;
    request->set_from(from);
    request->set_to(to);
  }

  using Numbers = google::protobuf::RepeatedField<double>;

  // --of as the lift tests say it; empty: no test is about the row.
  const Numbers& ByTests(const v1::ResponseCurve& curve) const {
    if (flags_.quantity == "revenue") return curve.lift().revenue();
    if (flags_.quantity == "roi") return curve.lift().roi();
    if (flags_.quantity == "marginal-roi") return curve.lift().marginal_roi();
    return curve.lift().profit();
  }

  // What is drawn: a band of money or ROI, or the prediction.
  v1::Band Drawn(const v1::ResponseCurve& curve) const {
    if (!ByTests(curve).empty()) {
      v1::Band band;
      *band.mutable_value() = ByTests(curve);
      return band;
    }
    if (curve.has_revenue()) {
      if (flags_.quantity == "revenue") return curve.revenue();
      if (flags_.quantity == "roi") return curve.roi();
      if (flags_.quantity == "marginal-roi") return curve.marginal_roi();
      return curve.profit();
    }
    v1::Band band;
    band.mutable_value()->Add(curve.predictions().begin(), curve.predictions().end());
    band.mutable_low()->Add(curve.interval_low().begin(), curve.interval_low().end());
    band.mutable_high()->Add(curve.interval_high().begin(), curve.interval_high().end());
    return band;
  }

  void Print(const v1::ResponseCurveResponse& answer) const {
    const v1::ResponseCurve& curve = answer.curves(0);
    const v1::Band drawn = Drawn(curve);
    const Terminal terminal = context_.Output();
    Plot plot;
    plot.x.assign(answer.values().begin(), answer.values().end());
    plot.y.assign(drawn.value().begin(), drawn.value().end());
    plot.low.assign(drawn.low().begin(), drawn.low().end());
    plot.high.assign(drawn.high().begin(), drawn.high().end());
    plot.inside_low = answer.training_range().low();
    plot.inside_high = answer.training_range().high();
    if (curve.has_present_value()) plot.marks.push_back(curve.present_value());
    plot.linear = IsLinear(plot.x);
    std::string quantity = curve.has_revenue() ? flags_.quantity : answer.target();
    if (quantity == "marginal-roi" && answer.feature() != answer.spend_feature()) quantity = "change of ROI per 1.00";
    const char* const by_tests = ByTests(curve).empty() ? "" : " by the lift tests";
    std::printf("%s, line %s: %s%s over %s%s\n\n", FormatVersion(connection_.model).c_str(),
                absl::StrCat(table_.lines[static_cast<size_t>(row_)]).c_str(), Printable(quantity).c_str(), by_tests,
                Printable(answer.feature()).c_str(), plot.linear ? "" : " (in equal ratios)");
    const int width = static_cast<int>(std::min<size_t>(terminal.width, kPlotWidth));
    std::fputs(DrawPlot(plot, std::max(20, width), kPlotHeight).c_str(), stdout);
    std::printf(
        "\n%s=== seen in training%s%s\n\n", drawn.low().empty() ? "" : BandLegend(answer).c_str(),
        curve.has_present_value() ? absl::StrCat("   | now, ", FormatNumber(curve.present_value())).c_str() : "", "");
    std::fputs(Table(answer).ToString(terminal).c_str(), stdout);
    if (curve.has_lift()) {
      std::fputs("\nrevenue, profit and ROI are as predicted, what is by tests as the lift tests correct it\n", stdout);
    }
    if (curve.has_profit()) PrintBest(answer);
    std::fputs(CaveatsText(answer.caveats(), terminal).c_str(), stdout);
  }

  // A marginal ROI has no interval: the truth may be near one end before a value and near the other behind it.
  std::string BandLegend(const v1::ResponseCurveResponse& answer) const {
    const double level = 100 * answer.interval_level();
    const bool slope = answer.curves(0).has_revenue() && flags_.quantity == "marginal-roi";
    return slope ? absl::StrFormat("::: slopes of the ends of what holds %g %% of the truths   ", level)
                 : absl::StrFormat("::: %g %% of the truths   ", level);
  }

  static bool IsLinear(const std::vector<double>& x) {
    if (x.size() < 3 || !(x.front() > 0)) return true;
    const double first = x[1] - x[0], last = x[x.size() - 1] - x[x.size() - 2];
    return last < 3 * first;
  }

  // Beside what is predicted, what is drawn by the lift tests.
  TextTable Table(const v1::ResponseCurveResponse& answer) const {
    const v1::ResponseCurve& curve = answer.curves(0);
    const bool money = curve.has_revenue(), marginal_by_tests = !curve.lift().marginal_roi().empty();
    const bool by_tests = !ByTests(curve).empty() && flags_.quantity != "marginal-roi";
    const bool roi_by_tests = flags_.quantity == "roi";
    // Of another feature, the marginal ROI is no money: how the ROI changes with it.
    const bool of_spend = answer.feature() == answer.spend_feature();
    std::vector<TextTable::Column> columns = {Printable(answer.feature())};
    if (money) {
      for (const char* name : {"revenue", "profit", "ROI"}) columns.emplace_back(name);
      if (by_tests) columns.emplace_back(absl::StrCat(roi_by_tests ? "ROI" : flags_.quantity, " by tests"));
      columns.emplace_back(!of_spend ? "ROI per 1.00" : marginal_by_tests ? "next 1.00 by tests" : "next 1.00 brings");
    } else {
      columns.emplace_back(Printable(answer.target()));
    }
    columns.push_back({"", TextTable::WhenNarrow::kDrop});
    TextTable table(columns);
    const int count = answer.values_size();
    const int shown = context_.Output().width == Terminal::kUnlimited ? count : std::min(count, kTableRows);
    for (int i = 0; i < shown; ++i) {
      const int point = count == shown ? i : static_cast<int>(std::lround(double(i) * (count - 1) / (shown - 1)));
      std::vector<Toned> cells = {Toned(FormatNumber(answer.values(point)))};
      if (money) {
        cells.emplace_back(MoneyText(curve.revenue().value(point)));
        cells.emplace_back(MoneyText(curve.profit().value(point)));
        cells.emplace_back(RoiText(curve.roi().value(point)));
        if (by_tests) {
          const double value = ByTests(curve).Get(point);
          cells.emplace_back(std::isnan(value) ? "–" : roi_by_tests ? RoiText(value) : MoneyText(value));
        }
        const Numbers& marginal = marginal_by_tests ? curve.lift().marginal_roi() : curve.marginal_roi().value();
        const double next = marginal.Get(point);
        cells.emplace_back(std::isnan(next) ? "–" : of_spend ? absl::StrFormat("%.2f", 1 + next) : FormatNumber(next));
      } else {
        cells.emplace_back(FormatNumber(curve.predictions(point)));
      }
      cells.emplace_back(answer.outside(point) ? "outside" : "");
      table.AddRow(std::move(cells));
    }
    return table;
  }

  // The value with most profit of those that have one; one that training has seen, if there is any: what is outside is
  // no recommendation. −1: none has one.
  static int BestOf(const Numbers& profits, const v1::ResponseCurveResponse& answer) {
    int best = -1;
    for (int i = 0; i < profits.size(); ++i) {
      if (std::isnan(profits.Get(i))) continue;
      if (best >= 0 && answer.outside(i) && !answer.outside(best)) continue;
      const bool first_inside = best >= 0 && answer.outside(best) && !answer.outside(i);
      if (best < 0 || first_inside || profits.Get(i) > profits.Get(best)) best = i;
    }
    return best;
  }
  static std::string BestText(const Numbers& profits, const v1::ResponseCurveResponse& answer) {
    const int best = BestOf(profits, answer);
    if (best < 0) return "nothing is known of these";
    const bool any_outside =
        std::any_of(answer.outside().begin(), answer.outside().end(), [](bool out) { return out; });
    return absl::StrCat(MoneyText(profits.Get(best)), " at ", Printable(answer.feature()), " ",
                        FormatNumber(answer.values(best)),
                        answer.outside(best) ? " (outside training: nothing is known there)"
                        : any_outside        ? ", within training"
                                             : "");
  }

  void PrintBest(const v1::ResponseCurveResponse& answer) const {
    const v1::ResponseCurve& curve = answer.curves(0);
    const bool now = curve.has_present_value() && answer.feature() == answer.spend_feature();
    const double spend = curve.present_value(), prediction = curve.present_prediction();
    // Curves in money are of models that predict an ROI or a revenue.
    const double revenue = IsRoi(connection_.model.report().target()) ? spend * (1 + prediction) : prediction;
    const auto now_text = [&](double now_revenue) {
      return now ? absl::StrCat("; now ", MoneyText(now_revenue - spend), " at ", FormatNumber(spend)) : "";
    };
    std::printf("\nmost profit of these%s: %s%s\n", curve.has_lift() ? ", as predicted" : "",
                BestText(curve.profit().value(), answer).c_str(), now_text(revenue).c_str());
    if (!curve.has_lift()) return;
    // Revenue by the tests is a straight line over the predicted one, from their lowest spend on.
    const Numbers& revenues = curve.lift().revenue();
    const auto known = std::find_if(revenues.begin(), revenues.end(), [](double one) { return !std::isnan(one); });
    std::string now_by_tests;
    if (known != revenues.end() && spend >= curve.lift().lowest_spend()) {
      const auto at = static_cast<int>(known - revenues.begin());
      now_by_tests = now_text(*known + curve.lift().factor() * (revenue - curve.revenue().value(at)));
    }
    const double lowest = curve.lift().lowest_spend();
    const std::string below =
        answer.values(0) < lowest ? absl::StrCat("; below ", FormatNumber(lowest), " they say nothing") : "";
    std::printf("by the lift tests: %s%s%s\n", BestText(curve.lift().profit(), answer).c_str(), now_by_tests.c_str(),
                below.c_str());
  }

  absl::Status Write(const v1::ResponseCurveResponse& answer) const {
    const v1::ResponseCurve& curve = answer.curves(0);
    ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<OutputFile> output, OutputFile::Create(flags_.output));
    namespace known = result_columns;
    std::string text;
    TableWriter writer(&text, table_.reading.file.delimiter);
    const bool intervals = curve.interval_low_size() > 0;
    writer.Text(answer.feature());
    writer.Text(known::kPrediction);
    if (intervals) {
      writer.Text(known::kPredictionLow);
      writer.Text(known::kPredictionHigh);
    }
    if (curve.has_revenue()) {
      for (const absl::string_view name : {known::kRevenue, known::kProfit, known::kMarginalRoi}) writer.Text(name);
    }
    const std::pair<absl::string_view, const Numbers*> by_tests[] = {
        {known::kRevenueByLiftTests, &curve.lift().revenue()},
        {known::kProfitByLiftTests, &curve.lift().profit()},
        {known::kMarginalRoiByLiftTests, &curve.lift().marginal_roi()}};
    for (const auto& [name, values] : by_tests) {
      if (!values->empty()) writer.Text(name);
    }
    writer.Text(known::kOutsideTrainingRange);
    writer.EndRow();
    for (int i = 0; i < answer.values_size(); ++i) {
      const auto number = [&](double value) { writer.Text(NumberCell(value, table_)); };
      number(answer.values(i));
      number(curve.predictions(i));
      if (intervals) {
        number(curve.interval_low(i));
        number(curve.interval_high(i));
      }
      if (curve.has_revenue()) {
        number(curve.revenue().value(i));
        number(curve.profit().value(i));
        number(curve.marginal_roi().value(i));
      }
      for (const auto& [name, values] : by_tests) {
        if (!values->empty()) number(values->Get(i));
      }
      writer.Integer(answer.outside(i) ? 1 : 0);
      writer.EndRow();
    }
    ROICAST_RETURN_IF_ERROR(output->Write(text));
    return output->Commit();
  }

  const CommandContext& context_;
  const CurveFlags& flags_;
  ModelConnection connection_;
  CampaignTable table_;
  int64_t row_ = 0;
};

}  // namespace

void AddCurveCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("curve", "Show what a campaign would return over a range of spend");
  command.footer(
      "Everything else about the campaign stays as it is in its row.\n"
      "  roicast curve campaigns.csv\n"
      "  roicast curve campaigns.csv --line 7 --from 500 --to 20000 --of roi\n"
      "  roicast curve campaigns.csv --feature discount_rate --from 0 --to 0.4\n"
      "  roicast curve campaigns.csv --points 200 --output curve.csv");
  const auto flags = std::make_shared<CurveFlags>();
  flags->table.AddTo(command, "Table of campaigns");
  command.add_option("--line", flags->line, "Line of the campaign in the file; default: the first row")
      ->check(Within(CurveFlags::kLine));
  command.add_option("--feature", flags->feature, "What varies, a numeric feature; default: the spend")
      ->type_name("FEATURE");
  command.add_option("--spend", flags->spend, "Feature that is the spend; default: the model's")->type_name("FEATURE");
  command.add_option("--from", flags->from,
                     "Lowest value; default: a tenth of today's spend, or the lowest seen in training");
  command.add_option("--to", flags->to,
                     "Highest value; default: four times today's spend, or the highest seen in training");
  command.add_option("--points", flags->points, "Values from lowest to highest; default: 50")
      ->check(Within(CurveFlags::kPoints));
  command.add_option("--interval", flags->interval, "Share of the truths inside the interval; default: 0.9")
      ->type_name("LEVEL")
      ->check(AboveAndBelow(0, 1));
  command.add_option("--of", flags->quantity, "What is drawn")
      ->check(OneOf({"profit", "revenue", "roi", "marginal-roi"}))
      ->capture_default_str();
  flags->lift.AddTo(command);
  command.add_flag("--without-money", flags->without_money,
                   "Show the prediction alone, of a model that predicts no ROI and no revenue");
  command.add_option("-o,--output", flags->output, "Also write the curve to a file; - for standard output")
      ->type_name("FILE");
  SetCommand(command, context, [&context, flags] { return Curving(context, *flags).Run(); });
}

}  // namespace roicast::client
