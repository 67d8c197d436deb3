"""One batch: its plan, its five steps, and what happens when its process dies."""
