"""Runs a command and writes what it took into a file: seconds, CPU seconds, peak resident memory, exit status.

A script of its own, since a program begins with the peak of who started it as its own: this one stays as small as
Python can be.
"""

import os
import sys
import time

if __name__ == "__main__":
    notes, *command = sys.argv[1:]
    begun = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, used = os.wait4(pid, 0)
    taken = time.monotonic() - begun
    with open(notes, "w") as file:  # noqa: PTH123, pathlib would cost memory
        file.write(f"{taken} {used.ru_utime + used.ru_stime} {used.ru_maxrss} {os.waitstatus_to_exitcode(status)}")
