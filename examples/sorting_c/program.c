/* Sorts items. What stands between the two EVOLVE-BLOCK lines may change, and nothing else. */
#include <stddef.h>

int less(int a, int b); /* whether item a comes before item b; counts how often it is asked */

/* EVOLVE-BLOCK-START */
/* Shell sort: an insertion sort of items that stand far apart, then nearer and nearer. */
void sort(int* items, size_t count) {
  for (size_t gap = count / 2; gap > 0; gap = gap / 2) {
    for (size_t i = gap; i < count; ++i) {
      int item = items[i];
      size_t j = i;
      while (j >= gap && less(item, items[j - gap])) {
        items[j] = items[j - gap];
        j = j - gap;
      }
      items[j] = item;
    }
  }
}
/* EVOLVE-BLOCK-END */
