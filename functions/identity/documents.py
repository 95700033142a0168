"""What identity shows: the documents that its routes answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from identity.domain.users import User
from kernel.clock import rfc3339
from kernel.schema import Says, Time, UserId

if TYPE_CHECKING:  # else every function that shows a user would load the JWT library
    from identity.use_cases.tokens import Tokens


class UserDocument(TypedDict):
    """A user's own account."""

    id: UserId
    email: Annotated[str, Says("The address, as it was given.", examples=["somchai@example.com"])]
    created_at: Time


class TokensDocument(TypedDict):
    """Both tokens of a session."""

    access_token: Annotated[
        str,
        Says("A signed JWT for `Authorization: Bearer`.", examples=["eyJhbGciOiJFUzI1NiIsInR5…"]),
    ]
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Says("Seconds that the access token is valid.", minimum=1)]
    refresh_token: Annotated[
        str, Says("Opaque; good for one refresh, which brings the next.", examples=["rt_…"])
    ]
    refresh_expires_in: Annotated[int, Says("Seconds that the refresh token is valid.", minimum=1)]


class KeyDocument(TypedDict):
    """A public key (RFC 7517)."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: Annotated[str, Says("The point's x coordinate, base64url.")]
    y: Annotated[str, Says("The point's y coordinate, base64url.")]
    kid: Annotated[str, Says("Which key signed a token: the `kid` of its header.")]
    use: Literal["sig"]
    alg: Literal["ES256"]


class KeySetDocument(TypedDict):
    """The keys that verify access tokens; several while keys are rotated."""

    keys: list[KeyDocument]


def user_document(user: User) -> UserDocument:
    """Show a user."""
    return {"id": user.id, "email": user.email, "created_at": rfc3339(user.created_at)}


def tokens_document(tokens: Tokens) -> TokensDocument:
    """Show the tokens of a session to its holder."""
    return {
        "access_token": tokens.access_token,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
        "refresh_token": tokens.refresh_token,
        "refresh_expires_in": tokens.refresh_expires_in,
    }
