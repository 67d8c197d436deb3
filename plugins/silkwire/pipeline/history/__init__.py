"""Find out which batches, fetches and rulesets the archive holds, in the order of time."""
