"""What the judge of the bug-fixing benchmark lends to the program that it tries.

The judge appends a function that calls the program's own on every case and hands the values to samara_as_json. What they
ought to be stays outside of the interpreter, so nothing that a program does here can make a wrong value right.
"""

import json

EXPORTS = {"samara_as_json": lambda values: json.dumps(values)}
