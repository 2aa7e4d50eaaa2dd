"""Where a cluster listens that serves this host alone.

A Dask worker does whatever anyone who reaches it asks, so nobody on other hosts may.
"""

LOOPBACK = "127.0.0.1"
