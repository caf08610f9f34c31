package tooltypes

import (
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"time"
)

// Types that Go programs define.
type (
	Word   string
	Count  int
	Switch bool
	Share  float32
	Words  []string
	Blob   []byte
	Lookup map[string]Count
	Level  int // an enum with text methods
	Nested struct {
		Name  string `json:"name" doc:"x"`
		Point Point  `json:"point" doc:"x"`
	}
	Point struct {
		X int `json:"x" doc:"x"`
		Y int `json:"y,omitempty" doc:"x"`
	}
	Base struct {
		ID   string `json:"id" doc:"x"`
		Note string `json:"note,omitempty" doc:"x"`
	}
	base struct {
		Inner int `json:"inner" doc:"x"`
	}
	Embedding struct {
		Base
		base
		Own string `json:"own" doc:"x"`
	}
	EmbeddingPointer struct {
		*Base
		Own string `json:"own" doc:"x"`
	}
	Shadowing struct {
		Embedding
		ID int `json:"id" doc:"x"`
	}
	EmbeddingNamed struct {
		Base `json:"base" doc:"x"`
		Own  string `json:"own" doc:"x"`
	}
	Page[T any] struct {
		Items []T `json:"items" doc:"x"`
		Next  *T  `json:"next,omitempty" doc:"x"`
	}
	Pair[A comparable, B any] struct {
		First  A       `json:"first" doc:"x"`
		Second B       `json:"second" doc:"x"`
		ByKey  map[A]B `json:"by_key" doc:"x"`
	}
	Hidden struct {
		Shown  string `json:"shown" doc:"x"`
		Secret string `json:"-"`
		local  int
	}
	Temperature struct{ tenths int } // with text methods on the pointer
	Money       struct{ cents int64 }
	Slot        struct{ row, place int } // a map key
)

var _ = Hidden{}.local // the field is used nowhere else; encoding/json ignores it

const (
	Low Level = iota
	High
)

// MarshalText implements encoding.TextMarshaler.
func (l Level) MarshalText() ([]byte, error) { return []byte([]string{"low", "high"}[l]), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *Level) UnmarshalText(text []byte) error {
	switch string(text) {
	case "low":
		*l = Low
	case "high":
		*l = High
	default:
		return errors.New("neither low nor high")
	}
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (t *Temperature) MarshalText() ([]byte, error) {
	return []byte(big.NewInt(int64(t.tenths)).String() + "dC"), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *Temperature) UnmarshalText(text []byte) error {
	n, ok := new(big.Int).SetString(strings.TrimSuffix(string(text), "dC"), 10)
	if !ok {
		return errors.New("not a temperature")
	}
	t.tenths = int(n.Int64())
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (s Slot) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d-%d", s.row, s.place), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Slot) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "%d-%d", &s.row, &s.place)
	return err
}

// JSONSchema implements tool.Schemer.
func (Money) JSONSchema() string { return `{"type":"string","pattern":"^-?[0-9]+ct$"}` }

// MarshalJSON implements json.Marshaler.
func (m Money) MarshalJSON() ([]byte, error) {
	return []byte(`"` + big.NewInt(m.cents).String() + `ct"`), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *Money) UnmarshalJSON(text []byte) error {
	number, ok := strings.CutSuffix(strings.Trim(string(text), `"`), "ct")
	n, valid := new(big.Int).SetString(number, 10)
	if !ok || !valid {
		return errors.New("not an amount")
	}
	m.cents = n.Int64()
	return nil
}

var (
	noon    = time.Date(2026, 1, 31, 12, 0, 0, 500_000_000, time.UTC)
	address = netip.MustParseAddr("192.0.2.1")
	prefix  = netip.MustParsePrefix("2001:db8::/32")
	port    = netip.MustParseAddrPort("192.0.2.1:443")
	ip      = net.ParseIP("192.0.2.1")
	huge, _ = new(big.Int).SetString("123456789012345678901234567890", 10)
	third   = big.NewRat(1, 3)
)

// half returns 0.5 as big.Float parses it.
func half() *big.Float {
	f := new(big.Float)
	_ = f.UnmarshalText([]byte("0.5")) // the text is valid
	return f
}
