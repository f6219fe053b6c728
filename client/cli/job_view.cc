#include "client/cli/job_view.h"

#include <cmath>
#include <cstdio>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "base/status_macros.h"
#include "client/cli/format.h"
#include "client/cli/interrupts.h"
#include "client/cli/json_output.h"
#include "client/cli/progress_line.h"
#include "client/cli/report_view.h"

namespace roicast::client {
namespace {

std::string EpochText(const v1::JobProgress& progress) {
  const v1::EpochRecord& epoch = progress.last_epoch();
  std::string text =
      absl::StrFormat("epoch %d/%d %s loss %.4f", epoch.epoch(), progress.total_epochs(),
                      FormatBar(progress.total_epochs() == 0 ? 0 : double(epoch.epoch()) / progress.total_epochs(), 20),
                      epoch.train_loss());
  if (!std::isnan(epoch.validation_loss())) {
    absl::StrAppend(&text,
                    absl::StrFormat(", validation %.4f, R² %.4f", epoch.validation_loss(), epoch.validation_r2()));
  }
  if (progress.has_time_left()) {
    absl::StrAppend(&text, ", ", FormatClock(absl::Seconds(progress.time_left().seconds())), " left");
  }
  return text;
}

std::string RejoinText(const std::string& id) {
  return absl::StrCat("The job goes on. Come back to it: roicast jobs watch ", id,
                      "\n  Stop it:         roicast jobs cancel ", id);
}

}  // namespace

std::string JobProgressText(const v1::TrainingJob& job) {
  if (job.state() != v1::JOB_STATE_RUNNING) return absl::StrCat(job.id(), ": ", FormatState(job.state()));
  if (job.progress().phase() == v1::JOB_PHASE_TRAINING && job.progress().has_last_epoch()) {
    return absl::StrCat(job.id(), ": ", EpochText(job.progress()));
  }
  return absl::StrCat(job.id(), ": ", FormatPhase(job.progress().phase()));
}

std::string JobText(const v1::TrainingJob& job) {
  std::string text = absl::StrCat(job.id(), ": ", FormatState(job.state()));
  if (job.state() == v1::JOB_STATE_SUCCEEDED) {
    absl::StrAppend(&text, ", model ", job.spec().model().empty() ? "default" : job.spec().model(), " version ",
                    job.version(), " (", FormatDigest(job.artifact_digest()), ")");
  }
  if (job.has_start_time() && job.has_end_time()) {
    const absl::Duration took = absl::Seconds(job.end_time().seconds() - job.start_time().seconds()) +
                                absl::Nanoseconds(job.end_time().nanos() - job.start_time().nanos());
    absl::StrAppend(&text, absl::StrFormat(", %.1f s", absl::ToDoubleSeconds(took)));
  }
  text += "\n";
  if (!HasEnded(job.state())) absl::StrAppend(&text, "  ", JobProgressText(job), "\n");
  if (job.error().code() != 0) absl::StrAppend(&text, "  ", job.error().message(), "\n");
  if (job.resumable()) absl::StrAppend(&text, "  go on from its checkpoint: roicast jobs resume ", job.id(), "\n");
  if (job.has_create_time()) absl::StrAppend(&text, "  created ", FormatTimestamp(job.create_time()), "\n");
  if (job.has_report()) {
    const v1::TrainingReport& report = job.report();
    absl::StrAppend(&text, "\nCleaning\n", CleaningText(report.cleaning()), "\nMetrics, in ROI units\n",
                    MetricsText(report), "  epochs: ", report.epochs_run(), " run (", report.stop_reason(),
                    "), weights of epoch ", report.best_epoch(), "; ", FormatCount(report.parameter_count()),
                    " parameters\n");
  }
  return text;
}

ExitCode ExitCodeOf(const v1::TrainingJob& job) {
  return !HasEnded(job.state()) || job.state() == v1::JOB_STATE_SUCCEEDED ? kOk : kJobFailed;
}

absl::StatusOr<int> WatchJobToEnd(const CommandContext& context, const TrainingClient& client, const std::string& id) {
  ProgressLine line(context.json);
  absl::Mutex mutex;
  std::function<void()> cancel;
  const Interrupts interrupts([&] {
    const absl::MutexLock lock(&mutex);
    if (cancel) cancel();
  });
  v1::JobState last_state = v1::JOB_STATE_UNSPECIFIED;
  v1::JobPhase last_phase = v1::JOB_PHASE_UNSPECIFIED;
  const absl::StatusOr<v1::TrainingJob> job = client.WatchJob(
      id, WatchOptions(),
      [&](const v1::TrainingJob& update) {
        const bool changed = update.state() != last_state || update.progress().phase() != last_phase;
        last_state = update.state();
        last_phase = update.progress().phase();
        if (!HasEnded(update.state())) line.Update(JobProgressText(update), changed);
        return !interrupts.interrupted();
      },
      [&](std::function<void()> registered) {
        const absl::MutexLock lock(&mutex);
        cancel = std::move(registered);
        if (interrupts.interrupted()) cancel();
      });
  line.Clear();
  if (interrupts.interrupted() && (!job.ok() || !HasEnded(job->state()))) {
    line.Note(RejoinText(id));
    return kInterrupted;
  }
  if (!job.ok()) {
    if (absl::IsUnavailable(job.status())) line.Note(RejoinText(id));
    return job.status();
  }
  if (context.json) {
    PrintJson(ToJson(*job));
  } else {
    std::fputs(JobText(*job).c_str(), stdout);
  }
  return ExitCodeOf(*job);
}

}  // namespace roicast::client
