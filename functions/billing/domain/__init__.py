"""The rules of money and credits: pure functions, told the time, free of AWS and Omise."""
