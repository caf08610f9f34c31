package surface

import (
	"encoding/json"
	"testing"
)

// TestLargeExponent: a number of a server does not become one of a million digits. Numbers
// of this kind are compared as text.
func TestLargeExponent(t *testing.T) {
	for text, want := range map[string]bool{
		"1e308": true, "-1.5E+400": true, "1e-400": true, "12": true,
		"1e401": false, "1e999999": false, "1E-999999": false, "1e99999999999999999999": false,
	} {
		if _, ok := rational(json.Number(text)); ok != want {
			t.Errorf("rational(%s): ok is %t, want %t", text, ok, want)
		}
		if !equal(json.Number(text), json.Number(text)) || equal(json.Number(text), json.Number("7")) {
			t.Errorf("%s is compared wrongly", text)
		}
	}
}
