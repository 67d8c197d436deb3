"""What must hold, as lists of expectations: of an entry, a batch, the warehouse."""
