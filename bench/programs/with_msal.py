"""msal-extensions: its file under its lock: with_msal.py FOLDER COUNT.

Prints microseconds of CPU, of wall clock, peak KiB"""
import os
import resource
import sys
import time

from msal_extensions import CrossPlatLock, FilePersistence

folder, count = sys.argv[1], int(sys.argv[2])
os.makedirs(folder, mode=0o700, exist_ok=True)
path = os.path.join(folder, "msal.json")
persistence = FilePersistence(path)
persistence.save('{"AccessToken":{"a":{"secret":"' + "eyJhbGciOiJSUzI1" * 64 + '"}}}')
cpu, wall = time.process_time(), time.monotonic()
for _ in range(count):
    with CrossPlatLock(path + ".lockfile"):
        persistence.load()
print(round((time.process_time() - cpu) * 1e6), round((time.monotonic() - wall) * 1e6),
  resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
