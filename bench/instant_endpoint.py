#!/usr/bin/python3
"""An OpenAI-compatible endpoint that answers at once, for measuring what an engine costs besides the model.

    bench/instant_endpoint.py --port 8099 --kind walker      # a new robot each time: bench/prompt_engine.py
    bench/instant_endpoint.py --port 8099 --kind function    # a new function f(x) each time

Every answer is a whole program that was not answered before. Prints its port once it listens. A GET tells how many it answered.
"""
import argparse
import asyncio
import itertools
import json
import random

WALKER = """def make_walker():
    wc = walker_creator()
    a = wc.add_joint({}, 0)
    b = wc.add_joint({}, {})
    c = wc.add_joint({}, {})
    d = wc.add_joint({}, {})
    wc.add_muscle(a, b, False, {}, {})
    wc.add_muscle(b, c)
    wc.add_muscle(c, a, False, {}, {})
    wc.add_muscle(c, d)
    wc.add_muscle(d, a, False, {}, {})
    return wc.get_walker()
"""
FAILING = 'def make_walker():\n    raise ValueError("{}")\n'
FUNCTION = "# EVOLVE-BLOCK-START\ndef f(x):\n    return {} * x * x + {} * x + {}\n# EVOLVE-BLOCK-END\n"


def programs(kind):
    rng = random.Random(1)
    for number in itertools.count():
        numbers = [round(rng.uniform(0, 12), 3) for _ in range(7)] + [round(rng.uniform(0, 0.3), 3) for _ in range(6)]
        if kind == "walker":
            yield WALKER.format(*numbers)
        elif kind == "failing":
            yield FAILING.format(number)
        else:
            yield FUNCTION.format(*numbers[:2], number)


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--kind", choices=["walker", "failing", "function"], default="walker")
    arguments = parser.parse_args()
    source = programs(arguments.kind)
    answered = 0

    async def serve(reader, writer):
        nonlocal answered
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                if head.startswith(b"get "):
                    count = str(answered).encode()
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: " + str(len(count)).encode() + b"\r\n\r\n" + count)
                    continue
                answered += 1
                length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
                await reader.readexactly(length)
                text = f"Another one.\n\n```python\n{next(source)}```\n"
                body = json.dumps({
                    "id": "x", "object": "chat.completion", "created": 0, "model": "instant",
                    "choices": [{"index": 0, "message": {"role": "assistant", "content": text},
                                 "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": length // 4, "completion_tokens": len(text) // 4,
                              "total_tokens": (length + len(text)) // 4}}).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                             + str(len(body)).encode() + b"\r\n\r\n" + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", arguments.port, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
