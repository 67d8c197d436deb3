"""Find held batches, show them to a reviewer, release or reject them."""
