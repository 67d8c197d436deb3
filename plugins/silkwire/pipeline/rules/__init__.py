"""Try other topic rules on stored texts, and adopt rules for everything stored."""
