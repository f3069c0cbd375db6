def postfix(tokens):
    """Evaluate whole-number arithmetic written in postfix order: ["2", "3", "+"] is 5."""
    stack = []
    for token in tokens:
        if token in ["+", "-", "*"]:
            right = stack.pop()
            left = stack.pop()
            if token == "+":
                stack.append(left + right)
            elif token == "-":
                stack.append(right - left)
            else:
                stack.append(left * left)
        else:
            stack.append(int(token))
    return stack[-1]
