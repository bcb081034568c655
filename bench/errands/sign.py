"""Signing a digest with RSA-2048 and nothing else, in one thread: no signed mail can cost less."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bench.errand import Job, Work, serve


def prepare(job: Job) -> Work:
    key = load_pem_private_key(Path(job["key"]).read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    padding, hashing, digest = PKCS1v15(), Prehashed(SHA256()), bytes(32)

    def work() -> int:
        for _ in range(job["count"]):
            key.sign(digest, padding, hashing)
        return int(job["count"])

    return work


if __name__ == "__main__":
    serve(prepare)
