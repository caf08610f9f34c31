package gateway

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseResponse(t *testing.T) {
	header := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h.Add(pairs[i], pairs[i+1])
		}
		return h
	}
	json := header("Content-Type", "application/json")
	plain := header("Content-Type", "text/plain; charset=utf-8")
	tests := []struct {
		name, payload string
		status        int // zero means an error, which becomes 500
		body          string
		header        http.Header
	}{
		{"record", `{"statusCode":201,"headers":{"content-type":"a/b","x-n":1,"x-b":true},"body":"hi"}`, 201, "hi", header("Content-Type", "a/b", "X-N", "1", "X-B", "true")},
		{"challenge", `{"statusCode":401,"headers":{"www-authenticate":"Bearer"},"body":""}`, 401, "", header("Content-Type", "text/plain; charset=utf-8", "X-Amzn-Remapped-Www-Authenticate", "Bearer")},
		{"as aws-lambda-go writes it", `{"statusCode":202,"headers":null,"multiValueHeaders":null,"body":"","cookies":null}`, 202, "", plain},
		{"base64", `{"statusCode":200,"body":"AP8=","isBase64Encoded":true}`, 200, "\x00\xff", plain},
		{"cookies", `{"statusCode":200,"cookies":["a=1","b=2"]}`, 200, "", header("Content-Type", "text/plain; charset=utf-8", "Set-Cookie", "a=1", "Set-Cookie", "b=2")},
		{"multi-value headers are of format 1.0", `{"statusCode":200,"multiValueHeaders":{"x":["1"]}}`, 200, "", plain},
		{"no statusCode", `{"hello":"you"}`, 200, `{"hello":"you"}`, json},
		{"string", `"hello"`, 200, `"hello"`, json},
		{"number", `42`, 200, `42`, json},
		{"null", `null`, 200, `null`, json},
		{"no JSON", `<html>`, 200, `<html>`, json},
		{"statusCode null", `{"statusCode":null}`, 0, "", nil},
		{"statusCode text", `{"statusCode":"abc"}`, 0, "", nil},
		{"statusCode 0", `{"statusCode":0}`, 0, "", nil},
		{"statusCode 100", `{"statusCode":100}`, 0, "", nil},
		{"statusCode 600", `{"statusCode":600}`, 0, "", nil},
		{"statusCode 200.5", `{"statusCode":200.5}`, 0, "", nil},
		{"body no string", `{"statusCode":200,"body":{}}`, 0, "", nil},
		{"headers a list", `{"statusCode":200,"headers":[]}`, 0, "", nil},
		{"header a list", `{"statusCode":200,"headers":{"x":["1"]}}`, 0, "", nil},
		{"bad base64", `{"statusCode":200,"body":"?","isBase64Encoded":true}`, 0, "", nil},
	}
	for _, tt := range tests {
		got, err := parseResponse([]byte(tt.payload))
		if (err != nil) != (tt.status == 0) {
			t.Errorf("%s: got error %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff(tt.status, got.status) + cmp.Diff(tt.body, string(got.body)) + cmp.Diff(tt.header, got.header); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
