"""Commit messages: a few forms that most commits have, and what people write, by kind of change.

The fixed forms are the prompts that models are given most, in evolution and to fix bugs. The others say what was
done in many ways, as the history of any repository does.
"""

CHANGED = "Changed {name} function."
CHANGED_PARAMETERS = "Changed parameters in {name} function."
SMALL_CHANGE = "Small change to {name} function."
FIXED_BUGS = "Fixed bugs."

# By kind of change. {name} is the function; the other places are the change's facts.
_TEMPLATES = {
    "bugs": [
        "Fix bug", "Fix a bug in {name}", "Fixed bug in {name} function.", "Fix {name}", "Bug fix", "Bugfix in {name}",
        "Correct {name}", "Fix errors in {name}", "{name} works now", "Repair {name}", "Fix mistake in {name}",
        "Fix wrong result of {name}", "{name}: fix", "Fixes for {name}", "Fixed a few mistakes", "Debug {name}",
        "Make {name} correct again", "Fix broken {name}", "Oops, fix {name}", "Fix regression in {name}", "fixed it",
        "Fix failing test of {name}", "Fix {name} as the docstring says", "Several fixes", "Correct mistakes in {name}",
    ],
    "name": [
        "Fix NameError in {name}", "Use the right variable in {name}", "Fix variable name", "Fix wrong variable in {name}",
        "Fix names", "Correct variable names in {name}", "Fix undefined name", "Fix undefined variables in {name}",
        "Wrong variable", "Fix misnamed variable", "Use defined names only", "Fix name errors.", "Fix variable mix-up",
    ],
    "wrong operator": [
        "Fix wrong operator", "Fix operator in {name}", "Correct the operator", "Fix arithmetic in {name}",
        "Fix comparison in {name}", "Wrong operator in {name}", "Fix the formula in {name}", "Fix sign", "Fix calculation",
    ],
    "constant": [
        "Fix wrong constant", "Fix constant in {name}", "Correct number in {name}", "Fix wrong value", "Fix magic number",
        "Use the right number in {name}", "Correct value", "Fix factor in {name}", "Wrong constant in {name}",
    ],
    "order": [
        "Fix order of arguments", "Arguments were swapped", "Swap arguments back", "Fix argument order in {name}",
        "Fix swapped arguments", "Correct order in {name}",
    ],
    "off by one": [
        "Fix off by one", "Fix off-by-one error in {name}", "Fix index", "Fix range in {name}", "Fix loop bounds",
        "Correct index in {name}", "Fix bounds",
    ],
    "negation": [
        "Fix inverted condition", "Fix condition in {name}", "Condition was the wrong way round", "Add missing not",
        "Fix negation", "Correct condition",
    ],
    "number": [
        "Change {old} to {new}", "Use {new} instead of {old}", "Change {old} to {new} in {name}", "Set value to {new}",
        "{name}: {new} instead of {old}", "Replace {old} with {new}", "Tune {name}", "Adjust constant in {name}", "Now {new}",
        "Try {new}", "Update constant",
    ],
    "numbers": [
        "Tune numbers in {name}", "Adjust values", "Change constants in {name}", "Tweak {name}", "New values for {name}",
        "Tweak parameters", "Other numbers", "Update numbers in {name}", "Adjust parameters of {name}", "Retune",
    ],
    "arguments": [
        "Change arguments in {name}", "Other arguments", "Pass other arguments", "Update call in {name}", "Adjust call",
        "Change what is passed in {name}", "Update arguments", "Fix up call", "Adjust arguments of a call in {name}",
    ],
    "operator": [
        "Use {new} instead of {old}", "Change {old} to {new}", "Replace {old} by {new} in {name}", "Change operator",
        "{name}: {new} for {old}", "Change formula of {name}", "Change condition or formula",
    ],
    "variable": [
        "Use {new} instead of {old}", "Use {new} in {name}", "Replace a use of {old} by {new}", "Take {new}, not {old}",
        "{name}: use {new}", "Work with {new}",
    ],
    "expression": [
        "Change expression in {name}", "Change formula", "Simplify or extend expression", "Adjust calculation in {name}",
        "Rework an expression", "New formula in {name}", "Change what {name} computes",
    ],
    "method": [
        "Call {new} instead of {old}", "Use {new}", "Replace {old} by {new}", "{name}: call {new}", "Switch from {old} to {new}",
    ],
    "duplicate": [
        "Add another line like {what}", "Add one more", "More of the same in {name}", "Extend {name}", "Add to {name}",
        "One more step in {name}", "Repeat a line with other values", "Duplicate a line", "Add a similar line",
        "Duplicate {what}", "Add more to {name}",
    ],
    "insert": [
        "Add {what}", "Add a line to {name}", "Insert {what}", "New step in {name}", "Also {what}", "Add a statement",
        "Extend {name}", "{name}: add {what}",
    ],
    "delete": [
        "Remove {what}", "Delete {what}", "Delete a line", "Drop {what}", "Remove a step from {name}", "{name}: drop a line",
        "Shorten {name}", "Remove line", "Do without {what}", "No more {what}",
    ],
    "move": [
        "Move {what}", "Change order in {name}", "Move a line", "Reorder {name}", "Move {what} elsewhere", "Reorder statements",
    ],
    "swap": [
        "Swap two lines", "Swap lines in {name}", "Change order of two lines", "Do {what} later", "Reorder", "Swap statements",
    ],
    "wrap_in_loop": [
        "Use a loop", "Add a loop to {name}", "Add {what}", "Loop: {what}", "Do it several times", "Repeat in a loop",
        "Put into a loop", "Repeat a part of {name}", "{name}: {what}",
    ],
    "wrap_in_condition": [
        "Add a condition", "Add {what}", "Only {what}", "Make a part of {name} conditional", "Guard with {what}",
        "Add condition to {name}", "Check first", "{name}: check before",
    ],
    "unwrap_loop": [
        "Remove loop", "Remove the loop from {name}", "Remove {what}", "Do it once", "No loop needed", "Drop loop in {name}",
    ],
    "unwrap_condition": [
        "Remove condition", "Remove {what}", "Always do it", "Drop check in {name}", "Remove check", "Unconditionally",
        "No need for {what}",
    ],
    "returned": [
        "Return {what}", "Return {what} from {name}", "Change what {name} returns", "{name} returns {what}", "Other result",
    ],
    "rename": [
        "Rename {old} to {new}", "Rename {old} to {new} in {name}", "Rename variable", "Rename {old}", "Better name for {old}",
        "Call it {new}", "{old} -> {new}", "Rename variable {old} to {new}", "{name}: rename {old}", "Name it {new}",
        "Use the name {new} for {old}", "Rename local variable in {name}", "Clearer names", "Renamed variable in {name} function.",
    ],
    "rename_function": [
        "Rename {old} to {new}", "Rename function {old} to {new}", "{old} is now {new}", "Better name for {old}",
        "Rename function", "Call the function {new}",
    ],
    "loop": [
        "Use a loop", "Use a loop in {name}", "Replace repeated lines by a loop", "Loop instead of {count} lines", "Simplify {name}",
        "Use a for loop", "Roll up into a loop", "Avoid repetition in {name}", "Do not repeat yourself", "Introduce loop",
        "Introduced loop in {name} function.", "Less repetition",
    ],
    "unroll": [
        "Unroll loop", "Unroll the loop in {name}", "Write out the loop", "No loop", "Unroll", "Replace loop by {count} lines",
        "Spell out the loop in {name}",
    ],
    "extract": [
        "Extract {new}", "Extract function {new}", "Move code into {new}", "Split {name}", "Add helper {new}", "Factor out {new}",
        "Extract a function from {name}", "New function {new}", "Make {new} a function of its own", "Refactor {name}",
    ],
    "inline": [
        "Inline {new}", "Remove function {new}", "Inline helper", "Inline {new} into {name}", "Get rid of {new}",
        "No need for {new}", "Remove helper {new}", "Simplify {name}",
    ],
    "introduce_variable": [
        "Introduce variable {new}", "Add variable {new}", "Name the intermediate result", "Use a variable in {name}",
        "Put {what} into a variable", "Store result in {new}", "Split a long line", "Extract variable {new}",
    ],
    "inline_variable": [
        "Inline {new}", "Inline variable {new}", "Remove variable {new}", "Do without {new}", "Remove temporary",
        "Remove intermediate variable", "Shorten {name}",
    ],
    "add_parameter": [
        "Add parameter {new}", "Make {value} a parameter", "Add parameter {new} to {name}", "Make {new} configurable",
        "New argument {new}", "Parameter {new} instead of {value}", "Add {new} argument", "No hard-coded {value}",
    ],
    "long_assignment": ["Write out assignment", "Expand assignment to {what}", "No augmented assignment", "Explicit assignment"],
    "short_assignment": ["Use augmented assignment", "Shorten assignment to {what}", "Simplify", "Shorter assignment in {name}"],
    "comprehension_to_loop": [
        "Use a loop instead of a comprehension", "Replace comprehension by a loop", "Expand comprehension", "Plain loop for {what}",
    ],
    "loop_to_comprehension": [
        "Use a list comprehension", "Use a comprehension in {name}", "Replace loop by list comprehension", "Comprehension for {what}",
        "Simplify loop",
    ],
    "mirror": ["Turn comparison around", "{new} instead of {old}", "Write the comparison the other way round", "Flip comparison"],
    "dead_code": [
        "Remove dead code", "Remove dead code from {name}", "Remove unused code", "Clean up", "Clean up {name}", "Remove {what}",
        "Delete useless line", "Remove unused variable", "Removed dead code.", "Drop what is not needed", "Cleanup",
    ],
    "remove_output": [
        "Remove debugging output", "Remove print", "No output in {name}", "Remove debug print", "Drop print", "Quiet {name}",
    ],
    "add_output": [
        "Print {what}", "Add debugging output", "Log {what}", "Add print to {name}", "Show {what}", "Debug output",
    ],
    "add_comment": [
        "Add comment", "Comment {name}", "Add a comment to {name}", "Explain", "Comments", "Document a step of {name}",
        "Add comment: {what}",
    ],
    "remove_comments": [
        "Remove comments", "Remove comments from {name}", "Drop comment", "Clean up comments", "Removed comments.", "No comments",
    ],
    "add_docstring": [
        "Add docstring", "Add docstring to {name}", "Document {name}", "Describe {name}", "Docstring for {name}",
    ],
    "remove_docstring": ["Remove docstring", "Remove docstring of {name}", "Drop documentation", "No docstring"],
    "docstring": [
        "Update docstring", "Change docstring of {name}", "Improve docstring", "Reword docstring", "Better documentation",
        "Clarify docstring", "Docs",
    ],
    "docstring_typo": ["Fix typo in docstring", "Fix typo", "Fix spelling", "Spelling", "Typo in docs of {name}"],
    "several": [
        "Rework {name}", "Refactor {name}", "Update {name}", "Improve {name}", "Work on {name}", "New version of {name}",
        "Change {name}", "Several changes to {name}", "Rewrite parts of {name}", "Various changes", "More changes to {name}",
    ],
}  # fmt: skip
_BUG_KINDS = {"operator": "wrong operator"}
_LONGEST_FACT = 45


def kinds():
    return sorted(_TEMPLATES)


def templates(kind):
    return _TEMPLATES[kind]


def of_bugs(draw, name, bugs):
    """A message of one's own for a fix. @param bugs: the kinds of the bugs that were fixed"""
    kind = "bugs"
    if len(set(bugs)) == 1 and draw.chance(0.6):
        kind = _BUG_KINDS.get(bugs[0], bugs[0])
    return free(draw, name, kind, {})


def free(draw, name, kind, facts):
    """A message that says, more or less, what was changed. Facts that are too long are not told."""
    usable = {key: str(fact) for key, fact in facts.items() if 0 < len(str(fact)) <= _LONGEST_FACT}
    usable["name"] = name
    for _ in range(6):
        template = draw.pick(_TEMPLATES[kind])
        try:
            message = template.format(**usable)
            break
        except KeyError:
            continue
    else:
        message = f"Update {name}"
    style = draw.uniform()
    if style < 0.25 and not message.startswith(name):
        message = message[0].lower() + message[1:]
    elif style < 0.4 and message[-1].isalnum():
        message += "."
    elif style < 0.46 and name not in message:
        message = f"{name}: {message}"
    return message
