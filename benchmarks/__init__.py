"""The benchmark table: `python -m benchmarks`, or `make bench`."""
