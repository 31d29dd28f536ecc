"""Three clients at once, each with its own lines."""

import asyncio
import sys


async def talk(number):
    reader, writer = await asyncio.open_connection(sys.argv[1], int(sys.argv[2]))
    for turn in range(3):
        line = f"client {number}, line {turn}\n".encode()
        writer.write(line)
        assert await reader.readline() == line
    writer.close()
    await writer.wait_closed()


async def main():
    await asyncio.gather(*(talk(number) for number in range(3)))


asyncio.run(main())
print("all came back")
