"""Reads a CSV whole into memory with a peer, types detected, and prints seconds of CPU time, rows and peak memory as JSON.

usage: reading_peers.py polars|duckdb|pandas FILE

One thread, like roicast. The memory is that of the process: the interpreter and the library are in it.
"""

import json
import os
import sys
import time

os.environ["POLARS_MAX_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"


def with_polars(path):
    import polars

    start = time.process_time()
    table = polars.read_csv(path, try_parse_dates=True)
    return time.process_time() - start, table.height


def with_duckdb(path):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    start = time.process_time()
    connection.execute("CREATE TABLE t AS SELECT * FROM read_csv(?)", [path])
    seconds = time.process_time() - start
    return seconds, connection.execute("SELECT count(*) FROM t").fetchone()[0]


def with_pandas(path):
    import pandas

    start = time.process_time()
    table = pandas.read_csv(path)
    return time.process_time() - start, len(table)


def peak_bytes():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def main():
    seconds, rows = {"polars": with_polars, "duckdb": with_duckdb, "pandas": with_pandas}[sys.argv[1]](sys.argv[2])
    print(json.dumps({"seconds": seconds, "rows": rows, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main()
