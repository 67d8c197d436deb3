"""What Airflow calls: the tasks of our DAGs, the operators and links they use."""
