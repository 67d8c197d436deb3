"""Great Expectations as silkwire runs it: in a child process, on frames or tables."""
