"""An echo server on asyncio's streams: a coroutine for each client."""

import asyncio
import sys


async def echo(reader, writer):
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def main(host, port):
    async with await asyncio.start_server(echo, host, port) as server:
        await server.serve_forever()


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
