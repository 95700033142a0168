"""What is printed: the sums, where they come from, and how they stand to the budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cost.fixed import monthly
from cost.lines import Line, total
from cost.prices import Prices
from cost.stack import Stack
from cost.units import Units
from cost.usage import REQUEST, Usage

# What the request that starts a run may cost, per million, on a REST API.
BUDGET_USD: Final = 7.9
# What that budget was made for: a request to the gateway, functions, and the table's units.
CORE: Final = frozenset(
    {"api_request", "lambda_request", "lambda_gb_second", "write_unit", "read_unit"}
)
MILLION: Final = 1_000_000
THOUSAND: Final = 1_000


def report(stacks: Sequence[Stack], prices: Prices, units: Units) -> str:
    """Render the estimate of some stages; the last one is broken down."""
    usages = [Usage(stack, units) for stack in stacks]
    lines = [
        f"AWS {prices.region}, on demand, no free tier, prices of {prices.checked}",
        "",
        *_summary(usages, prices),
        *_broken_down("1 million runs", usages[-1].run(), MILLION, prices),
        *_broken_down("1,000 purchases", usages[-1].purchase(), THOUSAND, prices),
        *_broken_down("a month, fixed", monthly(usages[-1]), 1, prices),
        *_budget(usages[-1], prices),
    ]
    return "\n".join(lines)


def _summary(usages: Sequence[Usage], prices: Prices) -> Iterator[str]:
    yield f"{'USD':<10}{'1 M runs':>12}{'1,000 purchases':>18}{'a month, fixed':>18}"
    for usage in usages:
        runs = total(usage.run(), prices) * MILLION
        purchases = total(usage.purchase(), prices) * THOUSAND
        fixed = total(monthly(usage), prices)
        yield f"{usage.stack.stage:<10}{runs:>12,.2f}{purchases:>18,.4f}{fixed:>18,.2f}"


def _broken_down(title: str, lines: Sequence[Line], times: int, prices: Prices) -> Iterator[str]:
    """Show the groups of an estimate, and in each what it consists of by price."""
    yield ""
    yield f"{title}: {_amount(total(lines, prices) * times)} USD"
    for group in dict.fromkeys(line.group for line in lines):
        members = [line for line in lines if line.group == group]
        yield f"  {group:<64}{_amount(total(members, prices) * times):>12}"
        yield from _by_price(members, times, prices)


def _by_price(lines: Sequence[Line], times: int, prices: Prices) -> Iterator[str]:
    """Show what a group consists of, the dearest first."""
    by_price = {
        name: [line for line in lines if line.price == name]
        for name in dict.fromkeys(line.price for line in lines)
    }
    for name, members in sorted(by_price.items(), key=lambda item: -total(item[1], prices)):
        quantity = _amount(sum(line.quantity for line in members) * times)
        cost = total(members, prices) * times
        if cost:
            yield f"    {quantity:>14}  {prices.prices[name].unit:<46}{_amount(cost):>12}"


def _budget(usage: Usage, prices: Prices) -> Iterator[str]:
    """Compare the request that starts a run with its budget."""
    request = [line for line in usage.run() if line.group == REQUEST]
    cost = total(request, prices) * MILLION
    core = total([line for line in request if line.price in CORE], prices) * MILLION
    yield ""
    yield "the request that starts a run, 1 million times"
    yield f"  gateway, functions and table alone {core:.2f} USD: {_verdict(core)}"
    yield f"  with firewall, logs, traces and transfer {cost:.2f} USD: {_verdict(cost)}"
    if unconfirmed := prices.unconfirmed():
        yield ""
        yield "not seen in a published list, look them up: " + "; ".join(unconfirmed)


def _verdict(cost: float) -> str:
    over = cost - BUDGET_USD
    return f"{abs(over):.2f} {'over' if over > 0 else 'below'} the budget of {BUDGET_USD}"


def _amount(number: float) -> str:
    """Render a number with as many decimals as it takes to see something."""
    if number >= THOUSAND:
        return f"{number:,.0f}"
    return f"{number:,.2f}" if number >= 1 else f"{number:,.4f}"
