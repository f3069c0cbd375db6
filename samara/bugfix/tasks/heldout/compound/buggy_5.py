def compound(amount, percent, years):
    """Add interest once a year, rounded down to whole units, and return the balance of every year."""
    balances = []
    for year in range(percent):
        interest = amount * year // 10
        amount = amount - interest
        balances.append(interest)
    return balances
