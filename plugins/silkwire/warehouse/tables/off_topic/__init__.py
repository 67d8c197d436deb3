"""`ops.off_topic` and the tables that belong to it. Every statement that writes them is here."""
