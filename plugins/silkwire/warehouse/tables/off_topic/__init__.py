"""`ops.off_topic` and the tables beside it. Every statement that writes them is here."""
