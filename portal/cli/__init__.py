"""Commands: init, demo, serve, tick, worker, backup, restore, check-data, doctor."""
