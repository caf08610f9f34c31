package authorizer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/authorizer"
	"serverless-mcp/internal/keys/keystore"
)

const (
	good    = "mcp_main_1FjJKKPE9pItW9ksULa8gHCT30VzZ4hPDq5C5B9Cpf13m0GW2"
	other   = "mcp_dev_0QZk8mXv3nB5tY7uI9oP1aS2dF4gH6jK8lZxCvBnM0q1WE2rT4" // not the key of any test
	foreign = "sk-live/with+any=character.of~ASCII!"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// call is the outcome of one request.
type call struct {
	response authorizer.Response
	err      error
	lookups  []string       // keys that were looked up
	log      map[string]any // the one line
	text     string         // the line as text
}

// handle calls an authorizer with the keys of the map. A principal whose only tool
// is "revoked" stands for a revoked key, the id "error" for secrets that cannot be
// read, "busy" for too many reads.
func handle(t *testing.T, keys map[string]apikey.Principal, r authorizer.Request) call {
	t.Helper()
	var c call
	var out bytes.Buffer
	a := authorizer.New(authorizer.Options{
		Lookup: func(_ context.Context, plain string) (apikey.Principal, bool, error) {
			c.lookups = append(c.lookups, plain)
			p, found := keys[plain]
			switch p.KeyID {
			case "error":
				return apikey.Principal{}, false, errors.New("read secret: access denied")
			case "busy":
				return apikey.Principal{}, false, &keystore.TooManyReadsError{RetryAfter: 4 * time.Second}
			}
			return p, found && !(len(p.Tools) == 1 && p.Tools[0] == "revoked"), nil
		},
		Log: logs.New(&out, slog.LevelDebug),
		Now: func() time.Time { return noon },
	})
	c.response, c.err = a.Handle(context.Background(), r)
	c.text = out.String()
	if err := json.Unmarshal(out.Bytes(), &c.log); err != nil {
		t.Fatalf("the log is not one line of JSON: %q", c.text)
	}
	return c
}

// request returns the documented event with that identity source.
func request(t *testing.T, identitySource ...string) authorizer.Request {
	t.Helper()
	data, err := os.ReadFile("testdata/request.json")
	if err != nil {
		t.Fatal(err)
	}
	var r authorizer.Request
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	r.IdentitySource = identitySource
	return r
}

func TestDecisions(t *testing.T) {
	keys := map[string]apikey.Principal{
		good:       {KeyID: "default"},
		foreign:    {KeyID: "alice", Tools: []string{"calculate", "get_weather"}, Expires: noon.Add(time.Second)},
		"nothing":  {KeyID: "bob", Tools: []string{}},
		"over":     {KeyID: "carol", Expires: noon},
		"revoked":  {KeyID: "dave", Tools: []string{"revoked"}},
		"over+rev": {KeyID: "erin", Tools: []string{"revoked"}, Expires: noon},
		"broken":   {KeyID: "error"},
	}
	for _, tc := range []struct {
		name, source  string
		want          map[string]any // the context; nil means denied
		reason, keyID string         // in the log
	}{
		{"a key", good, map[string]any{"keyId": "default", "tools": "*"}, "", "default"},
		{"with scope and expiry", foreign, map[string]any{"keyId": "alice", "tools": "calculate get_weather", "expires": "2026-11-21T12:00:01Z"}, "", "alice"},
		{"no tools", "nothing", map[string]any{"keyId": "bob", "tools": ""}, "", "bob"},
		{"bearer token", "Bearer " + good, map[string]any{"keyId": "default", "tools": "*"}, "", "default"},
		{"bearer in another case", "bEARER  " + good, map[string]any{"keyId": "default", "tools": "*"}, "", "default"},
		{"blanks", " " + good + "\t", map[string]any{"keyId": "default", "tools": "*"}, "", "default"},
		{"expired", "over", nil, "expired", "carol"},
		{"revoked", "revoked", nil, "revoked", "dave"},
		{"revoked and expired", "over+rev", nil, "expired", "erin"},
		{"unknown", "nobody", nil, "unknown", ""},
		{"bearer alone", "Bearer", nil, "unknown", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := handle(t, keys, request(t, tc.source))
			if diff := cmp.Diff(tc.want, got.response.Context); got.err != nil || diff != "" || got.response.IsAuthorized != (tc.want != nil) {
				t.Errorf("Handle(%q) = %+v, %v; context (-want +got):\n%s", tc.source, got.response, got.err, diff)
			}
			want := map[string]any{"level": "INFO", "message": "authorizer result", "outcome": "allowed", "requestId": "id", "route": "POST /mcp", "client": "Cursor", "clientVersion": "1.2", "durationMs": 0.0, "coldStart": true}
			if tc.reason != "" {
				want["level"], want["outcome"], want["reason"], want["count"] = "WARN", "denied", tc.reason, 1.0
			}
			if tc.keyID != "" {
				want["keyId"] = tc.keyID
			}
			delete(got.log, "timestamp")
			if diff := cmp.Diff(want, got.log); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
}

// Text that cannot be a key is denied without a lookup, so that it costs no read.
func TestMalformed(t *testing.T) {
	for name, source := range map[string]string{
		"empty":             "",
		"blanks":            " \t ",
		"no-break space":    "\u00a0" + good,
		"a line feed":       good + "\n",
		"wrong checksum":    good[:len(good)-1] + "3",
		"too long":          strings.Repeat("x", apikey.MaxLength+1),
		"two keys":          good + ", " + good,
		"another scheme":    "Basic " + good,
		"variable":          "${MCP_API_KEY}",
		"bearer a variable": "Bearer ${input:mcp-api-key}",
		"control character": good + "\x00",
		"not ASCII":         good + "ä",
	} {
		got := handle(t, map[string]apikey.Principal{source: {KeyID: "alice"}}, request(t, source))
		if got.err != nil || got.response.IsAuthorized || len(got.lookups) > 0 || got.log["reason"] != "malformed" {
			t.Errorf("%s: Handle(%q) = %+v, %v after looking up %q, log %s", name, source, got.response, got.err, got.lookups, got.text)
		}
		if got.log["error"] == nil || got.log["error"] == "" {
			t.Errorf("%s: the log does not contain the error: %s", name, got.text)
		}
	}
	longest := strings.Repeat("x", apikey.MaxLength)
	if got := handle(t, map[string]apikey.Principal{longest: {KeyID: "alice"}}, request(t, longest)); !got.response.IsAuthorized {
		t.Errorf("the longest key is denied: %s", got.text)
	}
}

// The gateway does not cache an error, and its client does not see it.
func TestUndecided(t *testing.T) {
	keys := map[string]apikey.Principal{"broken": {KeyID: "error"}, "busy": {KeyID: "busy"}, good: {KeyID: "default"}}
	for name, tc := range map[string]struct {
		source        []string
		level, reason string
	}{
		"secrets cannot be read": {[]string{"broken"}, "ERROR", "cannot read the keys"},
		"too many reads":         {[]string{"busy"}, "WARN", "too many reads"},
		"no identity source":     {nil, "ERROR", "misconfigured"},
		"two identity sources":   {[]string{good, good}, "ERROR", "misconfigured"},
	} {
		got := handle(t, keys, request(t, tc.source...))
		if !errors.Is(got.err, authorizer.ErrUndecided) || got.err.Error() != authorizer.ErrUndecided.Error() || got.response.IsAuthorized {
			t.Errorf("%s: Handle = %+v, %v; want exactly %v", name, got.response, got.err, authorizer.ErrUndecided)
		}
		if got.log["level"] != tc.level || got.log["reason"] != tc.reason || got.log["outcome"] != "undecided" || got.log["error"] == nil {
			t.Errorf("%s: logged %s, want level %s, reason %s and the error", name, got.text, tc.level, tc.reason)
		}
	}
}

// The gateway's cache ignores other headers: a valid key in one of them must not
// allow the invalid key that is the identity source.
func TestOnlyTheIdentitySourceCounts(t *testing.T) {
	r := request(t, "Bearer wrong")
	r.Headers["x-api-key"] = good
	if got := handle(t, map[string]apikey.Principal{good: {KeyID: "default"}}, r); got.err != nil || got.response.IsAuthorized {
		t.Errorf("Handle = %+v, %v; want denied", got.response, got.err)
	}
}

func TestLogHoldsNoKey(t *testing.T) {
	wrong := good[:len(good)-1] + "3"
	for _, key := range []string{good, foreign, wrong, "gone"} {
		r := request(t, key)
		r.Headers["x-api-key"], r.RawQueryString = key, "key="+key
		r.RequestContext.HTTP.UserAgent = "agent/" + key + " " + key
		got := handle(t, map[string]apikey.Principal{good: {KeyID: "default"}, "gone": {KeyID: "error"}}, r)
		for _, secret := range []string{key, apikey.Hash(key)} {
			if strings.Contains(got.text, secret) {
				t.Errorf("the log of key %q holds it or its hash: %s", key, got.text)
			}
		}
	}
}

func TestUserAgentIsCleaned(t *testing.T) {
	for agent, want := range map[string]string{ // name and version
		"":                                      " ",
		"claude-code/2.0 (cli)":                 "claude-code 2.0",
		"a\r\n{\"level\":\"ERROR\"}\x1b[31m":    `a  {"level":"ERROR"} [31m `,
		strings.Repeat("ä", 65):                 strings.Repeat("ä", 63) + "… ",
		"\u202eright to left":                   " right to left ",
		strings.Repeat("x ", 29) + good + "end": strings.Repeat("x ", 29) + "[key]… ",
		"cli/" + other + " (x)":                 "cli [redacted]",
		"cli/" + strings.Repeat("7f", 16):       "cli [redacted]",
		other[:31] + "/1":                       other[:31] + " 1",
	} {
		r := request(t, good)
		r.RequestContext.HTTP.UserAgent = agent
		got := handle(t, nil, r).log
		version, _ := got["clientVersion"].(string)
		if client := fmt.Sprint(got["client"], " ", version); client != want {
			t.Errorf("client of %q = %q, want %q", agent, client, want)
		}
	}
}

func TestResponseOnTheWire(t *testing.T) {
	for want, keys := range map[string]map[string]apikey.Principal{
		`{"isAuthorized":true,"context":{"keyId":"default","tools":"*"}}`: {good: {KeyID: "default"}},
		`{"isAuthorized":false}`: nil,
	} {
		data, err := json.Marshal(handle(t, keys, request(t, good)).response)
		if string(data) != want || err != nil {
			t.Errorf("the response is %s, %v; want %s", data, err, want)
		}
	}
}
