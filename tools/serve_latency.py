#!/usr/bin/env python3
"""How long short requests to a server of the OpenAI protocol take while it works on long ones.

    samara lm serve models/diff --port 8080 --threads 1 &
    tools/serve_latency.py --port 8080 --long 8 --short 40

Prints median, 95% quantile and maximum of the short ones (1 token), and the tokens per second of all.
"""

import argparse
import http.client
import json
import threading
import time


def complete(port, tokens, seed):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    body = {"prompt": "<|file|><|line 1|>def area(a, b):", "max_tokens": tokens, "seed": seed}
    connection.request("POST", "/v1/completions", json.dumps(body))
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer["usage"]["completion_tokens"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--long", type=int, default=8, help="requests of 256 tokens that are always under way")
    parser.add_argument("--short", type=int, default=40, help="requests of 1 token to time, one after the other")
    options = parser.parse_args()

    done = threading.Event()
    tokens = [0] * options.long

    def keep_busy(number):
        seed = number
        while not done.is_set():
            tokens[number] += complete(options.port, 256, seed)
            seed += options.long

    threads = [threading.Thread(target=keep_busy, args=(i,)) for i in range(options.long)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(1)
    seconds = []
    for i in range(options.short):
        start = time.monotonic()
        complete(options.port, 1, 10**6 + i)
        seconds.append(time.monotonic() - start)
    done.set()
    for thread in threads:
        thread.join()
    rate = sum(tokens) / (time.monotonic() - began)
    seconds.sort()
    at = lambda share: 1000 * seconds[min(len(seconds) - 1, int(share * len(seconds)))]
    print(f"short requests: median {at(0.5):.0f} ms, 95% {at(0.95):.0f} ms, most {at(1.0):.0f} ms; "
          f"long ones: {rate:.0f} tokens/s")


if __name__ == "__main__":
    main()
