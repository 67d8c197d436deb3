"""Parser processes, which can be killed."""
