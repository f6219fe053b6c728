// Reading a CSV of generated campaigns, detection included, beside polars, DuckDB and pandas on the same file,
// interleaved, one core each, in rows per second of CPU time; and peak memory as the file grows. Then what tables of
// numbers, of campaigns and of campaigns with names take in memory, beside pandas and polars.
//
//   reading [--peers PYTHON] [--json FILE] [--only rates|memory] [--rows 1000000] [--repeats 5] [--megabytes 200]
//
// PYTHON: an interpreter with the peers (bench/peers/setup_reading.sh prints one). Without it, only roicast's figures
// are printed. Each reading is a process of its own: its peak memory is that of the process.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/tables/byte_source.h"
#include "base/tables/number_form.h"
#include "base/tables/table_detection.h"
#include "base/tables/table_reader.h"
#include "base/tables/time_form.h"
#include "bench/report.h"
#include "client/generator/campaign_csv.h"
#include "client/generator/campaign_generator.h"
#include "model/data/csv_table.h"

namespace roicast::bench {
namespace {

namespace fs = std::filesystem;

// What a child process prints.
struct Reading {
  double seconds = 0.0;
  int64_t rows = 0;
  double peak_mib = 0.0;
  // Of the process before it reads, and of the table itself, as its library counts; 0: not known.
  double before_mib = 0.0;
  double table_mib = 0.0;
};

// Values as a program would keep them: numbers, times, codes of words.
class Columns {
 public:
  explicit Columns(const TableReading& reading) : reading_(reading), columns_(reading.columns.size()) {}

  void Add(const TableRow& row) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      const ColumnForm& form = reading_.columns[i].form;
      Column& column = columns_[i];
      switch (form.kind) {
        case ColumnKind::kNumber:
          column.numbers.push_back(ParseNumber(row.cells[i], form.number).value_or(0.0));
          break;
        case ColumnKind::kTime:
          column.times.push_back(ParseTime(row.cells[i], form.time).value_or(0));
          break;
        case ColumnKind::kWords:
          column.codes.push_back(column.CodeOf(row.cells[i]));
          break;
      }
    }
    ++rows_;
  }
  int64_t rows() const { return rows_; }

 private:
  struct Column {
    int CodeOf(absl::string_view word) {
      key.assign(word.data(), word.size());
      return words.try_emplace(key, static_cast<int>(words.size())).first->second;
    }
    std::vector<double> numbers;
    std::vector<int64_t> times;
    std::vector<int> codes;
    std::unordered_map<std::string, int> words;
    std::string key;
  };
  const TableReading& reading_;
  std::vector<Column> columns_;
  int64_t rows_ = 0;
};

absl::Status ForEachRow(ByteSource& source, const FileOptions& options, std::function<void(const TableRow&)> on_row) {
  TableReader reader(options, {nullptr,
                               [&](const TableRow& row) {
                                 on_row(row);
                                 return absl::OkStatus();
                               },
                               nullptr});
  std::vector<char> buffer(size_t{256} << 10);
  for (;;) {
    ROICAST_ASSIGN_OR_RETURN(const size_t size, source.Read(buffer.data(), buffer.size()));
    if (size == 0) return reader.Finish();
    ROICAST_RETURN_IF_ERROR(reader.Feed(absl::string_view(buffer.data(), size)));
  }
}

// how: "rows" splits into rows and cells, "detect" decides how all columns are written, "cells" also parses all cells
// into memory, "table" is what training does. table_bytes: receives what the table takes.
absl::StatusOr<int64_t> ReadRows(const std::string& how, const std::string& path, int64_t* table_bytes) {
  if (how == "table") {
    ROICAST_ASSIGN_OR_RETURN(const CsvTable table, ReadCsvFile(path, {}));
    *table_bytes = table.memory_bytes();
    return table.table.rows();
  }
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<FileSource> source, FileSource::Open(path));
  int64_t rows = 0;
  if (how == "rows") {
    ROICAST_RETURN_IF_ERROR(ForEachRow(*source, {}, [&](const TableRow&) { ++rows; }));
    return rows;
  }
  ROICAST_ASSIGN_OR_RETURN(const TableReading reading, DetectTable(*source, {}));
  if (how == "detect") return reading.rows;
  ROICAST_RETURN_IF_ERROR(source->Rewind());
  Columns columns(reading);
  ROICAST_RETURN_IF_ERROR(
      ForEachRow(*source, OptionsFrom(reading, {}).file, [&](const TableRow& row) { columns.Add(row); }));
  return columns.rows();
}

// Of this process: whatever else the machine does, the rate per core.
double CpuSeconds() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// field: "VmHWM", the peak, or "VmRSS".
int64_t MemoryBytes(absl::string_view field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    int64_t kib = 0;
    if (absl::StartsWith(line, field) && absl::SimpleAtoi(line.substr(6, line.size() - 9), &kib)) return kib * 1024;
  }
  return 0;
}

int RunChild(const std::string& how, const std::string& path) {
  int64_t table_bytes = 0;
  const int64_t before = MemoryBytes("VmRSS");
  const double start = CpuSeconds();
  const absl::StatusOr<int64_t> rows = ReadRows(how, path, &table_bytes);
  if (!rows.ok()) {
    std::cerr << rows.status() << std::endl;
    return 1;
  }
  const double seconds = CpuSeconds() - start;
  std::cout << nlohmann::json{{"seconds", seconds},
                              {"rows", *rows},
                              {"peak_bytes", MemoryBytes("VmHWM")},
                              {"bytes_before", before},
                              {"table_bytes", table_bytes}}
            << std::endl;
  return 0;
}

Reading Run(const std::string& command) {
  FILE* const pipe = popen(absl::StrCat("taskset -c 1 ", command).c_str(), "r");
  std::string text;
  char buffer[4096];
  while (const size_t size = std::fread(buffer, 1, sizeof(buffer), pipe)) text.append(buffer, size);
  if (pclose(pipe) != 0) {
    std::cerr << command << " failed" << std::endl;
    std::exit(1);
  }
  const nlohmann::json json = nlohmann::json::parse(text);
  const auto mib = [&json](const char* name) { return json[name].get<double>() / (1 << 20); };
  return {json["seconds"], json["rows"], mib("peak_bytes"), mib("bytes_before"), mib("table_bytes")};
}

// Rows are appended to row(), and written a megabyte at a time.
class RowsFile {
 public:
  RowsFile(const fs::path& path, const std::string& header) : file_(path), text_(header) {}

  int64_t size() const { return written_ + static_cast<int64_t>(text_.size()); }
  std::string& row() {
    if (text_.size() >= (size_t{1} << 20)) Flush();
    return text_;
  }
  void Flush() {
    file_ << text_;
    written_ += static_cast<int64_t>(text_.size());
    text_.clear();
  }

 private:
  std::ofstream file_;
  std::string text_;
  int64_t written_ = 0;
};

client::CampaignGenerator Campaigns() {
  absl::StatusOr<client::CampaignGenerator> created = client::CampaignGenerator::Create({.missing_share = 0.01});
  return *std::move(created);
}

std::string CampaignHeader() {
  std::string header;
  client::AppendCampaignHeader(false, &header);
  return header;
}

void WriteCampaigns(int64_t rows, const fs::path& path) {
  client::CampaignGenerator generator = Campaigns();
  RowsFile file(path, CampaignHeader());
  for (int64_t i = 0; i < rows; ++i) client::AppendCampaignRow(generator.Next(), false, &file.row());
  file.Flush();
}

// --- memory

constexpr int kNumberColumns = 20;

// Numbers in [0, 1000), with all their digits or with two decimals.
void WriteNumbers(int64_t bytes, bool all_digits, const fs::path& path) {
  std::string header;
  for (int i = 0; i < kNumberColumns; ++i) absl::StrAppend(&header, i > 0 ? "," : "", "x", i);
  RowsFile file(path, header + "\n");
  Random random(1);
  while (file.size() < bytes) {
    std::string& row = file.row();
    for (int i = 0; i < kNumberColumns; ++i) {
      if (i > 0) row += ',';
      const double number = 1000 * random.Uniform();
      if (all_digits) {
        absl::StrAppendFormat(&row, "%.17g", number);
      } else {
        absl::StrAppendFormat(&row, "%.2f", number);
      }
    }
    row += '\n';
  }
  file.Flush();
}

// named: each campaign has a name of its own.
void WriteCampaignBytes(int64_t bytes, bool named, const fs::path& path) {
  client::CampaignGenerator generator = Campaigns();
  RowsFile file(path, (named ? "campaign," : "") + CampaignHeader());
  for (int64_t i = 0; file.size() < bytes; ++i) {
    std::string& row = file.row();
    if (named) absl::StrAppendFormat(&row, "Summer sale %d/%02d #%07d,", 2015 + i % 10, 1 + i % 12, i);
    client::AppendCampaignRow(generator.Next(), false, &row);
  }
  file.Flush();
}

// What people searched for: nearly every cell of the first two columns is another text.
void WriteSearchTerms(int64_t bytes, const fs::path& path) {
  constexpr absl::string_view kWords[] = {"red",        "cheap",  "running", "shoes", "women", "best",
                                          "waterproof", "jacket", "near",    "me",    "sale",  "review",
                                          "size",       "black",  "kids",    "trail"};
  RowsFile file(path, "search_term,landing_page,campaign,clicks,cost\n");
  Random random(1);
  const auto word = [&] { return kWords[random.Below(std::size(kWords))]; };
  for (int64_t i = 0; file.size() < bytes; ++i) {
    const absl::string_view first = word(), second = word();
    absl::StrAppendFormat(&file.row(), "%s %s %s %d,https://shop.example/%s/%s-%d,%s %s,%d,%.2f\n", first, second,
                          word(), i, first, second, i, word(), word(), random.Below(500), 100 * random.Uniform());
  }
  file.Flush();
}

struct MemoryTable {
  std::string name;
  std::function<void(const fs::path&)> write;
};

// What tables take: the file, the table as its library counts it, and the process's peak beyond what it had before.
void MeasureMemory(const std::string& self, const std::string& python, int64_t megabytes, const fs::path& folder,
                   Report& report) {
  const int64_t bytes = megabytes * 1'000'000;
  const MemoryTable tables[] = {
      {"numbers, all digits", [=](const fs::path& to) { WriteNumbers(bytes, true, to); }},
      {"numbers, two decimals", [=](const fs::path& to) { WriteNumbers(bytes, false, to); }},
      {"campaigns", [=](const fs::path& to) { WriteCampaignBytes(bytes, false, to); }},
      {"named campaigns", [=](const fs::path& to) { WriteCampaignBytes(bytes, true, to); }},
      {"search terms", [=](const fs::path& to) { WriteSearchTerms(bytes, to); }},
  };
  const std::vector<std::string> peers = python.empty()
                                             ? std::vector<std::string>()
                                             : std::vector<std::string>{"pandas", "pandas-pyarrow", "polars", "duckdb"};
  for (const MemoryTable& table : tables) {
    const std::string file = (folder / "memory.csv").string();
    table.write(file);
    const double file_mib = static_cast<double>(fs::file_size(file)) / (1 << 20);
    const Reading mine = Run(absl::StrCat(self, " --child table ", file));
    std::cout << absl::StrFormat("%s: %d rows, CSV of %.0f MiB\n", table.name, mine.rows, file_mib);
    const auto print = [](const std::string& who, const Reading& reading) {
      std::cout << absl::StrFormat("  %-15s table %6.0f MiB, peak %6.0f MiB, of which %4.0f before it reads\n", who,
                                   reading.table_mib, reading.peak_mib, reading.before_mib);
    };
    print("roicast", mine);
    for (const std::string& peer : peers) {
      const Reading theirs =
          Run(absl::StrCat(python, " " ROICAST_SOURCE_DIR "/bench/peers/reading_peers.py ", peer, " ", file));
      print(peer, theirs);
      const auto add = [&](const char* what, double value, double peer_value) {
        report.Add(
            {"reading", absl::StrCat(table.name, ", ", what), value, "MiB", peer, peer_value, peer_value / value, 0.0});
      };
      if (theirs.table_mib > 0.0) add("table", mine.table_mib, theirs.table_mib);
      add("peak while it is read", mine.peak_mib - mine.before_mib, theirs.peak_mib - theirs.before_mib);
    }
    fs::remove(file);
  }
}

// --- rates

int MeasureRates(const std::string& self, const std::string& python, int64_t rows, int repeats, const fs::path& folder,
                 Report& report) {
  const std::string file = (folder / "campaigns.csv").string();
  WriteCampaigns(rows, file);
  const double megabytes = static_cast<double>(fs::file_size(file)) / 1e6;
  std::cout << absl::StrFormat("%d rows, %.0f MB\n", rows, megabytes);

  std::map<std::string, std::string> commands;
  const std::vector<std::string> ours = {"rows", "detect", "cells", "table"};
  for (const std::string& how : ours) commands[how] = absl::StrCat(self, " --child ", how, " ", file);
  const std::vector<std::string> peers =
      python.empty() ? std::vector<std::string>() : std::vector<std::string>{"polars", "duckdb", "pandas"};
  for (const std::string& peer : peers) {
    commands[peer] = absl::StrCat(python, " " ROICAST_SOURCE_DIR "/bench/peers/reading_peers.py ", peer, " ", file);
  }
  std::map<std::string, std::vector<double>> rates;
  std::map<std::string, double> memory;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    for (const auto& [name, command] : commands) {
      const Reading reading = Run(command);
      if (reading.rows != rows) {
        std::cerr << name << " read " << reading.rows << " rows" << std::endl;
        return 1;
      }
      rates[name].push_back(static_cast<double>(rows) / reading.seconds);
      memory[name] = reading.peak_mib;
    }
  }
  for (const std::string& how : ours) {
    if (peers.empty()) report.Add({"reading", how, Median(rates[how]), "rows/s", "none", 0.0, 0.0, 0.0});
    for (const std::string& peer : peers) {
      const double mine = Median(rates[how]);
      const double theirs = Median(rates[peer]);
      const bool compared = how == "cells" || how == "table";
      report.Add(
          {"reading", how, mine, "rows/s", peer, theirs, mine / theirs, compared && peer == "polars" ? 0.5 : 0.0});
    }
  }
  for (const auto& [name, peak] : memory) std::cout << absl::StrFormat("%-8s peak memory %.0f MiB\n", name, peak);

  // Memory as the file grows.
  const std::string larger = (folder / "larger.csv").string();
  WriteCampaigns(4 * rows, larger);
  for (const std::string how : {"rows", "detect"}) {
    const double peak = Run(absl::StrCat(self, " --child ", how, " ", larger)).peak_mib;
    report.Add({"reading", how + ", 4 times the rows", peak, "MiB", "1 times", memory[how], memory[how] / peak, 0.0});
  }
  return 0;
}

int Main(int argc, char** argv) {
  std::string python;
  std::string json;
  std::string only;
  std::vector<std::string> child;
  int64_t rows = 1'000'000;
  int64_t megabytes = 200;
  int repeats = 5;
  CLI::App app("Reading tables");
  app.add_option("--peers", python, "Python interpreter that has polars, duckdb, pandas and pyarrow");
  app.add_option("--json", json, "Append results to this file");
  app.add_option("--only", only, "rates or memory")->check(CLI::IsMember({"rates", "memory"}));
  app.add_option("--rows", rows, "Rows of the table whose reading is timed");
  app.add_option("--repeats", repeats, "Readings by each");
  app.add_option("--megabytes", megabytes, "Of the files whose memory is measured")->check(CLI::PositiveNumber);
  app.add_option("--child", child, "HOW FILE: for this program's own processes")->expected(2);
  CLI11_PARSE(app, argc, argv);
  if (!child.empty()) return RunChild(child[0], child[1]);

  const fs::path folder = fs::temp_directory_path() / absl::StrCat("roicast-reading-", getpid());
  fs::create_directory(folder);
  const std::string self = fs::read_symlink("/proc/self/exe").string();
  Report report(json);
  int result = 0;
  if (only != "memory") result = MeasureRates(self, python, rows, repeats, folder, report);
  if (result == 0 && only != "rates") MeasureMemory(self, python, megabytes, folder, report);
  fs::remove_all(folder);
  return result;
}

}  // namespace
}  // namespace roicast::bench

int main(int argc, char** argv) { return roicast::bench::Main(argc, argv); }
