"""requests-oauthlib: with_requests.py ORIGIN COUNT; prints microseconds of CPU, of wall clock, peak KiB"""
import os
import resource
import sys
import time

from requests_oauthlib import OAuth2Session

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
origin, count = sys.argv[1], int(sys.argv[2])
session = OAuth2Session("bench", token={"access_token": "bench-token", "token_type": "Bearer", "expires_in": 3600})
session.trust_env = False
if "BENCH_CA" in os.environ:
    session.verify = os.environ["BENCH_CA"]


def go(times):
    for _ in range(times):
        assert session.get(origin + "/1k.json").json()["name"]


go(1)
cpu, wall = time.process_time(), time.monotonic()
go(count)
print(round((time.process_time() - cpu) * 1e6), round((time.monotonic() - wall) * 1e6),
  resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
