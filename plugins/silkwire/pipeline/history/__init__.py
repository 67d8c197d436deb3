"""What the archive holds, by time: which batches, fetches and rulesets."""
