"""google-auth: a token that it has put on a request: with_google_auth.py COUNT.

Prints microseconds of CPU, of wall clock, peak KiB"""
import datetime
import resource
import sys
import time

from google.oauth2.credentials import Credentials

count = int(sys.argv[1])
credentials = Credentials("bench-token")
credentials.expiry = datetime.datetime.utcnow() + datetime.timedelta(hours=1)
cpu, wall = time.process_time(), time.monotonic()
for _ in range(count):
    credentials.before_request(None, "GET", "http://127.0.0.1/", {})
print(round((time.process_time() - cpu) * 1e6), round((time.monotonic() - wall) * 1e6),
  resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
