"""The program of account.mjs in Python."""

from threading import Lock, Thread
from time import sleep


class Account:
    def __init__(self):
        self.lock = Lock()
        self.balance = 0

    def deposit(self, money):
        with self.lock:
            new_balance = self.balance + money
            sleep(0.01)
            self.balance = new_balance


class AddMoneyThread(Thread):
    def __init__(self, account, money):
        super().__init__()
        self.account = account
        self.money = money

    def run(self):
        self.account.deposit(self.money)


account = Account()
threads = []
for _ in range(100):
    thread = AddMoneyThread(account, 1)
    threads.append(thread)
    thread.start()
for thread in threads:
    thread.join()
print("Account balance: %d" % account.balance)
