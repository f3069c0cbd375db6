def title_case(sentence, small):
    """Capitalize the words of a sentence but the small ones; the first word always."""
    words = sentence.lower().split()
    done = []
    for index, word in enumerate(words):
        if index == 1 or word in small:
            done.append(word.capitalize())
        else:
            done.append(word)
    return "".join(done)
