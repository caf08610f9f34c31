package tool

import (
	"context"
	"math/big"
	"testing"
)

// TestLargeExponent: a fraction whose exponent would make it long is rejected before it is
// parsed.
func TestLargeExponent(t *testing.T) {
	type arguments struct {
		List []*big.Rat `json:"list" doc:"numbers"`
	}
	fixture := New(Info{Name: "fixture", Description: "x"}, func(context.Context, arguments) (string, error) { return "called", nil })
	for text, want := range map[string]bool{
		"1.5": true, "1/3": true, "1e3": true, "-1E-9999": true, "1e+0000010": true, "0x1e12345": true, "0x1p9999": true,
		"1e10000": false, "1E-99999": false, "1p99999": false, "0x1p+99999": false, "1e999999": false, "1e1_0000": false,
	} {
		result, err := call(t, fixture, `{"list":["`+text+`"]}`)
		if err != nil || result.IsError == want {
			t.Errorf("%s: accepted is %v, want %v (%v)", text, !result.IsError, want, err)
		}
	}
}
