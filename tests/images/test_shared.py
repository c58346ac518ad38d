"""Pictures in storage that several hosts share: a real S3 protocol on this machine, and what happens when it is gone."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.conf import settings as now
from django.test import Client
from moto.server import ThreadedMotoServer

from mesoinfo.settings.environment import shared_pictures
from procedures import pictures
from procedures.images import Refused, clean, keep

from .test_cleaning import picture


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[ThreadedMotoServer]:
    """An S3 server, and the one setting that makes the site use it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    bucket = f"pictures-{secrets.token_hex(4)}"  # the server keeps its buckets from test to test
    for name, value in {
        "MEDIA_S3": f"s3://{bucket}/media",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket=bucket)
    settings.STORAGES = {**now.STORAGES, **shared_pictures()}
    settings.MEDIA_ROOT = tmp_path / "one"
    monkeypatch.setattr(pictures, "_rests_until", 0.0)
    yield server
    server.stop()


def bucket() -> str:
    return os.environ["MEDIA_S3"].split("/")[2]


def stored() -> dict[str, bytes]:
    client = boto3.client("s3")
    names = [item["Key"] for item in client.list_objects_v2(Bucket=bucket()).get("Contents", [])]
    return {name: client.get_object(Bucket=bucket(), Key=name)["Body"].read() for name in names}


def test_a_picture_uploaded_on_one_host_is_shown_by_another(
    storage: ThreadedMotoServer, settings: Any, tmp_path: Path, db: None, client: Client
) -> None:
    data = clean(picture()).data
    name = keep(data)
    assert stored() == {f"media/{name}": data}
    settings.MEDIA_ROOT = tmp_path / "two"
    assert not (tmp_path / "two" / name).exists()
    answer = client.get(f"/media/{name}")
    assert (answer.status_code, answer.content) == (200, data)
    assert (tmp_path / "two" / name).read_bytes() == data, "this host has its own copy now"


def test_with_the_storage_gone_what_a_host_has_is_shown_and_nothing_is_half_kept(
    storage: ThreadedMotoServer, settings: Any, tmp_path: Path, db: None, client: Client
) -> None:
    name = keep(clean(picture()).data)
    other = clean(picture("PNG", size=(31, 17))).data
    storage.stop()
    assert client.get(f"/media/{name}").status_code == 200
    with pytest.raises(Refused, match="does not answer"):
        keep(other)
    assert [path.name for path in (tmp_path / "one").iterdir()] == [name]
    settings.MEDIA_ROOT = tmp_path / "two"
    answer = client.get(f"/media/{name}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30"), "it may well be there"


def test_bytes_that_are_not_what_their_name_says_are_not_used(
    storage: ThreadedMotoServer, settings: Any, tmp_path: Path, db: None, client: Client
) -> None:
    name = keep(clean(picture()).data)
    boto3.client("s3").put_object(Bucket=bucket(), Key=f"media/{name}", Body=b"other bytes")
    settings.MEDIA_ROOT = tmp_path / "two"
    assert client.get(f"/media/{name}").status_code == 404
    assert not (tmp_path / "two" / name).exists()


def test_a_copy_that_is_damaged_here_is_fetched_anew(
    storage: ThreadedMotoServer, settings: Any, tmp_path: Path, db: None, client: Client
) -> None:
    data = clean(picture()).data
    name = keep(data)
    path = tmp_path / "one" / name
    for wrong in (data[:-1] + bytes([data[-1] ^ 1]), b""):
        path.write_bytes(wrong)
        answer = client.get(f"/media/{name}")
        assert (answer.status_code, answer.content) == (200, data)
        assert path.read_bytes() == data, "it is mended on this host"
    path.write_bytes(b"damaged")
    storage.stop()
    assert client.get(f"/media/{name}").status_code == 503, "the right bytes may well be there"


def test_the_same_picture_sent_again_mends_the_storage_too(storage: ThreadedMotoServer) -> None:
    data = clean(picture()).data
    name = keep(data)
    boto3.client("s3").put_object(Bucket=bucket(), Key=f"media/{name}", Body=b"other bytes")
    keep(data)
    assert stored() == {f"media/{name}": data}


def test_a_backup_fetches_what_this_host_lacks(storage: ThreadedMotoServer, settings: Any, tmp_path: Path) -> None:
    name = keep(clean(picture()).data)
    settings.MEDIA_ROOT = tmp_path / "two"
    gone = f"{hashlib.sha256(b'gone').hexdigest()}.png"
    assert pictures.gather([name, gone]) == [gone]
    assert (tmp_path / "two" / name).exists()


@pytest.mark.parametrize("url", ["https://bucket/x", "bucket", "s3:///folder", "s3://bucket/x?y=z"])
def test_an_address_that_is_no_bucket_is_a_sentence(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIA_S3", url)
    with pytest.raises(Exception, match="must look like s3://bucket/folder"):
        shared_pictures()
