package rpc

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

func TestMessages(t *testing.T) {
	modern, headers := ModernCall(`"a"`, "x", "{}")
	for _, message := range []string{Ping, Initialize, List, Call("1", "x", "{}"), modern, Result("1", "{}"), Error("null", "-32700", "parse error")} {
		if !json.Valid([]byte(message)) {
			t.Errorf("%s is not JSON", message)
		}
	}
	if len(headers) != 6 {
		t.Errorf("headers of a call: %q, want three pairs", headers)
	}
}

func TestPost(t *testing.T) {
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h := r.Header
		w.Write([]byte(r.Method + " " + r.URL.Path + " " + h.Get("Content-Type") + " " + h.Get("Accept") + " " + h.Get("X") + " " + string(body)))
	})
	got := Post(echo, "{}", "Accept", "", "X", "y").Body.String()
	if want := "POST /mcp application/json  y {}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
