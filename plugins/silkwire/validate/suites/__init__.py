"""Lists of expectations: what must hold for an entry, a batch and the warehouse."""
