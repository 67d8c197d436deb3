"""The Newsroom: web pages of the on-topic articles. The package knows nothing of Airflow.

`create_newsroom` makes an ASGI application; whoever mounts it passes the guards of its pages.
"""

from silkwire.newsroom.app import create_newsroom

__all__ = ["create_newsroom"]
