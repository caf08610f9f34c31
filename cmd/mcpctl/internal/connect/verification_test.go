package connect

import (
	"errors"
	"strings"
	"testing"
)

func TestEntryNameOfAServer(t *testing.T) {
	refused := errors.New("it was refused")
	for _, c := range []struct {
		v         verification
		want, err string
	}{
		{verification{tried: true, name: "Weather (test)"}, "weather-test", ""},
		{verification{}, "", "set MCP_API_KEY"},
		{verification{tried: true, err: refused}, "", "it was refused"},
		{verification{tried: true, name: "天気"}, "", `the name of the server, "天気"`},
		{verification{tried: true, name: "3D"}, "", `the name of the server, "3D"`},
	} {
		got, err := c.v.entryName()
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%+v: %q, %v; want %q, an error with %q", c.v, got, err, c.want, c.err)
		}
		if c.v.err != nil && !errors.Is(err, refused) {
			t.Errorf("the cause is not in %v, so there is no hint", err)
		}
	}
}
