"""The tables and views: migrations, marts, monthly partitions and the data dictionary."""
