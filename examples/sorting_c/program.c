/* Sorts numbers. What stands between the two EVOLVE-BLOCK lines may change, and nothing else. */
#include <stddef.h>

int less(int a, int b); /* counts how often it is asked */

/* EVOLVE-BLOCK-START */
void sort(int* numbers, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = i + 1; j < count; ++j) {
      if (less(numbers[j], numbers[i])) {
        int other = numbers[i];
        numbers[i] = numbers[j];
        numbers[j] = other;
      }
    }
  }
}
/* EVOLVE-BLOCK-END */
