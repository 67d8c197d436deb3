"""An object store on loopback: moto's server, which speaks S3's protocol, in this process."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import fsspec
import pytest
from moto.server import ThreadedMotoServer

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@contextmanager
def serve_bucket() -> Iterator[str]:
    """`s3://…` of an empty bucket; the environment says where the store is, as it would be set."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}.items():
            patch.setenv(name, value)
        name = f"silkwire-{uuid.uuid4().hex}"
        boto3.client("s3").create_bucket(Bucket=name)
        fsspec.filesystem("s3").clear_instance_cache()
        yield f"s3://{name}/some/where"
        fsspec.filesystem("s3").clear_instance_cache()
    server.stop()
