"""A control group with a memory limit, as a container has it: version 2 or 1, wherever this process may make one."""

import contextlib
import os
import pathlib
import time
import uuid

TOP = pathlib.Path("/sys/fs/cgroup")


class NoControlGroup(Exception):
    """Why none can be made here."""


class ControlGroup:
    """Context: within this process's own group. Whatever is in it at the end is killed."""

    def __init__(self, limit_bytes):
        own = {}
        for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, group = line.split(":", 2)
            own.update({controller: group for controller in controllers.split(",")})
        # Version 1 where it has memory: the other one cannot have it, too.
        if "memory" in own:
            self._folder = TOP / "memory" / own["memory"].lstrip("/")
            self._limit, self._peak = "memory.limit_in_bytes", "memory.max_usage_in_bytes"
            self._kills = "memory.oom_control"
        else:
            self._folder = TOP / own.get("", "/").lstrip("/")
            self._limit, self._peak, self._kills = "memory.max", "memory.peak", "memory.events"
        self._folder /= f"roicast-{uuid.uuid4().hex[:8]}"
        try:
            self._folder.mkdir()
        except OSError as error:
            raise NoControlGroup(f"{error.filename}: {error.strerror}") from error
        try:
            (self._folder / self._limit).write_text(str(limit_bytes))
        except OSError as error:
            self._folder.rmdir()
            raise NoControlGroup(f"{error.filename}: {error.strerror}") from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        until = time.monotonic() + 10
        while True:
            for process in (self._folder / "cgroup.procs").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(process), 9)
            try:
                self._folder.rmdir()
                return
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def enter(self):
        """This process, and those that it starts, belong to it from now on."""
        (self._folder / "cgroup.procs").write_text("0")

    def peak_megabytes(self):
        """The most that it had, pages of files included; None: the kernel does not say."""
        with contextlib.suppress(FileNotFoundError):
            return int((self._folder / self._peak).read_text()) / 1e6
        return None

    def kills(self):
        """How many processes were killed because there was no memory."""
        for line in (self._folder / self._kills).read_text().splitlines():
            name, number = line.split()
            if name == "oom_kill":
                return int(number)
        return 0
