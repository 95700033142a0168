"""What identity takes: the bodies of its routes."""

from __future__ import annotations

from typing import Annotated

from identity.domain.password_policy import MAX_LENGTH, MIN_LENGTH
from kernel.schema import Says
from kernel.validation import RequestModel


class RegisterBody(RequestModel):
    """An account to be made; what it says of address and password is judged by the domain."""

    email: Annotated[
        str,
        Says(
            "An e-mail address; trimmed, and the same whatever its case.",
            format="email",
            examples=["somchai@example.com"],
        ),
    ]
    password: Annotated[
        str,
        Says(
            "Any characters. Refused if it is common or holds the local part of the e-mail.",
            format="password",
            minLength=MIN_LENGTH,
            maxLength=MAX_LENGTH,
            examples=["mango sticky rice at noon"],
        ),
    ]


class LoginBody(RequestModel):
    """Credentials; an e-mail address that is none is an unknown one."""

    email: Annotated[str, Says("The address of the account.", examples=["somchai@example.com"])]
    password: Annotated[
        str, Says("Its password.", format="password", examples=["mango sticky rice at noon"])
    ]


class RefreshTokenBody(RequestModel):
    """The session that is meant, by its refresh token."""

    refresh_token: Annotated[
        str, Says("The refresh token that the last login or refresh gave.", examples=["rt_…"])
    ]
