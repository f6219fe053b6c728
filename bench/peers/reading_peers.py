"""Reads a CSV whole into memory with a peer, types detected, and prints seconds of CPU time, rows and memory as JSON.

usage: reading_peers.py polars|duckdb|pandas|pandas-pyarrow FILE

One thread, like roicast. The peak is that of the process: the interpreter and the library are in it, and what they take before
the file is read is said beside it. The table's own bytes are what the library counts; 0: it does not count them.
"""

import json
import os
import sys
import time

os.environ["POLARS_MAX_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"


def with_polars(path):
    import polars

    begin()
    table = polars.read_csv(path, try_parse_dates=True)
    return table.height, table.estimated_size()


def with_duckdb(path):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    begin()
    connection.execute("CREATE TABLE t AS SELECT * FROM read_csv(?)", [path])
    end()
    return connection.execute("SELECT count(*) FROM t").fetchone()[0], 0


def with_pandas(path, **options):
    import pandas

    begin()
    table = pandas.read_csv(path, **options)
    end()
    return len(table), int(table.memory_usage(deep=True).sum())


def with_pandas_pyarrow(path):
    import pyarrow

    pyarrow.set_cpu_count(1)
    return with_pandas(path, engine="pyarrow", dtype_backend="pyarrow")


measured = {}


def begin():
    measured["bytes_before"] = memory_bytes("VmRSS")
    measured["start"] = time.process_time()


def end():
    """What follows is not measured."""
    measured.setdefault("seconds", time.process_time() - measured["start"])
    measured.setdefault("peak_bytes", memory_bytes("VmHWM"))


def memory_bytes(field):
    for line in open("/proc/self/status"):
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    return 0


PEERS = {"polars": with_polars, "duckdb": with_duckdb, "pandas": with_pandas, "pandas-pyarrow": with_pandas_pyarrow}


def main():
    rows, table_bytes = PEERS[sys.argv[1]](sys.argv[2])
    end()
    print(json.dumps({"seconds": measured["seconds"], "rows": rows, "peak_bytes": measured["peak_bytes"],
                      "bytes_before": measured["bytes_before"], "table_bytes": table_bytes}))


if __name__ == "__main__":
    main()
