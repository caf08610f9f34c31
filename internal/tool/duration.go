package tool

import (
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// duration parses a time.Duration. ok is false if the text is not a duration, or not a
// whole number of nanoseconds.
func duration(text string) (d time.Duration, ok bool) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, false
	}
	for rest := text; ; {
		_, after, fraction := strings.Cut(rest, ".")
		if !fraction {
			return d, true
		}
		rest = strings.TrimLeft(after, digits)
		unit := rest[:len(rest)-len(strings.TrimLeft(rest, "nuµμmsh"))]
		if !wholeNanoseconds(strings.TrimRight(after[:len(after)-len(rest)], "0"), unit) {
			return 0, false
		}
	}
}

// wholeNanoseconds reports whether 0.fraction units are a whole number of nanoseconds.
func wholeNanoseconds(fraction, unit string) bool {
	const most = 12 // an hour has 3.6e12
	if len(fraction) > most {
		return false
	}
	one, _ := time.ParseDuration("1" + unit) // valid, because the duration uses this unit
	n, _ := strconv.ParseInt("0"+fraction, 10, 64)
	power := int64(1)
	for range fraction {
		power *= 10
	}
	high, low := bits.Mul64(uint64(n), uint64(one))
	_, remainder := bits.Div64(high, low, uint64(power))
	return remainder == 0
}
