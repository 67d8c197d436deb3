"""What runs beside the batches: checks, statistics, retention, Data Docs, logs."""
