"""dkimpy in the place of our own signer, in the same engine. Made for comparing; the service does not know it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain, zip_longest

import dkim

from digest.delivery.dkim import Prepared, Signer, Signers
from digest.model.address import Address


class DkimpySigners(Signers):
    """Signs for everybody, relaxed/relaxed like ours."""

    def __init__(self, domain: str, selector: str, pem: bytes) -> None:
        super().__init__()
        self._signer = _DkimpySigner(domain, selector, pem)

    def for_sender(self, sender: Address) -> Signer:  # noqa: ARG002  there is one key
        return self._signer


class _DkimpySigner(Signer):
    def __init__(self, domain: str, selector: str, pem: bytes) -> None:
        super().__init__(())
        self._words = (selector.encode(), domain.encode(), pem)

    def prepare(self, static: Sequence[bytes]) -> Prepared:
        return _DkimpyPrepared(static, self._words)


class _DkimpyPrepared(Prepared):
    def __init__(self, static: Sequence[bytes], words: tuple[bytes, bytes, bytes]) -> None:
        super().__init__((), static)
        self._pieces, self._words = static, words

    def sign(self, own: Sequence[bytes], when: datetime) -> bytes:  # noqa: ARG002  it looks at the clock itself
        message = b"".join(chain.from_iterable(zip_longest(self._pieces, own, fillvalue=b"")))
        signed: bytes = dkim.sign(message, *self._words, canonicalize=(b"relaxed", b"relaxed"))
        return signed
