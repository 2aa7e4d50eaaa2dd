"""Where a cluster listens that serves this host alone."""

LOOPBACK = "127.0.0.1"
