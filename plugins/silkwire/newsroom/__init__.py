"""The Newsroom: what was found, as pages. A web application that knows nothing of Airflow.

`create_newsroom` gives an ASGI application; whoever mounts it says who may see it.
"""

from silkwire.newsroom.app import create_newsroom

__all__ = ["create_newsroom"]
