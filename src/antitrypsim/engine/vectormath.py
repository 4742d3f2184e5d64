"""exp, log, pow and tanh as plain IR: the same bits for one double or a vector of any width.

LLVM's own intrinsics would become scalar library calls. Reductions and series are the classical
ones (Cody and Waite; the logarithm by atanh of (m-1)/(m+1), carried in two doubles for pow).
"""

from __future__ import annotations

import struct

from llvmlite import ir

DOUBLE = ir.DoubleType()
I64 = ir.IntType(64)
_MAGIC = 6755399441055744.0
_LN2 = 0.693147180559945309417232121458
_LN2_HI = float.fromhex("0x1.62e42fefa3800p-1")
_LN2_LO = float.fromhex("0x1.ef35793c76730p-45")
_SQRT_HALF_BITS = struct.unpack("<q", struct.pack("<d", 0.5**0.5))[0]
_LARGEST = 709.4
_TINIEST = -708.0
_SMALL = 2.2250738585072014e-308
_TAIL = 1e-9
_C3_HI, _C3_LO = 2.0 / 3.0, float.fromhex("0x1.5555555555555p-55")
_EXP_SERIES = [
    float.fromhex(c)
    for c in (
        "0x1.0000000000001p-1", "0x1.5555555555556p-3", "0x1.5555555553d63p-5",
        "0x1.11111111109b3p-7", "0x1.6c16c1788bd90p-10", "0x1.a01a01a7c41d5p-13",
        "0x1.a019b90d2ae7ap-16", "0x1.71de0dae63bb3p-19", "0x1.289185613a3d6p-22",
        "0x1.af38a9b0ec855p-26",
    )
]  # fmt: skip
"""(e^r - 1 - r) / r^2 by interpolation in Chebyshev points of |r| <= ln(2) / 2."""
_ATANH_SERIES = [
    float.fromhex(c)
    for c in (
        "0x1.999999999999ap-2", "0x1.2492492492521p-2", "0x1.c71c71c6eaa10p-3",
        "0x1.745d177a96056p-3", "0x1.3b1395d2190c1p-3", "0x1.1118c7e4b0917p-3",
        "0x1.df7cc8e5fa539p-4", "0x1.e02e6fff27908p-4",
    )
]  # fmt: skip
"""(log((1+s)/(1-s)) / s - 2 - 2z/3) / z^2 in z = s^2, likewise, for z below (sqrt 2 - 1)^4."""


class VectorMath:
    """Emits elementary functions at a builder, for doubles (width 1) or vectors of ``width``."""

    def __init__(self, builder: ir.IRBuilder, width: int) -> None:
        self.builder = builder
        self.width = width
        self.real: ir.Type = DOUBLE if width == 1 else ir.VectorType(DOUBLE, width)
        self.whole: ir.Type = I64 if width == 1 else ir.VectorType(I64, width)

    def number(self, value: float) -> ir.Constant:
        """Return a constant in all lanes."""
        return ir.Constant(self.real, value if self.width == 1 else [value] * self.width)

    def integer(self, value: int) -> ir.Constant:
        """Return an integer constant in all lanes."""
        return ir.Constant(self.whole, value if self.width == 1 else [value] * self.width)

    def fma(self, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
        """Return a * b + c rounded once."""
        return self.builder.call(self._intrinsic("llvm.fma", 3), [a, b, c])

    def sqrt(self, x: ir.Value) -> ir.Value:
        """Return the root of max(x, 0); NaN stays NaN."""
        below = self.builder.fcmp_ordered("<", x, self.number(0.0))
        x = self.builder.select(below, self.number(0.0), x)
        return self.builder.call(self._intrinsic("llvm.sqrt", 1), [x])

    def absolute(self, x: ir.Value) -> ir.Value:
        """Return |x|."""
        return self.builder.call(self._intrinsic("llvm.fabs", 1), [x])

    def _intrinsic(self, name: str, arity: int) -> ir.Value:
        module = self.builder.module
        full = f"{name}.f64" if self.width == 1 else f"{name}.v{self.width}f64"
        if full in module.globals:
            return module.globals[full]
        return ir.Function(module, ir.FunctionType(self.real, [self.real] * arity), full)

    def _horner(self, x: ir.Value, coefficients: list[float]) -> ir.Value:
        """Evaluate a polynomial by pairs, so that its chain is half as long."""
        if len(coefficients) % 2:
            coefficients = [*coefficients, 0.0]
        square = self.builder.fmul(x, x)
        result = None
        for low, high in reversed(list(zip(coefficients[::2], coefficients[1::2], strict=True))):
            pair = (
                self.number(low)
                if high == 0.0
                else self.fma(x, self.number(high), self.number(low))
            )
            result = pair if result is None else self.fma(result, square, pair)
        return result

    def _split_exponent(self, x: ir.Value) -> tuple[ir.Value, ir.Value]:
        """Return n (an integer vector) and n as a double, n nearest to x / ln 2."""
        b = self.builder
        shifted = self.fma(x, self.number(1.0 / _LN2), self.number(_MAGIC))
        n = b.sub(b.bitcast(shifted, self.whole), b.bitcast(self.number(_MAGIC), self.whole))
        return n, b.fsub(shifted, self.number(_MAGIC))

    def _power_of_two(self, n: ir.Value) -> ir.Value:
        b = self.builder
        biased = b.add(n, self.integer(1023))
        return b.bitcast(b.shl(biased, self.integer(52)), self.real)

    def exp(self, x: ir.Value, tail: ir.Value = None) -> ir.Value:
        """Return e^(x + tail); it stays at e^709.4 above, and is 0 below e^-708."""
        b = self.builder
        # Comparisons are written so that NaN passes: a broken state must reject its step.
        low = b.fcmp_ordered("<", x, self.number(_TINIEST))
        x = self._clamped(x, _TINIEST, _LARGEST)
        n, whole = self._split_exponent(x)
        negative = b.fneg(whole)
        r = self.fma(negative, self.number(_LN2_LO), self.fma(negative, self.number(_LN2_HI), x))
        if tail is not None:
            r = b.fadd(r, self._clamped(tail, -_TAIL, _TAIL))
        curved = self.fma(b.fmul(r, r), self._horner(r, _EXP_SERIES), r)
        value = b.fmul(b.fadd(self.number(1.0), curved), self._power_of_two(n))
        return b.select(low, self.number(0.0), value)

    def _clamped(self, x: ir.Value, low: float, high: float) -> ir.Value:
        b = self.builder
        x = b.select(b.fcmp_ordered("<", self.number(high), x), self.number(high), x)
        return b.select(b.fcmp_ordered(">", self.number(low), x), self.number(low), x)

    def _split(self, x: ir.Value) -> tuple[ir.Value, ir.Value]:
        """Return m in [sqrt 1/2, sqrt 2) and e (a double) with x = m 2^e, for normal x > 0."""
        b = self.builder
        bits = b.bitcast(x, self.whole)
        # Subtracting the bits of sqrt(1/2) makes the exponent field count from the wanted interval.
        e = b.ashr(b.sub(bits, self.integer(_SQRT_HALF_BITS)), self.integer(52))
        m = b.bitcast(b.sub(bits, b.shl(e, self.integer(52))), self.real)
        # Adding to the magic number turns small integers into doubles without a slow conversion.
        shifted = b.add(e, b.bitcast(self.number(_MAGIC), self.whole))
        return m, b.fsub(b.bitcast(shifted, self.real), self.number(_MAGIC))

    def log(self, x: ir.Value) -> ir.Value:
        """Return the natural logarithm: -inf at 0, NaN below."""
        b = self.builder
        small = b.fcmp_ordered("<", x, self.number(_SMALL))
        m, e = self._split(b.select(small, b.fmul(x, self.number(2.0**54)), x))
        e = b.select(small, b.fsub(e, self.number(54.0)), e)
        f = b.fsub(m, self.number(1.0))
        s = b.fdiv(f, b.fadd(m, self.number(1.0)))
        z = b.fmul(s, s)
        series = b.fmul(z, self._horner(z, [2.0 / 3.0, *_ATANH_SERIES]))
        half_square = b.fmul(b.fmul(f, f), self.number(0.5))
        # log m = f - (f^2/2 - s (f^2/2 + series)): the leading term f is exact.
        inner = self.fma(s, b.fadd(half_square, series), b.fmul(e, self.number(_LN2_LO)))
        small = b.fsub(b.fsub(half_square, inner), f)
        result = b.fsub(b.fmul(e, self.number(_LN2_HI)), small)
        return self._log_edges(x, result)

    def _log_edges(self, x: ir.Value, result: ir.Value) -> ir.Value:
        b = self.builder
        infinite = b.fcmp_ordered("==", x, self.number(float("inf")))
        result = b.select(infinite, x, result)
        zero = b.fcmp_ordered("==", x, self.number(0.0))
        result = b.select(zero, self.number(float("-inf")), result)
        fine = b.fcmp_ordered(">=", x, self.number(0.0))
        return b.select(fine, result, self.number(float("nan")))

    def _log_two(self, x: ir.Value) -> tuple[ir.Value, ir.Value]:
        """Return log x as an unevaluated sum of two doubles, for x > 0."""
        b = self.builder
        one = self.number(1.0)
        m, e = self._split(x)
        f = b.fsub(m, one)
        g = b.fadd(m, one)
        g_low = b.fsub(m, b.fsub(g, one))
        quotient = b.fdiv(one, g)
        s = b.fmul(f, quotient)
        remainder = self.fma(b.fneg(s), g, f)
        s_low = b.fmul(self.fma(b.fneg(s), g_low, remainder), quotient)
        z = b.fmul(s, s)
        z_low = self.fma(s, s, b.fneg(z))
        z_low = self.fma(b.fmul(self.number(2.0), s), s_low, z_low)
        tail = b.fmul(z, self._horner(z, _ATANH_SERIES))
        c, c_low = self._sum(self.number(_C3_HI), tail)
        c_low = b.fadd(c_low, self.number(_C3_LO))
        p, p_low = self._product(s, s_low, z, z_low)
        q, q_low = self._product(p, p_low, c, c_low)
        two = self.number(2.0)
        r, r_low = self._sum(b.fmul(two, s), q)
        r_low = b.fadd(r_low, self.fma(two, s_low, q_low))
        base = b.fmul(e, self.number(_LN2_HI))
        # |base| is 0 or above |r|, as a sum of two in this order needs.
        t, t_low = self._sum(base, r)
        return t, b.fadd(t_low, self.fma(e, self.number(_LN2_LO), r_low))

    def _sum(self, a: ir.Value, c: ir.Value) -> tuple[ir.Value, ir.Value]:
        b = self.builder
        total = b.fadd(a, c)
        return total, b.fsub(c, b.fsub(total, a))

    def _product(
        self, a: ir.Value, a_low: ir.Value, c: ir.Value, c_low: ir.Value
    ) -> tuple[ir.Value, ir.Value]:
        b = self.builder
        high = b.fmul(a, c)
        low = self.fma(a, c, b.fneg(high))
        return high, self.fma(a, c_low, self.fma(a_low, c, low))

    def pow(self, x: ir.Value, y: ir.Value) -> ir.Value:
        """Return x^y with a base below 2.3e-308 read as 0: then 0 for y > 0, 1 for 0, inf below."""
        b = self.builder
        zero, one = self.number(0.0), self.number(1.0)
        vanishes = b.fcmp_ordered("<", x, self.number(_SMALL))
        high, low = self._log_two(b.select(vanishes, one, x))
        product = b.fmul(y, high)
        tail = self.fma(y, low, self.fma(y, high, b.fneg(product)))
        result = self.exp(product, tail)
        at_zero = b.select(b.fcmp_ordered("<", y, zero), self.number(float("inf")), zero)
        at_zero = b.select(b.fcmp_ordered("==", y, zero), one, at_zero)
        result = b.select(vanishes, at_zero, result)
        # Bits of a NaN base pass through the logarithm as a number; adding 0 x brings the NaN back.
        return self.fma(x, zero, result)

    def tanh(self, x: ir.Value) -> ir.Value:
        """Return the hyperbolic tangent by expm1 of -2|x|, or 1 - 2t / (1 + t), t = e^(-2|x|)."""
        b = self.builder
        one = self.number(1.0)
        size = self.absolute(x)
        large = b.fcmp_ordered(">", size, self.number(22.0))
        argument = b.fmul(b.select(large, self.number(22.0), size), self.number(-2.0))
        n, whole = self._split_exponent(argument)
        negative = b.fneg(whole)
        r = self.fma(negative, self.number(_LN2_HI), argument)
        low = b.fmul(negative, self.number(_LN2_LO))
        reduced = b.fadd(r, low)
        error = b.fadd(b.fsub(r, reduced), low)
        series = self.fma(b.fmul(reduced, reduced), self._horner(reduced, _EXP_SERIES), error)
        grown = b.fadd(reduced, series)
        scale = self._power_of_two(n)
        minus = self.fma(scale, grown, b.fsub(scale, one))
        decayed = b.fmul(self.number(2.0), self.fma(scale, grown, scale))
        small = b.fcmp_ordered("<", size, self.number(1.0))
        top = b.select(small, b.fneg(minus), decayed)
        two = self.number(2.0)
        bottom = b.fadd(minus, two)
        bottom_low = b.fsub(minus, b.fsub(bottom, two))
        inverse = b.fdiv(one, bottom)
        quotient = b.fmul(top, inverse)
        rest = self.fma(b.fneg(quotient), bottom, top)
        rest = self.fma(b.fneg(quotient), bottom_low, rest)
        quotient = self.fma(rest, inverse, quotient)
        value = b.select(small, quotient, b.fsub(one, quotient))
        negative_side = b.fcmp_ordered("<", x, self.number(0.0))
        return b.select(negative_side, b.fneg(value), value)
