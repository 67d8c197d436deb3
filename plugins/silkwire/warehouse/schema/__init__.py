"""Tables and views: migrations, marts, monthly partitions, the data dictionary."""
