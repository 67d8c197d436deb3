"""What the DAG files call: task functions, an operator, links, and which errors are retried."""
