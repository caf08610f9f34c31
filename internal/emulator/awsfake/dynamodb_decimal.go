package awsfake

import (
	"math/big"
	"strconv"
	"strings"
)

// decimal is a DynamoDB number: coefficient × 10^exponent, where the coefficient is
// not a multiple of ten. The zero value is 0.
type decimal struct {
	coefficient *big.Int // nil means 0
	exponent    int
}

// maxDigits is the precision of numbers.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
const maxDigits = 38

func decimalOf(n int64) decimal {
	d, _ := parseDecimal(strconv.FormatInt(n, 10)) // at most 19 digits
	return d
}

// parseDecimal parses a number such as -1.50e3.
func parseDecimal(text string) (decimal, *Error) {
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(text), "e")
	e := 0
	if hasExponent {
		var err error
		if e, err = strconv.Atoi(exponent); err != nil || len(exponent) > 6 {
			return decimal{}, notNumeric(text)
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	coefficient, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok || len(mantissa) > 300 || strings.ContainsAny(mantissa, "_ +") {
		return decimal{}, notNumeric(text)
	}
	return decimal{coefficient, e - len(fraction)}.checked()
}

func notNumeric(text string) *Error {
	return invalid("The parameter cannot be converted to a numeric value: %s", text)
}

// checked returns d with trailing zeros removed, or an error if it is out of range.
func (d decimal) checked() (decimal, *Error) {
	if d.coefficient.Sign() == 0 {
		return decimal{}, nil
	}
	ten, rest := big.NewInt(10), new(big.Int)
	for {
		quotient, remainder := new(big.Int).QuoRem(d.coefficient, ten, rest)
		if remainder.Sign() != 0 {
			break
		}
		d = decimal{quotient, d.exponent + 1}
	}
	digits := d.digits()
	switch magnitude := d.exponent + digits - 1; {
	case digits > maxDigits:
		return decimal{}, invalid("Attempting to store more than %d significant digits in a Number", maxDigits)
	case magnitude > 125:
		return decimal{}, invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
	case magnitude < -130:
		return decimal{}, invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	}
	return d, nil
}

func (d decimal) digits() int {
	if d.coefficient == nil {
		return 1
	}
	return len(strings.TrimPrefix(d.coefficient.String(), "-"))
}

// aligned returns the coefficients of both numbers at the smaller exponent.
func aligned(a, b decimal) (x, y *big.Int, exponent int) {
	exponent = min(a.exponent, b.exponent)
	at := func(d decimal) *big.Int {
		if d.coefficient == nil {
			return new(big.Int)
		}
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.exponent-exponent)), nil)
		return scale.Mul(scale, d.coefficient)
	}
	return at(a), at(b), exponent
}

func (d decimal) cmp(other decimal) int {
	x, y, _ := aligned(d, other)
	return x.Cmp(y)
}

// add returns d + other, or d - other.
func (d decimal) add(other decimal, subtract bool) (decimal, *Error) {
	x, y, exponent := aligned(d, other)
	if subtract {
		y.Neg(y)
	}
	return decimal{x.Add(x, y), exponent}.checked()
}

// String returns the number without an exponent, as DynamoDB does.
func (d decimal) String() string {
	if d.coefficient == nil {
		return "0"
	}
	text := d.coefficient.String()
	digits, negative := strings.CutPrefix(text, "-")
	switch {
	case d.exponent >= 0:
		digits += strings.Repeat("0", d.exponent)
	case len(digits) > -d.exponent:
		at := len(digits) + d.exponent
		digits = digits[:at] + "." + digits[at:]
	default:
		digits = "0." + strings.Repeat("0", -d.exponent-len(digits)) + digits
	}
	if negative {
		return "-" + digits
	}
	return digits
}
