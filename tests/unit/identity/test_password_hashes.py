"""Password hashes: Argon2id, salted, and as slow for nobody as for somebody."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher, extract_parameters

from identity.adapters import password_hashes

PASSWORD = "an example passphrase"


def test_a_hash_matches_its_password_alone() -> None:
    """Another password, or none, does not match."""
    password_hash = password_hashes.hashed(PASSWORD)
    assert password_hashes.matches(password_hash, PASSWORD)
    assert not password_hashes.matches(password_hash, f"{PASSWORD} ")
    assert not password_hashes.matches(password_hash, "")


def test_a04_the_same_text_in_another_unicode_form_matches() -> None:
    """Systems that type accents differently are no obstacle."""
    password = "mot de passe très très sûr"
    password_hash = password_hashes.hashed(unicodedata.normalize("NFC", password))
    assert password_hashes.matches(password_hash, unicodedata.normalize("NFD", password))


def test_a03_nobodys_hash_costs_what_a_real_one_does() -> None:
    """The stand-in for unknown addresses has the parameters of a fresh hash, and never matches."""
    fresh = extract_parameters(password_hashes.hashed(PASSWORD))
    assert extract_parameters(password_hashes._UNMATCHABLE) == fresh
    assert not password_hashes.matches(None, PASSWORD)


def test_hashes_are_salted() -> None:
    """Two accounts with one password do not show it."""
    assert password_hashes.hashed(PASSWORD) != password_hashes.hashed(PASSWORD)


def test_the_parameters_are_those_that_owasp_names() -> None:
    """Argon2id, 46 MiB, one pass, one lane."""
    password_hash = password_hashes.hashed(PASSWORD)
    assert password_hash.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert not password_hashes.is_outdated(password_hash)


def test_a_hash_of_older_parameters_is_outdated() -> None:
    """It still matches, and is to be replaced."""
    old = PasswordHasher(time_cost=2, memory_cost=1024, parallelism=1).hash(PASSWORD)
    assert password_hashes.matches(old, PASSWORD)
    assert password_hashes.is_outdated(old)
