"""httpx: with_httpx.py ORIGIN COUNT [IN_FLIGHT]; prints microseconds of CPU, of wall clock, peak KiB"""
import asyncio
import os
import resource
import sys
import time

import httpx

origin, count = sys.argv[1], int(sys.argv[2])
flight = int(sys.argv[3]) if len(sys.argv) > 3 else 0
options = {
    "http2": "BENCH_HTTP2" in os.environ,
    "verify": os.environ.get("BENCH_CA", True),
    "trust_env": False,
    "timeout": 30,
    "limits": httpx.Limits(max_connections=flight or None, max_keepalive_connections=flight or None),
    "headers": {"Authorization": "Bearer bench-token", "Accept": "application/json"},
}


def report(cpu, wall):
    print(round((time.process_time() - cpu) * 1e6), round((time.monotonic() - wall) * 1e6),
      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def sequential():
    with httpx.Client(**options) as client:

        def go(times):
            for _ in range(times):
                assert client.get(origin + "/1k.json").json()["name"]

        go(1)
        cpu, wall = time.process_time(), time.monotonic()
        go(count)
        report(cpu, wall)


async def at_once():
    async with httpx.AsyncClient(**options) as client:
        left = 0

        async def job():
            nonlocal left
            while left > 0:
                left -= 1
                assert len((await client.get(origin + "/1k.json")).content) > 1000

        async def go(times):
            nonlocal left
            left = times
            await asyncio.gather(*(job() for _ in range(flight)))

        await go(flight)
        cpu, wall = time.process_time(), time.monotonic()
        await go(count)
        report(cpu, wall)


if flight:
    asyncio.run(at_once())
else:
    sequential()
