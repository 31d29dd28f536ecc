"""Echoes each of its clients line by line, and ends after the third."""

import asyncio


async def main():
    served = 0
    over = asyncio.Event()

    async def serve(reader, writer):
        nonlocal served
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
        writer.close()
        await writer.wait_closed()
        served += 1
        if served == 3:
            over.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        await over.wait()


asyncio.run(main())
