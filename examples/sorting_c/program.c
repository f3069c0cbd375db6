/* Sorts items. What stands between the two EVOLVE-BLOCK lines may change, and nothing else. */
#include <stddef.h>

int less(int a, int b); /* whether item a comes before item b; counts how often it is asked */

/* EVOLVE-BLOCK-START */
void sort(int* items, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = i + 1; j < count; ++j) {
      if (less(items[j], items[i])) {
        int other = items[i];
        items[i] = items[j];
        items[j] = other;
      }
    }
  }
}
/* EVOLVE-BLOCK-END */
