#include "server/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "server/errors/errors.h"
#include "server/process_settings.h"

namespace roicast {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

class Options : public ::testing::Test {
 protected:
  Options() : file_(::testing::TempDir() + absl::StrCat("options_test.", ::getpid(), ".conf")) {}
  ~Options() override {
    for (const std::string& name : set_) ::unsetenv(name.c_str());
    std::filesystem::remove(file_);
  }
  void SetEnvironment(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }
  void WriteFile(const std::string& text) { std::ofstream(file_) << text; }
  static CommandLine Run(std::vector<std::string> arguments) {
    std::vector<const char*> argv = {"roicast-server"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    return ParseCommandLine(static_cast<int>(argv.size()), argv.data());
  }
  // The one line that a wrong setting gives.
  static std::string Refusal(std::vector<std::string> arguments) {
    const CommandLine line = Run(std::move(arguments));
    EXPECT_TRUE(line.exit);
    EXPECT_EQ(line.exit_code, 2);
    EXPECT_EQ(line.message.find('\n'), line.message.size() - 1) << line.message;
    return line.message;
  }

  const std::string file_;
  std::vector<std::string> set_;
};

TEST_F(Options, TheCommandLineOverridesTheEnvironmentWhichOverridesTheFile) {
  WriteFile("max_in_flight = 7\nmax_batch_rows = 7\nmax_queued_jobs = 7\n");
  SetEnvironment("ROICAST_MAX_IN_FLIGHT", "8");
  SetEnvironment("ROICAST_MAX_BATCH_ROWS", "8");
  const CommandLine line = Run({"--config", file_, "--max_in_flight", "9"});
  ASSERT_FALSE(line.exit) << line.message;
  EXPECT_EQ(line.options.max_in_flight, 9);
  EXPECT_EQ(line.options.max_batch_rows, 8);
  EXPECT_EQ(line.options.max_queued_jobs, 7);
  EXPECT_EQ(line.options.max_dataset_bytes, int64_t{4} << 30);
}

TEST_F(Options, TheConfigFileCanBeNamedInTheEnvironment) {
  WriteFile("lame_duck = 2s\n");
  SetEnvironment("ROICAST_CONFIG", file_);
  const CommandLine line = Run({});
  ASSERT_FALSE(line.exit) << line.message;
  EXPECT_EQ(line.options.lame_duck, absl::Seconds(2));
}

TEST_F(Options, AConfigFileMayHaveCommentsBlankLinesAndQuotes) {
  WriteFile(
      "# for the fleet\n\n  store = \"/var/lib/a # b\"  # quoted\nlame_duck=3s # as a comment\r\nlog_format = json");
  const CommandLine line = Run({"--config", file_});
  ASSERT_FALSE(line.exit) << line.message;
  EXPECT_EQ(line.options.store, "/var/lib/a # b");
  EXPECT_EQ(line.options.lame_duck, absl::Seconds(3));
  EXPECT_EQ(line.options.log_format, LogFormat::kJson);
}

TEST_F(Options, AConfigFileMayBeginWithAByteOrderMark) {
  WriteFile("\xEF\xBB\xBFlame_duck = 3s\n");
  const CommandLine line = Run({"--config", file_});
  ASSERT_FALSE(line.exit) << line.message;
  EXPECT_EQ(line.options.lame_duck, absl::Seconds(3));
}

TEST_F(Options, ListenTakesSeveralAddresses) {
  const CommandLine line = Run({"--listen", "127.0.0.1:0,[::1]:0,unix:/run/roicast.sock"});
  ASSERT_FALSE(line.exit) << line.message;
  EXPECT_EQ(line.options.listen, "127.0.0.1:0,[::1]:0,unix:/run/roicast.sock");
}

TEST_F(Options, TrainingThreadsAreTheCoresThatPollingLeaves) {
  EXPECT_EQ(Run({"--training_threads", "3"}).options.training_threads, 3);
  EXPECT_GE(Run({}).options.training_threads, 1);
  // No core is left, but a job has to run.
  EXPECT_EQ(Run({"--polling_threads", "64", "--training_workers", "16"}).options.training_threads, 1);
  EXPECT_THAT(Refusal({"--training_threads", "65"}), AllOf(HasSubstr("training_threads"), HasSubstr("65")));
}

TEST_F(Options, ADecisionNeedsAThreadBesideThoseThatWait) {
  EXPECT_EQ(Run({}).options.decision_threads, 8);
  EXPECT_EQ(Run({"--decision_threads", "2"}).options.decision_threads, 2);
  EXPECT_THAT(Refusal({"--decision_threads", "1"}), AllOf(HasSubstr("decision_threads"), HasSubstr("got 1")));
}

TEST_F(Options, AWrongLineOfAConfigFileIsNamedWithFileAndNumber) {
  const auto refusal = [this](const std::string& text) {
    WriteFile(text);
    return Refusal({"--config", file_});
  };
  EXPECT_THAT(refusal("lame_duck = 1s\nmax_in_flight = many\n"),
              AllOf(HasSubstr(file_ + ":2: "), HasSubstr("expected a whole number, got \"many\"")));
  EXPECT_THAT(refusal("max_in_flite = 3\n"), AllOf(HasSubstr(file_ + ":1: "), HasSubstr("\"max_in_flite\"")));
  EXPECT_THAT(refusal("just words\n"), AllOf(HasSubstr(file_ + ":1: "), HasSubstr("name = value")));
  EXPECT_THAT(refusal("max_in_flight = 0\n"), AllOf(HasSubstr(file_ + ":1: "), HasSubstr("got 0")));
  EXPECT_THAT(refusal("config = other.conf\n"), HasSubstr(file_ + ":1: "));
  EXPECT_THAT(refusal("store = \"open\n"), HasSubstr("closing quote"));
}

TEST_F(Options, AConfigFileThatCannotBeReadSaysWhy) {
  EXPECT_THAT(Refusal({"--config", "/no/such.conf"}),
              AllOf(HasSubstr("/no/such.conf"), HasSubstr("No such file or directory")));
  EXPECT_THAT(Refusal({"--config", ::testing::TempDir()}), HasSubstr("directory"));
}

// A pipe without a writer kept the thread that answers signals, and what is read once is not there to be read again.
TEST_F(Options, AConfigFileIsARegularFile) {
  std::remove(file_.c_str());
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
  EXPECT_THAT(Refusal({"--config", file_}), HasSubstr("expected a regular file"));
  std::remove(file_.c_str());
  EXPECT_THAT(Refusal({"--config", "/dev/zero"}), HasSubstr("expected a regular file"));
}

TEST_F(Options, AConfigFileHasAMegabyteAtMost) {
  WriteFile("max_models = 5\n#" + std::string((1 << 20) - 16, 'x'));
  const CommandLine line = Run({"--config", file_});
  ASSERT_FALSE(line.exit) << line.message;
  EXPECT_EQ(line.flags_in_file, 1u);
  WriteFile("max_models = 5\n#" + std::string(1 << 20, 'x'));
  EXPECT_THAT(Refusal({"--config", file_}), HasSubstr("expected at most 1048576 bytes, got more"));
}

TEST_F(Options, AWrongVariableIsNamed) {
  SetEnvironment("ROICAST_LAME_DUCK", "5");
  EXPECT_THAT(Refusal({}), AllOf(HasSubstr("ROICAST_LAME_DUCK: "), HasSubstr("duration"), HasSubstr("\"5\"")));
}

TEST_F(Options, TheHelpNamesTheFlagsThatAReloadTakesOver) {
  EXPECT_THAT(Run({"--help"}).message, HasSubstr("takes over max_store_bytes, max_models, max_versions, lame_duck, "
                                                 "drain_timeout, log_level, access_log_every;\n"));
}

TEST_F(Options, AWrongVariableDoesNotHideTheHelp) {
  SetEnvironment("ROICAST_LAME_DUCK", "5");
  const CommandLine line = Run({"--help"});
  EXPECT_TRUE(line.exit);
  EXPECT_EQ(line.exit_code, 0);
  EXPECT_THAT(line.message, AllOf(HasSubstr("--lame_duck"), HasSubstr("ROICAST_MAX_IN_FLIGHT")));
}

TEST_F(Options, AWrongFlagSaysWhatWasExpected) {
  EXPECT_THAT(Refusal({"--max_in_flight", "abc"}), HasSubstr("--max_in_flight: expected a whole number, got \"abc\""));
  EXPECT_THAT(Refusal({"--max_batch_rows", "99999999999999999999"}), HasSubstr("\"99999999999999999999\""));
  EXPECT_THAT(Refusal({"--log_level", "loud"}), HasSubstr("--log_level: expected debug, info, warning or error"));
  EXPECT_THAT(Refusal({"--nope", "3"}), HasSubstr("roicast-server: unknown flag --nope (--help"));
  EXPECT_THAT(Refusal({"--lisen", "a:1"}), HasSubstr("unknown flag --lisen; did you mean \"--listen\"?"));
  EXPECT_THAT(Refusal({"start"}), HasSubstr("unexpected argument start"));
  EXPECT_THAT(
      Refusal({"--listen", "127.0.0.1:0,here"}),
      HasSubstr("--listen: expected host:port, such as 0.0.0.0:8500 or [::]:8500, or unix:/path, got \"here\""));
  EXPECT_THAT(Refusal({"--http_listen", "unix:/a"}), HasSubstr("--http_listen: expected host:port"));
}

TEST_F(Options, TlsNeedsBothFiles) {
  EXPECT_THAT(Refusal({"--tls_key", "key"}),
              HasSubstr("--tls_certificate: expected a file with --tls_key, got nothing"));
  EXPECT_THAT(Refusal({"--tls_certificate", "certificate"}),
              HasSubstr("--tls_key: expected a file with --tls_certificate, got nothing"));
  EXPECT_THAT(Refusal({"--http_tls", "true"}),
              HasSubstr("--http_tls: expected --tls_certificate and --tls_key with it, got neither"));
  EXPECT_THAT(Refusal({"--http_tls", "yes"}), HasSubstr("--http_tls: expected true or false, got \"yes\""));
  const CommandLine line = Run({"--tls_certificate", "certificate", "--tls_key", "key", "--http_tls", "true"});
  EXPECT_FALSE(line.exit) << line.message;
  EXPECT_TRUE(line.options.http_tls);
  EXPECT_THAT(line.options.Effective(), Contains(Pair("http_tls", "true")));
}

TEST_F(Options, AllFlagsInEffectAreListed) {
  const CommandLine line = Run({"--log_level", "debug", "--lame_duck", "0s"});
  ASSERT_FALSE(line.exit) << line.message;
  const auto effective = line.options.Effective();
  EXPECT_THAT(effective, Contains(Pair("log_level", "debug")));
  EXPECT_THAT(effective, Contains(Pair("log_format", "text")));
  EXPECT_THAT(effective, Contains(Pair("lame_duck", "0s")));
  EXPECT_THAT(effective, Contains(Pair("config", "")));
}

TEST_F(Options, EachFlagIsParsedCheckedAndPrintedByItsRow) {
  EXPECT_THAT(Refusal({"--max_in_flight", "0"}), HasSubstr("--max_in_flight: expected 1 to 10000000, got 0"));
  EXPECT_THAT(Refusal({"--max_dataset_bytes", "0"}), HasSubstr("--max_dataset_bytes: expected at least 1, got 0"));
  EXPECT_THAT(Refusal({"--drain_timeout", "inf"}),
              HasSubstr("--drain_timeout: expected a finite duration of at least 0s, got inf"));
  EXPECT_THAT(Refusal({"--checkpoint_interval", "0s"}),
              HasSubstr("--checkpoint_interval: expected a finite duration of more than 0s, got 0s"));
  EXPECT_THAT(Refusal({"--store", ""}), HasSubstr("--store: expected a folder, got nothing"));
  EXPECT_THAT(Refusal({"--default_model", "My Model"}), HasSubstr("got \"My Model\""));
  const std::string help = Run({"--help"}).message;
  for (const auto& [name, text] : ServerOptions().Effective()) {
    EXPECT_THAT(help, HasSubstr(absl::StrCat("--", name)));
    if (name == "config") continue;
    const CommandLine line = Run({absl::StrCat("--", name), text});
    ASSERT_FALSE(line.exit && !text.empty()) << name << ": " << line.message;
  }
  EXPECT_THAT(help, HasSubstr("older versions kept loaded because requests name them (1 to 1000)"));
}

TEST_F(Options, EveryFlagSaysWhatItExpectsAndIsSuggestedForAMisspeltOne) {
  for (const auto& [name, value] : ServerOptions().Effective()) {
    EXPECT_THAT(Refusal({absl::StrCat("--", name)}),
                AllOf(HasSubstr(absl::StrCat("roicast-server: --", name, ": expected ")), HasSubstr(", got nothing")));
    const std::string misspelt = name.substr(0, name.size() - 1);
    EXPECT_THAT(Refusal({absl::StrCat("--", misspelt), "3"}),
                HasSubstr(absl::StrCat("unknown flag --", misspelt, "; did you mean \"--", name, "\"?")));
    if (name == "config") continue;
    WriteFile(misspelt + " = 3\n");
    EXPECT_THAT(Refusal({"--config", file_}),
                HasSubstr(absl::StrCat("got \"", misspelt, "\"; did you mean \"", name, "\"?")));
  }
  EXPECT_THAT(Refusal({"--max-batch-rows", "3"}), HasSubstr("did you mean \"--max_batch_rows\"?"));
}

TEST_F(Options, LimitsThatDependOnOthersAreChosen) {
  const auto chosen = [](std::vector<std::string> arguments) {
    const CommandLine line = Run(std::move(arguments));
    EXPECT_FALSE(line.exit) << line.message;
    return line.options;
  };
  const ServerOptions usual = chosen({});
  EXPECT_EQ(usual.max_connections, std::min<int64_t>(10000, DescriptorLimit() * 3 / 4));
  EXPECT_EQ(usual.max_connections_per_peer, usual.max_connections / 2);
  EXPECT_EQ(usual.max_bytes_held, int64_t{144} << 20);
  EXPECT_EQ(chosen({"--max_connections", "7"}).max_connections, 7);
  EXPECT_EQ(chosen({"--max_connections", "7"}).max_connections_per_peer, 3);
  EXPECT_EQ(chosen({"--max_connections", "1"}).max_connections_per_peer, 1);
  EXPECT_EQ(chosen({"--max_connections_per_peer", "9"}).max_connections_per_peer, 9);
  // Over TLS a connection takes more memory.
  const std::vector<std::string> tls = {"--tls_certificate", "c", "--tls_key", "k", "--max_connections", "9"};
  EXPECT_EQ(chosen(tls).max_connections_per_peer, 3);
  EXPECT_EQ(usual.max_bytes_held_per_connection, int64_t{108} << 20);
  EXPECT_EQ(chosen({"--max_bytes_held", "67108864"}).max_bytes_held_per_connection, 64 << 20) << "no more than of all";
  EXPECT_EQ(chosen({"--max_bytes_held", "76000000"}).max_bytes_held_per_connection, 76000000);
  EXPECT_EQ(chosen({"--max_message_bytes", "1024"}).max_bytes_held, 16 << 20);
  EXPECT_EQ(chosen({"--max_bytes_held", "67108864"}).max_bytes_held, 64 << 20);
  EXPECT_EQ(usual.memory_budget, MemoryLimit() / 4 * 3);
  EXPECT_EQ(chosen({"--memory_budget", "500000000"}).memory_budget, 500000000);
}

TEST_F(Options, BoundsOnClientsAreChecked) {
  const auto refused = [](const std::string& flag, const std::string& value, const std::string& why) {
    EXPECT_THAT(Refusal({"--" + flag, value}), HasSubstr(absl::StrCat("--", flag, ": ", why)));
  };
  refused("max_connections", "-1", "expected 0 to 1000000, got -1");
  refused("max_connections_per_peer", "1000001", "expected 0 to 1000000, got 1000001");
  refused("max_streams_per_connection", "0", "expected 1 to 1000000, got 0");
  refused("max_header_bytes", "1023", "expected 1024 to 1048576, got 1023");
  refused("max_headers", "15", "expected 16 to 10000, got 15");
  refused("max_useless_frames", "9", "expected 10 to 1000000, got 9");
  refused("memory_budget", "150994943", "expected at least --max_bytes_held (150994944), got 150994943");
  refused("memory_budget", "-1", "expected 0 to");
  refused("max_bytes_held", "67108863", "expected at least --max_message_bytes (67108864), got 67108863");
  refused("max_bytes_held_per_connection", "67108863",
          "expected at least --max_message_bytes (67108864), got 67108863");
  for (const char* flag : {"preface_timeout", "header_timeout", "body_timeout", "idle_timeout", "write_timeout",
                           "keepalive_time", "keepalive_timeout"}) {
    refused(flag, "0s", "expected a duration of more than 0s and at most 8760h, got 0s");
    refused(flag, "8761h", "expected a duration of more than 0s and at most 8760h, got 8761h");
    refused(flag, "10", "expected a duration such as 500ms, 5s or 2m, got \"10\"");
  }
  for (const char* flag : {"max_connection_age", "max_connection_age_grace"}) {
    refused(flag, "-1s", "expected a duration of at least 0s and at most 8760h, got -1s");
    refused(flag, "inf", "expected a duration of at least 0s and at most 8760h, got inf");
    EXPECT_FALSE(Run({absl::StrCat("--", flag), "0s"}).exit);
  }
}

TEST_F(Options, LimitsNameFlagsThatExist) {
  const auto flags = ServerOptions().Effective();
  int named = 0;
  for (const char* resource :
       {"rows", "request bytes", "dataset bytes", "calls in flight", "compute tasks waiting", "training jobs waiting",
        "bytes held for clients", "bytes held for a connection", "bytes of memory"}) {
    const std::string message(RequestTooLarge(resource, 1, 2).message());
    for (const auto& [name, value] : flags) {
      if (absl::StrContains(message, absl::StrCat("(the server's --", name, ")"))) ++named;
    }
  }
  EXPECT_EQ(named, 9);
}

// An answer to the largest batch was larger than gRPC's clients receive, and thrown away after the work was done.
TEST_F(Options, TheDefaultLimitsFitTogether) {
  const ServerOptions options;
  EXPECT_GE(options.max_message_bytes, options.max_batch_rows * 20 * int64_t{sizeof(float)} + 1000) << "20 columns";
  EXPECT_LE(options.max_batch_rows * int64_t{sizeof(float)}, 3 << 20) << "a MiB for the issues";
}

}  // namespace
}  // namespace roicast
