"""What the functions cost, measured: `make bench`.

Everything is CPU time, and given as a multiple of importing boto3 and making a DynamoDB client in
the same run, because milliseconds say more about the machine than about the program. One module
per question; `__main__` asks them all.
"""
