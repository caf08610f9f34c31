package apikey

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Limits bound the tool calls of a key. Zero means that there is no such limit.
type Limits struct {
	Minute int `json:"minute,omitzero"` // calls in a minute of the clock
	Day    int `json:"day,omitzero"`    // calls in a UTC day
}

// maxLimit is the largest limit, far above any real use.
const maxLimit = 1_000_000_000

// IsZero reports whether there is no limit.
func (l Limits) IsZero() bool { return l == Limits{} }

// String returns the limits as [ParseLimits] reads them: "60/m 5000/d". It is empty
// if there is none.
func (l Limits) String() string {
	var all []string
	if l.Minute > 0 {
		all = append(all, strconv.Itoa(l.Minute)+"/m")
	}
	if l.Day > 0 {
		all = append(all, strconv.Itoa(l.Day)+"/d")
	}
	return strings.Join(all, " ")
}

// ParseLimits parses limits such as "60/m 5000/d", "60/m" or "5000/d". Empty text
// means none.
func ParseLimits(text string) (Limits, error) {
	var l Limits
	for _, field := range strings.Fields(text) {
		number, unit, _ := strings.Cut(field, "/")
		limit := map[string]*int{"m": &l.Minute, "d": &l.Day}[unit]
		n, err := strconv.Atoi(number)
		if limit == nil || err != nil || !only(number, base62[:10]) || *limit != 0 {
			return Limits{}, fmt.Errorf("limits %.32q are not of the form 60/m 5000/d", text)
		}
		if *limit = n; n == 0 {
			return Limits{}, errors.New("a limit of 0 calls is not allowed: revoke the key instead")
		}
	}
	return l, l.check()
}

// UnmarshalJSON decodes {"minute":60,"day":5000}. An unknown name is an error: it
// could be a limit that this version does not apply. A newer kind of limit needs a
// separate field in the key document.
func (l *Limits) UnmarshalJSON(data []byte) error {
	var in Limits
	extra, err := decode(data, map[string]any{"minute": &in.Minute, "day": &in.Day})
	if err != nil {
		return err
	}
	for name := range extra {
		return fmt.Errorf("unknown limit %.16q", name)
	}
	if in.IsZero() {
		return errors.New("neither minute nor day is set")
	}
	*l = in
	return l.check()
}

func (l Limits) check() error {
	if l.Minute < 0 || l.Day < 0 || l.Minute > maxLimit || l.Day > maxLimit {
		return fmt.Errorf("a limit is not between 1 and %d", maxLimit)
	}
	return nil
}
