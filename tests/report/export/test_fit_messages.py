"""FIT messages are written byte by byte as the protocol has them."""

from __future__ import annotations

import pytest

from lib.report.export.fit_messages import Field, crc16, messages, whole_file


def test_the_checksum_is_the_usual_crc_16() -> None:
    assert crc16(b"123456789") == 0xBB3D
    assert crc16(b"") == 0


def test_messages_by_hand() -> None:
    found = messages(20, [Field(253, "uint32", [1, 2]), Field(3, "uint8", [140, 141])])
    definition = bytes([0x40, 0, 0, 20, 0, 2, 253, 4, 0x86, 3, 1, 0x02])
    assert found == definition + bytes([0, 1, 0, 0, 0, 140]) + bytes([0, 2, 0, 0, 0, 141])


def test_one_value_stands_for_all_messages_and_a_text_ends_in_zero() -> None:
    found = messages(32, [Field(5, "enum", 3), Field(6, "string", ["tap", "ä" * 15])])
    assert found.startswith(bytes([0x40, 0, 0, 32, 0, 2, 5, 1, 0, 6, 31, 7]))
    assert found.endswith(bytes([0, 3]) + "ä".encode() * 15 + b"\0")


def test_a_number_that_its_field_cannot_hold_is_our_own_mistake() -> None:
    with pytest.raises(AssertionError, match="field 3"):
        messages(20, [Field(3, "uint8", 256)])


def test_a_file_says_its_length_and_old_watches_read_it() -> None:
    content = whole_file(b"body")
    assert content[:2] == bytes([14, 0x10]) and content[8:12] == b".FIT"
    assert int.from_bytes(content[4:8], "little") == 4
    assert crc16(content) == 0 and crc16(content[:14]) == 0
