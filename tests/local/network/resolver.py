"""A DNS client for tests: one question over UDP from a host of the cloud."""

import secrets
import socket
import struct
from ipaddress import IPv4Address

from localcloud.network.netns import path, socket_in

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "TXT": 16, "AAAA": 28}
NAMES = {number: name for name, number in TYPES.items()}
CODES = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}


def ask(host: str, server: str, name: str, kind: str = "A", timeout: float = 5) -> list[str]:
    """The answers as "TYPE value", or the one code that is not NOERROR.

    Raises TimeoutError when no answer comes.
    """
    identity = secrets.token_bytes(2)
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + labels + b"\0"
    with socket_in(path(host), kind=socket.SOCK_DGRAM) as client:
        client.settimeout(timeout)
        client.connect((server, 53))
        client.send(identity + question + struct.pack(">HH", TYPES[kind], 1))
        while not (reply := client.recv(4096)).startswith(identity):
            pass
    return read(reply)


def read(reply: bytes) -> list[str]:
    """The answers in a reply."""
    flags, _, count = struct.unpack(">HHH", reply[2:8])
    if flags & 15:
        return [CODES[flags & 15]]
    _, at = _name(reply, 12)
    at += 4
    answers = []
    for _ in range(count):
        _, at = _name(reply, at)
        kind, _, _, length = struct.unpack(">HHIH", reply[at : at + 10])
        at += 10
        answers.append(f"{NAMES[kind]} {_value(reply, kind, at, length)}")
        at += length
    return answers


def _value(reply: bytes, kind: int, at: int, length: int) -> str:
    if kind == TYPES["A"]:
        return str(IPv4Address(reply[at : at + 4]))
    if kind in (TYPES["CNAME"], TYPES["NS"]):
        return _name(reply, at)[0]
    if kind == TYPES["SOA"]:
        _, after = _name(reply, _name(reply, at)[1])
        return str(struct.unpack(">I", reply[after : after + 4])[0])
    return reply[at + 1 : at + length].decode()


def _name(reply: bytes, at: int) -> tuple[str, int]:
    """The name at an offset, and the offset after it."""
    labels = []
    while length := reply[at]:
        if length >= 0xC0:
            labels.append(_name(reply, struct.unpack(">H", reply[at : at + 2])[0] & 0x3FFF)[0])
            return ".".join(labels), at + 2
        labels.append(reply[at + 1 : at + 1 + length].decode())
        at += 1 + length
    return ".".join(labels), at + 1
