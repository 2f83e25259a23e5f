"""Kubernetes quantities in the form that the API server gives back, so that git and cluster never differ."""

from __future__ import annotations

from fractions import Fraction

_BINARY = {"Ti": 1024**4, "Gi": 1024**3, "Mi": 1024**2, "Ki": 1024}
_DECIMAL = {"T": 1000**4, "G": 1000**3, "M": 1000**2, "k": 1000}


def canonical(text: str) -> str:
    """Return a quantity with the largest suffix of its family that leaves a whole number: `1000m` is `1`.

    Follows `resource.Quantity` of k8s.io/apimachinery: no fraction, binary suffixes stay binary, decimal ones decimal.
    """
    digits = text.rstrip("miKMGTk")
    suffix = text[len(digits) :]
    number = Fraction(digits)
    if suffix in _BINARY:
        amount = number * _BINARY[suffix]
        # A fraction of a byte, or less than a Ki: written without a suffix, rounded up.
        whole = -(-amount.numerator // amount.denominator)
        return _with_suffix(Fraction(whole), _BINARY)
    amount = number / 1000 if suffix == "m" else number * _DECIMAL.get(suffix, 1)
    if amount.denominator != 1:
        thousandths = amount * 1000
        return f"{-(-thousandths.numerator // thousandths.denominator)}m"
    return _with_suffix(amount, _DECIMAL)


def _with_suffix(amount: Fraction, family: dict[str, int]) -> str:
    if amount:
        for suffix, size in family.items():
            if amount % size == 0:
                return f"{amount // size}{suffix}"
    return str(amount)
