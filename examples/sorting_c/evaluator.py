"""Compiles a program and counts the comparisons that it needs. Samara calls evaluate() with each candidate's path."""

import random
import subprocess

MAIN = """
#include <stddef.h>
#include <stdio.h>
static int values[100000]; /* what the program sorts are indexes into this, so that it must ask */
static long asked = 0;
int less(int a, int b) { ++asked; return values[a] < values[b]; }
void sort(int* items, size_t count);
int main(void) {
  static int items[100000];
  size_t count = 0;
  while (count < 100000 && scanf("%d", &values[count]) == 1) ++count;
  for (size_t i = 0; i < count; ++i) items[i] = (int)i;
  sort(items, count);
  for (size_t i = 0; i < count; ++i) printf("%d\\n", values[items[i]]);
  printf("%ld\\n", asked);
  return 0;
}
"""


def evaluate(path):
    with open("main.c", "w", encoding="utf-8") as file:
        file.write(MAIN)
    compiled = subprocess.run(["gcc", "-O2", "-o", "sort", "main.c", path], capture_output=True, text=True)
    if compiled.returncode != 0:
        raise SyntaxError("gcc refuses the program:\n" + compiled.stderr[-2000:])
    rng = random.Random(1)
    total = 0
    for count in (0, 1, 10, 300):
        numbers = [rng.randrange(1000) for _ in range(count)]
        run = subprocess.run(["./sort"], input="\n".join(map(str, numbers)), capture_output=True, text=True, check=True, timeout=1)
        *result, asked = map(int, run.stdout.split())
        if result != sorted(numbers):
            raise ValueError(f"{count} numbers are not sorted")
        total += asked
    return {"combined_score": 10_000 / total, "comparisons": total}
