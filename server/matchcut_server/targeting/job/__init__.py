"""Jobs over all users: offline, on a snapshot, in parts that survive a crash, with Parquet files as their output."""
