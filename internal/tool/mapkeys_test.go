package tool

import (
	"context"
	"net/netip"
	"strings"
	"testing"
)

// shade is a byte with a text form, so a slice of shade is not encoded as base64.
type shade byte

func (s shade) MarshalText() ([]byte, error) { return []byte(strings.Repeat("x", int(s))), nil }

func (s *shade) UnmarshalText(text []byte) error {
	*s = shade(len(text))
	return nil
}

// length is the key of a map that can be decoded but not encoded.
type length int

func (l *length) UnmarshalText(text []byte) error {
	*l = length(len(text))
	return nil
}

// Keys are compared as values: two spellings of one key would overwrite each other.
func TestMapKeys(t *testing.T) {
	type input struct {
		ByAddr map[netip.Addr]int `json:"by_addr,omitempty" doc:"x"`
		ByLen  map[length]int     `json:"by_len,omitempty" doc:"x"`
		Shades []shade            `json:"shades,omitempty" doc:"x"`
	}
	type output struct {
		ByAddr map[netip.Addr]int `json:"by_addr,omitempty" doc:"x"`
		ByLen  map[uint8]int      `json:"by_len,omitempty" doc:"x"`
		Shades []shade            `json:"shades,omitempty" doc:"x"`
	}
	tl := New(Info{Name: "x", Description: "x"}, func(_ context.Context, in input) (output, error) {
		out := output{ByAddr: in.ByAddr, ByLen: map[uint8]int{}, Shades: in.Shades}
		for l, n := range in.ByLen {
			out.ByLen[uint8(l)] = n
		}
		return out, nil
	})
	if err := tl.Err(); err != nil {
		t.Fatal(err)
	}
	for arguments, want := range map[string]string{
		`{"by_addr":{"::1":1,"192.0.2.1":2}}`:       `{"by_addr":{"192.0.2.1":2,"::1":1}}`,
		`{"by_addr":{"::1":1,"0:0:0:0:0:0:0:1":2}}`: `by_addr.::1 is given twice`,
		`{"by_addr":{"here":1}}`:                    `by_addr.here has a key that must be an IP address such as 192.0.2.1`,
		`{"by_len":{"abcdefghij":1}}`:               `{"by_len":{"10":1}}`,
		`{"shades":["xx","x"]}`:                     `{"shades":["xx","x"]}`,
	} {
		if result, err := call(t, tl, arguments); err != nil || text(t, result) != want {
			t.Errorf("%s: %+v, %v, want %s", arguments, result, err, want)
		}
	}
}

func TestPNGIcon(t *testing.T) {
	if got := PNGIcon([]byte("x"), 16); got.Src != "data:image/png;base64,eA==" || got.MIMEType != "image/png" || strings.Join(got.Sizes, " ") != "16x16" {
		t.Errorf("icon %+v", got)
	}
	if got := PNGIcon([]byte("x"), 0); len(got.Sizes) != 0 {
		t.Errorf("icon of an unknown size: %+v", got)
	}
}
