"""Noncharacters that stand in prepared text for what XML cannot hold, until fields are cleaned."""

REPLACED = "\ufdd0"
"""Stands for what cannot be stored (NUL, a lone surrogate) until the fields are cleaned."""
REMOVED = "\ufdd1"
"""Stands for a control character that XML forbids."""
CUT = "\ufdd2"
"""Ends a text that the end of the document cut off."""
