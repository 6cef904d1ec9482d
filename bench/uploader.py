"""`python -m bench.uploader`: sends files to a trip, each over a line of its own that is not wide.

A process of its own: what it takes to send must not delay the client that measures. It prints a
line with the status of each answer, and how long it took.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import random
import time

BOUNDARY = "cut-here"
SLICES_PER_SECOND = 20
"""A narrow line passes small pieces steadily."""

PHOTO_SIDES = (9000, 5500)  # pixels, nearly as many as are accepted


def random_file(size: int) -> bytes:
    """What nothing can be told of."""
    return os.urandom(size)


def large_photo(size: int) -> bytes:
    """A JPEG of as many bytes, with a picture that takes its time."""
    from PIL import Image

    small = Image.frombytes("RGB", (900, 550), random.Random(1).randbytes(900 * 550 * 3))
    image = small.resize(PHOTO_SIDES, Image.Resampling.BICUBIC)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    # What follows a JPEG's end is nobody's business, and makes it as long as it is asked for.
    return (out.getvalue() + bytes(size))[:size]


async def upload(
    port: int,
    trip_id: str,
    cookie: str,
    name: str,
    content: bytes,
    bytes_per_second: float,
    offset: float,
) -> str:
    """Send a file at this rate, its pieces so many seconds after those of the others.

    Gives the status line and the seconds that its last byte took.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    said = f'form-data; name="file"; filename="{name}"'
    begin = f"--{BOUNDARY}\r\nContent-Disposition: {said}\r\n\r\n".encode()
    end = f"\r\n--{BOUNDARY}--\r\n".encode()
    length = len(begin) + len(content) + len(end)
    head = [
        f"POST /api/trips/{trip_id}/attachments HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Cookie: {cookie}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        f"Content-Length: {length}",
    ]
    writer.write("\r\n".join([*head, "", ""]).encode() + begin)
    step = max(1, int(bytes_per_second / SLICES_PER_SECOND))
    began = time.perf_counter() + offset
    for at in range(0, len(content), step):
        await asyncio.sleep(max(0.0, began + at / bytes_per_second - time.perf_counter()))
        writer.write(content[at : at + step])
        await writer.drain()
    writer.write(end)
    sent = time.perf_counter()
    status = (await reader.readuntil(b"\r\n")).decode().strip()
    writer.close()
    return f"{status} {time.perf_counter() - sent:.2f}"


async def main() -> None:
    """Read the arguments, send all files at once."""
    parser = argparse.ArgumentParser(prog="bench.uploader", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--trip", required=True)
    parser.add_argument("--cookie", action="append", required=True, help="one for each file")
    parser.add_argument("--photos", type=int, default=0, help="how many of them are photos")
    parser.add_argument("--megabytes", type=int, default=25)
    parser.add_argument("--rate", type=float, required=True, help="bytes a second of each line")
    options = parser.parse_args()
    os.nice(10)  # whoever measures goes first
    size = options.megabytes * 1024 * 1024 - 4096
    photo = large_photo(size) if options.photos else b""
    file = random_file(size) if options.photos < len(options.cookie) else b""
    print("ready", flush=True)
    await asyncio.to_thread(input)
    # Lines know nothing of each other. Did all pieces come at one moment, the delay of messages
    # would hang on whether they, too, are sent at that moment.
    apart = 1 / SLICES_PER_SECOND / len(options.cookie)
    sends = [
        upload(
            options.port,
            options.trip,
            cookie,
            *(("photo.jpg", photo) if n < options.photos else ("film.bin", file)),
            options.rate,
            n * apart,
        )
        for n, cookie in enumerate(options.cookie)
    ]
    for line in await asyncio.gather(*sends):
        print(line, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
