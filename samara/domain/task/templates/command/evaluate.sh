#!/bin/sh
# Prints the metrics of the program in the file $1 as JSON. Replace it by anything that does.
words=$(grep -v EVOLVE-BLOCK "$1" | tr -cs 'A-Za-z' '\n' | sort -u | grep -c .)
size=$(wc -c < "$1")
[ "$size" -le 200 ] || { echo "the program is longer than 200 bytes" >&2; exit 1; }
echo "{\"combined_score\": $words, \"bytes\": $size}"
