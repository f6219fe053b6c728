#include "client/cli/job_view.h"

#include <cmath>
#include <cstdio>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "client/cli/display_width.h"
#include "client/cli/format.h"
#include "client/cli/interrupts.h"
#include "client/cli/json_output.h"
#include "client/cli/progress_line.h"
#include "client/cli/report_view.h"
#include "client/cli/verdict.h"

namespace roicast::client {
namespace {

std::string RejoinText(const std::string& id) {
  return absl::StrCat("The job keeps running.\n  Watch it:   roicast jobs watch ", Printable(id),
                      "\n  Cancel it:  roicast jobs cancel ", Printable(id));
}

std::string TookText(const v1::TrainingJob& job) {
  if (!job.has_start_time() || !job.has_end_time()) return "";
  const absl::Duration took = absl::Seconds(job.end_time().seconds() - job.start_time().seconds()) +
                              absl::Nanoseconds(job.end_time().nanos() - job.start_time().nanos());
  return absl::StrFormat(", %.1f s", absl::ToDoubleSeconds(took));
}

}  // namespace

std::vector<Toned> JobProgress(const v1::TrainingJob& job) {
  std::string id = absl::StrCat(job.id(), ": ");
  if (job.state() != v1::JOB_STATE_RUNNING) return {id + FormatState(job.state())};
  const v1::JobProgress& progress = job.progress();
  if (progress.phase() == v1::JOB_PHASE_TRAINING && !progress.step().empty()) {
    absl::StrAppend(&id, progress.step(), ", ");
  }
  if (progress.phase() == v1::JOB_PHASE_TRAINING && !progress.has_last_epoch() && progress.compared() > 0) {
    return {absl::StrFormat("%s%s, %d settings compared", id, FormatPhase(progress.phase()), progress.compared())};
  }
  if (progress.phase() != v1::JOB_PHASE_TRAINING || !progress.has_last_epoch()) {
    return {id + FormatPhase(progress.phase())};
  }
  const v1::EpochRecord& epoch = progress.last_epoch();
  const bool validated = !std::isnan(epoch.validation_loss());
  const double share = progress.total_epochs() == 0 ? 0 : double(epoch.epoch()) / progress.total_epochs();
  // Leaves room for the scale and the time left in 80 columns.
  const int bar = progress.target_scale().empty() ? 10 : 6;
  std::vector<Toned> parts = {
      absl::StrFormat("%sepoch %d/%d %s", id, epoch.epoch(), progress.total_epochs(), FormatBar(share, bar))};
  if (validated) {
    // On the scale that the network learns: R² in the target's own unit is not known before the end.
    const std::string of =
        progress.target_scale().empty() ? "" : absl::StrCat("of ", Printable(progress.target_scale()), " ");
    parts.emplace_back(absl::StrFormat("R² %s%.4f", of, epoch.validation_r2()), ToneOfR2(epoch.validation_r2()));
  }
  if (progress.has_time_left()) {
    parts.emplace_back(absl::StrCat(FormatClock(absl::Seconds(progress.time_left().seconds())), " left"));
  }
  parts.emplace_back(absl::StrFormat("loss %.4f", epoch.train_loss()));
  if (validated) parts.emplace_back(absl::StrFormat("validation %.4f", epoch.validation_loss()));
  return parts;
}

std::string JobText(const v1::TrainingJob& job, const Terminal& terminal) {
  std::string text =
      absl::StrCat(Printable(job.id()), ": ", terminal.Paint(FormatState(job.state()), ToneOfState(job.state())));
  if (job.state() == v1::JOB_STATE_SUCCEEDED) {
    absl::StrAppend(&text, ", model ", job.spec().model().empty() ? "default" : Printable(job.spec().model()),
                    " version ", job.version(), " (", FormatDigest(job.artifact_digest()), ")");
  }
  absl::StrAppend(&text, TookText(job), "\n");
  if (!HasEnded(job.state())) absl::StrAppend(&text, "  ", ProgressText(JobProgress(job), terminal), "\n");
  const auto append = [&](const std::string& line, Tone tone) {
    absl::StrAppend(&text, terminal.Paint(WrapToWidth(Printable(line), terminal.width, 2), tone), "\n");
  };
  if (job.spec_bytes_left_out() > 0) {
    append(absl::StrCat("  its spec of ", job.spec_bytes_left_out(), " bytes is too large to be shown"), Tone::kPlain);
  }
  if (job.error().code() != 0) append("  " + job.error().message(), Tone::kBad);
  if (!job.not_serving().empty()) append("  not serving: " + job.not_serving(), Tone::kWarning);
  if (job.resumable()) append("  resume from its checkpoint: roicast jobs resume " + job.id(), Tone::kPlain);
  if (job.has_create_time()) append("  created " + FormatTimestamp(job.create_time()), Tone::kPlain);
  if (job.has_report()) {
    absl::StrAppend(&text, "\n", ReportText(job.report(), terminal));
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
        if (!HasEnded(update.state())) line.Update(JobProgress(update), changed);
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
    std::fputs(JobText(*job, context.Output()).c_str(), stdout);
  }
  return ExitCodeOf(*job);
}

}  // namespace roicast::client
