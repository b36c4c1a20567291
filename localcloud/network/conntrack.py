"""Ends flows that the kernel forwards: it forgets them, so their next packet begins a new flow.

The messages to the kernel are those of linux/netfilter/nfnetlink.h and nfnetlink_conntrack.h.
"""

import os
import socket
import struct
from pathlib import Path

from localcloud.network.netns import run_in

NETLINK_NETFILTER = 12
CT_DELETE = 0x102  # message 2 (delete) of subsystem 1 (ctnetlink)
REQUEST_AND_ACK = 0x5
CTA_MARK, CTA_MARK_MASK = 8, 21


def end(netns: Path, marks: set[int]) -> None:
    """Forget the flows of a namespace that have one of these marks. Raises OSError."""
    with run_in(netns, _kernel) as kernel:
        for mark in marks:
            _end(kernel, mark)


def _kernel() -> socket.socket:
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    kernel.bind((0, 0))
    return kernel


def _end(kernel: socket.socket, mark: int) -> None:
    family = struct.pack(">BBH", socket.AF_INET, 0, 0)
    attributes = b"".join(
        struct.pack("=HH", 8, kind) + struct.pack(">I", value)
        for kind, value in ((CTA_MARK, mark), (CTA_MARK_MASK, 0xFFFFFFFF))
    )
    body = family + attributes
    header = struct.pack("=IHHII", 16 + len(body), CT_DELETE, REQUEST_AND_ACK, 1, 0)
    kernel.send(header + body)
    (error,) = struct.unpack_from("=i", kernel.recv(4096), 16)
    if error:
        raise OSError(-error, f"conntrack: {os.strerror(-error)}")
