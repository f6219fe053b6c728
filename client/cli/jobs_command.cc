// roicast jobs: list, show, watch, cancel, resume.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/file_error.h"
#include "client/cli/format.h"
#include "client/cli/job_view.h"
#include "client/cli/json_output.h"
#include "client/cli/text_table.h"
#include "client/cli/usage.h"
#include "client/cli/verdict.h"

namespace roicast::client {
namespace {

using WhenNarrow = TextTable::WhenNarrow;

struct JobsFlags {
  std::string id;
  std::string model;
  int limit = 20;
  bool detach = false;
};

std::string ResultText(const v1::TrainingJob& job) {
  if (job.state() == v1::JOB_STATE_SUCCEEDED) {
    return absl::StrCat("version ", job.version(), job.not_serving().empty() ? "" : ", not serving");
  }
  if (job.error().code() != 0) return job.error().message();
  if (job.state() == v1::JOB_STATE_RUNNING && job.progress().has_last_epoch()) {
    return absl::StrCat("epoch ", job.progress().last_epoch().epoch(), "/", job.progress().total_epochs());
  }
  return "";
}

absl::StatusOr<int> ListJobs(const CommandContext& context, const TrainingClient& client, const JobsFlags& flags) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<v1::TrainingJob> jobs, client.ListJobs(flags.model, flags.limit));
  if (context.json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const v1::TrainingJob& job : jobs) json.push_back(ToJson(job));
    PrintJson(json);
    return kOk;
  }
  if (jobs.empty()) {
    std::printf("No jobs yet. Start one: roicast train FILE\n");
    return kOk;
  }
  TextTable table({"job", "state", "model", {"result", WhenNarrow::kCut}, {"created", WhenNarrow::kDrop}});
  for (const v1::TrainingJob& job : jobs) {
    const Tone tone = ToneOfState(job.state());
    const Tone result = job.not_serving().empty() ? Tone::kPlain : Tone::kWarning;
    table.AddRow({job.id(), Toned(FormatState(job.state()), tone), job.spec().model(),
                  Toned(ResultText(job), job.error().code() != 0 ? tone : result), FormatTimestamp(job.create_time())});
  }
  std::fputs(table.ToString(context.Output()).c_str(), stdout);
  return kOk;
}

int PrintJob(const CommandContext& context, const v1::TrainingJob& job) {
  if (context.json) {
    PrintJson(ToJson(job));
  } else {
    std::fputs(JobText(job, context.Output()).c_str(), stdout);
  }
  return kOk;
}

absl::StatusOr<int> ShowJob(const CommandContext& context, const TrainingClient& client, const JobsFlags& flags) {
  ROICAST_ASSIGN_OR_RETURN(const v1::TrainingJob job, client.GetJob(flags.id));
  return PrintJob(context, job);
}

absl::StatusOr<int> Watch(const CommandContext& context, const TrainingClient& client, const JobsFlags& flags) {
  return WatchJobToEnd(context, client, flags.id);
}

absl::StatusOr<int> Cancel(const CommandContext& context, const TrainingClient& client, const JobsFlags& flags) {
  ROICAST_ASSIGN_OR_RETURN(const v1::TrainingJob job, client.CancelJob(flags.id));
  if (!context.json && job.state() == v1::JOB_STATE_RUNNING) {
    std::printf("%s: cancelling\n", Printable(job.id()).c_str());
    return kOk;
  }
  const bool ended = job.state() == v1::JOB_STATE_SUCCEEDED || job.state() == v1::JOB_STATE_FAILED ||
                     job.state() == v1::JOB_STATE_INTERRUPTED;
  if (ended) {
    return WithHint(absl::FailedPreconditionError(absl::StrCat(job.id(), ": nothing was cancelled: the job has ended (",
                                                               FormatState(job.state()), ")")),
                    absl::StrCat("roicast jobs show ", flags.id, " shows how"));
  }
  return PrintJob(context, job);
}

absl::StatusOr<int> Resume(const CommandContext& context, const TrainingClient& client, const JobsFlags& flags) {
  v1::CreateTrainingJobRequest request;
  request.set_resume_job(flags.id);
  ROICAST_ASSIGN_OR_RETURN(const v1::TrainingJob job, client.CreateJob(request));
  if (flags.detach) return PrintJob(context, job);
  return WatchJobToEnd(context, client, job.id());
}

using JobsSubcommand = absl::StatusOr<int> (*)(const CommandContext&, const TrainingClient&, const JobsFlags&);

}  // namespace

void AddJobsCommand(CLI::App& app, CommandContext& context) {
  CLI::App& jobs = *app.add_subcommand("jobs", "List, show, watch, cancel and resume training jobs");
  jobs.require_subcommand(1);
  jobs.fallthrough();
  const auto flags = std::make_shared<JobsFlags>();
  const auto add = [&](const std::string& name, const std::string& help, JobsSubcommand body,
                       bool takes_id) -> CLI::App& {
    CLI::App& command = *jobs.add_subcommand(name, help);
    if (takes_id) command.add_option("--job,id", flags->id, "Job id, such as job-000017")->required()->type_name("JOB");
    SetCommand(command, context, [&context, flags, body]() -> absl::StatusOr<int> {
      ROICAST_ASSIGN_OR_RETURN(const auto channels, context.Connect());
      return body(context, TrainingClient(channels, context.Calls()), *flags);
    });
    return command;
  };
  CLI::App& list = add("list", "List the newest jobs", &ListJobs, false);
  list.add_option("-m,--model,name", flags->model, "Only jobs of this model")->type_name("NAME");
  list.add_option("--limit", flags->limit, "Maximum number of jobs")->check(Above(0))->capture_default_str();
  add("show", "Show a job and its report", &ShowJob, true);
  add("watch", "Follow a job until it ends; Ctrl-C leaves it running", &Watch, true);
  add("cancel", "Cancel a job", &Cancel, true);
  add("resume", "Resume an interrupted job from its checkpoint", &Resume, true)
      .add_flag("--detach", flags->detach, "Do not wait for the job to end");
}

}  // namespace roicast::client
