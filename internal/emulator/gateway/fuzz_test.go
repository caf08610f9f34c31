package gateway

import (
	"bufio"
	"bytes"
	"net/http/httptest"
	"testing"
)

// FuzzParseResponse: whatever a function returns becomes a response that can be
// written, or an error.
func FuzzParseResponse(f *testing.F) {
	for _, seed := range []string{ok200, `null`, `"x"`, `{"statusCode":200,"headers":{"":"x","a\nb":1},"cookies":["\n"],"body":"AA==","isBase64Encoded":true}`, `{"statusCode":99}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		resp, err := parseResponse(payload)
		if err == nil {
			resp.write(httptest.NewRecorder(), request("GET", "/", "")) // panics on a bad status
		}
	})
}

// FuzzParseAuthorizerResponse: only isAuthorized true in a JSON object allows.
func FuzzParseAuthorizerResponse(f *testing.F) {
	for _, seed := range []string{allow, `{"isAuthorized":false}`, `{"isAuthorized":"true"}`, `{"isAuthorized":1}`, `null`, `[true]`, `{}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		v, err := parseAuthorizerResponse(payload)
		if v.allowed && (err != nil || !bytes.Contains(payload, []byte("true"))) {
			t.Errorf("%q allows the request", payload)
		}
	})
}

// FuzzReadPrelude: readPrelude consumes no more than the prelude.
func FuzzReadPrelude(f *testing.F) {
	f.Add([]byte(`{"statusCode":200}` + zeros + "body"))
	f.Add([]byte(`{}` + zeros + "\x00body"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := bufio.NewReader(bytes.NewReader(stream))
		if _, err := readPrelude(r); err != nil {
			return
		}
		rest := r.Buffered()
		if head := stream[:len(stream)-rest]; len(stream) < 4096 && !bytes.HasSuffix(head, []byte(zeros)) {
			t.Errorf("consumed %q of %q", head, stream)
		}
	})
}

// BenchmarkCachedResult measures what the gateway adds to a warm call.
func BenchmarkCachedResult(b *testing.B) {
	api, err := New(Config{Routes: []Route{{Method: "POST", Path: "/mcp", Authorizer: keyAuthorizer(responds(allow), maxTTL), Integration: responds(ok200)}}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if res := serve(api, request("POST", "/mcp", `{}`, "X-Api-Key", "k", "Content-Type", "application/json")); res.StatusCode != 200 {
			b.Fatal(res.StatusCode)
		}
	}
}
