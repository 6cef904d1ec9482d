"""An object store that speaks S3, of the tests' own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import boto3
from moto.server import ThreadedMotoServer

KEYS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests"}

_numbers = count(1)


@contextmanager
def a_store_of_buckets() -> Iterator[str]:
    """Its address."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def a_bucket(address: str) -> str:
    """A new bucket there, as TRIPCHAT_FILES_URL names it."""
    name = f"photos-{next(_numbers)}"
    os.environ.update(KEYS)
    boto3.client("s3", endpoint_url=address, region_name="us-east-1").create_bucket(Bucket=name)
    return f"s3://{name}/site?endpoint={address}&region=us-east-1"
