import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.replies import MAX_REPLY, MAX_TEXT, Garbled, ReplyBuffer
from digest.model.message import Reply

WHOLE: list[tuple[bytes, Reply]] = [
    (b"250 Ok\r\n", Reply(250, "", "Ok")),
    (b"250\r\n", Reply(250)),
    (b"250 \r\n", Reply(250)),
    (b"250\tOk\r\n", Reply(250, "", "Ok")),
    (b"250 Ok\n", Reply(250, "", "Ok")),
    (b"250 Ok\r\r\n", Reply(250, "", "Ok")),
    (b"200 fine\r\n", Reply(200, "", "fine")),
    (b"251 User not local; will forward\r\n", Reply(251, "", "User not local; will forward")),
    (b"252 Cannot VRFY user\r\n", Reply(252, "", "Cannot VRFY user")),
    (b"299 odd\r\n", Reply(299, "", "odd")),
    (b"250 2.0.0 Ok: queued as 4F\r\n", Reply(250, "2.0.0", "Ok: queued as 4F")),
    (b"250 2.1.5\r\n", Reply(250, "2.1.5")),
    (b"250 2.0.0Ok\r\n", Reply(250, "", "2.0.0Ok")),
    (b"250 2.6.0 <id@x> Queued mail\r\n", Reply(250, "2.6.0", "<id@x> Queued mail")),
    (b"221 2.0.0 Bye\r\n", Reply(221, "2.0.0", "Bye")),
    (b"235 2.7.0 Accepted\r\n", Reply(235, "2.7.0", "Accepted")),
    (b"334 \r\n", Reply(334)),
    (b"354 End data with <CR><LF>.<CR><LF>\r\n", Reply(354, "", "End data with <CR><LF>.<CR><LF>")),
    (b"354 3.0.0 go\r\n", Reply(354, "", "3.0.0 go")),
    (b"421 4.3.2 Shutting down\r\n", Reply(421, "4.3.2", "Shutting down")),
    (b"421 Too busy\r\n", Reply(421, "", "Too busy")),
    (
        b"421-4.7.28 Gmail has detected\r\n421 4.7.28 unusual mail.\r\n",
        Reply(421, "4.7.28", "Gmail has detected unusual mail."),
    ),
    (b"432 4.7.12 A password transition\r\n", Reply(432, "4.7.12", "A password transition")),
    (b"450 4.7.1 Greylisted\r\n", Reply(450, "4.7.1", "Greylisted")),
    (b"451 4.7.500 Server busy\r\n", Reply(451, "4.7.500", "Server busy")),
    (b"452 4.2.2 Over quota\r\n", Reply(452, "4.2.2", "Over quota")),
    (b"454 4.7.0 TLS not available\r\n", Reply(454, "4.7.0", "TLS not available")),
    (b"455 4.5.1 no\r\n", Reply(455, "4.5.1", "no")),
    (b"500 what?\r\n", Reply(500, "", "what?")),
    (b"501 5.5.4 Bad\r\n", Reply(501, "5.5.4", "Bad")),
    (b"502 5.5.1 Not implemented\r\n", Reply(502, "5.5.1", "Not implemented")),
    (b"503 5.5.1 Bad sequence\r\n", Reply(503, "5.5.1", "Bad sequence")),
    (b"504 5.5.4 Bad parameter\r\n", Reply(504, "5.5.4", "Bad parameter")),
    (b"530 5.7.0 Must issue STARTTLS\r\n", Reply(530, "5.7.0", "Must issue STARTTLS")),
    (b"535 5.7.8 Bad credentials\r\n", Reply(535, "5.7.8", "Bad credentials")),
    (b"550 5.1.1 <bo@x>: unknown\r\n", Reply(550, "5.1.1", "<bo@x>: unknown")),
    (b"550 #5.1.0 Address rejected.\r\n", Reply(550, "5.1.0", "Address rejected.")),
    (b"550 5.7.26: unauthenticated\r\n", Reply(550, "5.7.26", "unauthenticated")),
    (b"550 5.7.515 Access denied\r\n", Reply(550, "5.7.515", "Access denied")),
    (b"550 4.7.1 wrong class\r\n", Reply(550, "4.7.1", "wrong class")),
    (b"550 5.1 short\r\n", Reply(550, "", "5.1 short")),
    (b"550 5.1.1000 long\r\n", Reply(550, "", "5.1.1000 long")),
    (b"550 7.1.1 no class\r\n", Reply(550, "", "7.1.1 no class")),
    (b"551 5.7.1 not here\r\n", Reply(551, "5.7.1", "not here")),
    (b"552 5.3.4 Too big\r\n", Reply(552, "5.3.4", "Too big")),
    (b"553 5.1.3 Bad syntax\r\n", Reply(553, "5.1.3", "Bad syntax")),
    (b"554 No SMTP here\r\n", Reply(554, "", "No SMTP here")),
    (b"555 5.5.4 Unsupported\r\n", Reply(555, "5.5.4", "Unsupported")),
    (b"556 5.1.10 Null MX\r\n", Reply(556, "5.1.10", "Null MX")),
    (b"599 no\r\n", Reply(599, "", "no")),
    (b"250-one\r\n250-two\r\n250 three\r\n", Reply(250, "", "one two three")),
    (b"250-one\r\n250\r\n", Reply(250, "", "one")),
    (b"250-\r\n250-\r\n250 x\r\n", Reply(250, "", "x")),
    (b"250-one\n250 two\n", Reply(250, "", "one two")),
    (
        b"550-5.1.1 The account\r\n550-5.1.1 does not exist.\r\n550 5.1.1 See x\r\n",
        Reply(550, "5.1.1", "The account does not exist. See x"),
    ),
    (b"550-no status\r\n550 5.1.1 gone\r\n", Reply(550, "5.1.1", "no status gone")),
    (b"250-one\r\n251 two\r\n", Reply(251, "", "one two")),  # another code of the same class: the last counts
    (b"550-one\r\n554 5.7.1 two\r\n", Reply(554, "5.7.1", "one two")),
    (b"550 na\xc3\xafve\r\n", Reply(550, "", "naïve")),
    (b"550 \xff\xfe\r\n", Reply(550, "", "\ufffd\ufffd")),
    (b"550 a\0b\x1b[31m\x07c\r\n", Reply(550, "", "a b [31m c")),
    (b"550 a\rb\r\n", Reply(550, "", "a b")),
    ("550 a\u202eb\u2028c\r\n".encode(), Reply(550, "", "a b c")),
    (b"250 " + b"x" * 65536 + b"\r\n", Reply(250, "", "x" * MAX_TEXT)),
    (b"250-" + b"x" * 65536 + b"\r\n250 end\r\n", Reply(250, "", "x" * MAX_TEXT)),
    (b"250-x\r\n" * 5000 + b"250 x\r\n", Reply(250, "", "x " * (MAX_TEXT // 2))),
]

NONE = [
    b"\r\n",
    b" 250 Ok\r\n",
    b"25 Ok\r\n",
    b"2500 Ok\r\n",
    b"250Ok\r\n",
    b"250+Ok\r\n",
    b"2\xb250 Ok\r\n",
    "²50 Ok\r\n".encode(),
    b"000 Ok\r\n",
    b"150 wait\r\n",
    b"600 Ok\r\n",
    b"-250 Ok\r\n",
    b"OK\r\n",
    b"HTTP/1.1 400 Bad Request\r\n",
    b"* OK IMAP4rev1\r\n",
    b"+OK POP3\r\n",
    b"\x15\x03\x01\x00\x02\x02\x0a\r\n",
    b"\0\0\0\n",
    b"250-one\r\n550 two\r\n",
    b"550-one\r\n250 two\r\n",
    b"250-one\r\nOk\r\n",
    b"250-one\r\n\r\n",
    b"250 " + b"x" * (MAX_REPLY + 1),
    b"250-x\r\n" * (MAX_REPLY // 7 + 2),
]


def heard(*chunks: bytes) -> Reply | None:
    buffer = ReplyBuffer()
    for chunk in chunks[:-1]:
        buffer.feed(chunk)
        assert buffer.take() is None
    buffer.feed(chunks[-1])
    return buffer.take()


@pytest.mark.parametrize(("data", "reply"), WHOLE, ids=[repr(data[:40]) for data, _ in WHOLE])
def test_a_reply_is_understood(data: bytes, reply: Reply) -> None:
    assert heard(data) == reply


@pytest.mark.parametrize("data", NONE, ids=[repr(data[:40]) for data in NONE])
def test_what_is_no_reply_is_garbled(data: bytes) -> None:
    with pytest.raises(Garbled):
        heard(data)


@given(st.sampled_from([data for data, _ in WHOLE if len(data) < 200]), st.data())
def test_it_does_not_matter_how_a_reply_is_cut(data: bytes, draw: st.DataObject) -> None:
    cuts = sorted(draw.draw(st.sets(st.integers(1, len(data) - 1))))
    chunks = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    assert heard(*chunks) == heard(data)


@given(st.binary(max_size=60))
def test_a_stranger_s_bytes_give_a_reply_or_nothing_or_garbled(data: bytes) -> None:
    buffer = ReplyBuffer()
    buffer.feed(data)
    try:
        reply = buffer.take()
    except Garbled:
        return
    if reply is None:
        assert not data.endswith(b"\n") or data[3:4] == b"-"
    else:
        assert 200 <= reply.code < 600
        assert reply.text.isprintable()


def test_replies_that_come_together_are_taken_one_by_one() -> None:
    buffer = ReplyBuffer()
    buffer.feed(b"250 one\r\n354 two\r\n25")
    assert buffer.take() == Reply(250, "", "one")
    assert buffer.take() == Reply(354, "", "two")
    assert buffer.take() is None
    assert not buffer.empty
    buffer.feed(b"0 three\r\n")
    assert buffer.take() == Reply(250, "", "three")
    assert buffer.empty


def test_the_lines_of_ehlo_can_be_read() -> None:
    buffer = ReplyBuffer()
    buffer.feed(b"250-mail.example.org\r\n250-SIZE 1000\r\n250 STARTTLS\r\n")
    buffer.take()
    assert buffer.texts == ("mail.example.org", "SIZE 1000", "STARTTLS")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", None),
        (b"2", None),
        (b"25", None),
        (b"250", None),  # 250-, 250 or 2500: not yet known
        (b"250 ", 250),
        (b"250 2.0.0 Ok: qu", 250),
        (b"250-", 250),
        (b"250-one\r\n", 250),
        (b"250-one\r\n25", None),
        (b"250-one\r\n250", None),
        (b"250-one\r\n250 t", 250),
        (b"250-one\r\n550 t", None),
        (b"550 5.1.1 no", 550),
        (b"xyz ", None),
    ],
)
def test_a_reply_broken_off_counts_by_its_code_once_that_is_certain(data: bytes, code: int | None) -> None:
    buffer = ReplyBuffer()
    buffer.feed(data)
    assert buffer.take() is None
    rest = buffer.broken_off()
    assert (rest.code if rest else None) == code


@given(
    st.integers(200, 599),
    st.sampled_from(["", "2.0.0 ", "5.7.26 ", "4.2.2: ", "#5.1.0 ", "5.1 "]),
    st.text(st.characters(codec="ascii"), max_size=70),
)
def test_a_usual_reply_is_read_as_any_other(code: int, status: str, text: str) -> None:
    """Of those that end in a bare LF each line is looked at; of the usual ones only the whole."""
    line = f"{code} {status}{text}".replace("\r", " ").replace("\n", " ").encode()
    usual, other = ReplyBuffer(), ReplyBuffer()
    usual.feed(line + b"\r\n")
    other.feed(line + b"\n")
    assert usual.take() == other.take()
    assert usual.texts == other.texts
    assert usual.empty


@pytest.mark.parametrize(
    "group",
    [
        b"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 go on\r\n",
        b"250\r\n250 \r\n354\n",
        b"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n35",
        b"250 2.1.0 Ok\r\n550 5.1.1 no\r\n354 go on\r\n",
        b"250-2.1.0 Ok\r\n250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 go on\r\n",
        b"",
    ],
)
@pytest.mark.parametrize(
    "answer", [b"250 2.0.0 Ok: queued", b"250", b"451 4.3.0 no", b"354 what", b"421 4.7.0 bye", b"hello"]
)
def test_a_whole_turn_is_one_look_or_none(answer: bytes, group: bytes) -> None:
    """What it takes is what two looks take; and it takes all that it has looked at, or nothing."""
    at_once, apart = ReplyBuffer(), ReplyBuffer()
    for buffer in (at_once, apart):
        buffer.feed(answer + b"\r\n" + group)
    taken = at_once.take_turn()
    if taken is not None:
        assert (taken, taken.verb) == (apart.take(), ".")
        assert taken.accepted
        assert apart.drop_group()
    assert at_once.empty == apart.empty
    assert (taken is None) or at_once.empty


def test_the_usual_turn_is_taken_at_once() -> None:
    buffer = ReplyBuffer()
    buffer.feed(b"250 2.0.0 Ok: queued as 4fXyz\r\n250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data with a dot\r\n25")
    assert buffer.take_turn() == Reply(250, "2.0.0", "Ok: queued as 4fXyz")
    assert not buffer.empty
    assert buffer.take_turn() is None
