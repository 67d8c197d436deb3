"""Read and write rows: one module per table or subject, which has all SQL on it."""
