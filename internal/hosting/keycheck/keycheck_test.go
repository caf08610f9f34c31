package keycheck_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/authorizer"
	"serverless-mcp/internal/keys/keystore"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/metrics"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
)

const (
	good      = "0123456789abcdefghijklmnopqrstuvwxyz"
	other     = "zyxwvutsrqponmlkjihgfedcba9876543210"
	malformed = "mcp_main_1FjJKKPE9pItW9ksULa8gHCT30VzZ4hPDq5C5B9Cpf13m0GW3" // with the checksum of another key
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestAuthenticate(t *testing.T) {
	lookup := func(_ context.Context, plain string) (apikey.Principal, bool, error) {
		switch plain {
		case good:
			return apikey.Principal{KeyID: "a", Tools: []string{"calculate"}}, true, nil
		case "expired":
			return apikey.Principal{KeyID: "b", Expires: noon}, true, nil
		case "broken":
			return apikey.Principal{}, false, errors.New("read secret: access denied")
		case malformed:
			t.Error("a malformed key was looked up")
		}
		return apikey.Principal{}, false, nil
	}
	for name, test := range map[string]struct {
		keys []string
		want error // nil means the principal
		log  string
	}{
		"a key":            {[]string{good}, nil, ""},
		"none":             {nil, mcphttp.ErrUnauthorized, ""},
		"empty":            {[]string{" "}, mcphttp.ErrUnauthorized, ""},
		"unknown":          {[]string{other}, mcphttp.ErrForbidden, "denied"},
		"malformed":        {[]string{malformed}, mcphttp.ErrForbidden, "denied"},
		"expired":          {[]string{"expired"}, mcphttp.ErrForbidden, "denied"},
		"twice":            {[]string{good, good}, mcphttp.ErrForbidden, "denied"},
		"a bad one before": {[]string{other, good}, mcphttp.ErrForbidden, "denied"},
		"undecided":        {[]string{"broken"}, authorizer.ErrUndecided, "undecided"},
		"blanks":           {[]string{" \t" + good + " "}, nil, ""},
		"no-break space":   {[]string{"\u00a0" + good}, mcphttp.ErrForbidden, "denied"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			check := keycheck.New(keycheck.Options{
				Lookup: lookup, Log: logs.New(&log, slog.LevelInfo), Now: func() time.Time { return noon },
			}).Authenticate
			r := httptest.NewRequest("POST", "/mcp", nil)
			for _, key := range test.keys {
				r.Header.Add(keycheck.Header, key)
			}
			p, err := check(r)
			if !errors.Is(err, test.want) || (test.want == nil) != (p.KeyID == "a") {
				t.Errorf("keys %q: %+v, %v; want %v", test.keys, p, err, test.want)
			}
			var line struct{ Outcome, Route string } // the request line says that a key was allowed
			if test.log != "" {
				if err := json.Unmarshal(log.Bytes(), &line); err != nil {
					t.Fatalf("not one line of JSON: %q", &log)
				}
			}
			if line.Outcome != test.log || test.log != "" && line.Route != "POST /mcp" {
				t.Errorf("logged outcome %q of %q, want %q of POST /mcp", line.Outcome, line.Route, test.log)
			}
			for _, key := range []string{good, other, malformed} {
				if bytes.Contains(log.Bytes(), []byte(key)) {
					t.Errorf("the key is in the log: %s", &log)
				}
			}
		})
	}
}

// A request's log line has the age of the keyring, from which the metric is derived. The
// check of an allowed key writes no other line.
func TestKeyringAgeInTheRequestLine(t *testing.T) {
	for age, want := range map[time.Duration]any{1500 * time.Millisecond: 1500.0, 0: 0.0, -1: nil} {
		var log bytes.Buffer
		out := logs.New(&log, slog.LevelInfo)
		check := keycheck.New(keycheck.Options{
			Lookup: func(_ context.Context, plain string) (apikey.Principal, bool, error) {
				return apikey.Principal{KeyID: "a"}, plain == good, nil
			},
			KeyringAge: func() time.Duration { return age }, Log: out,
		})
		s, err := mcpserver.New(mcpserver.Options{Name: "fixture"}, tool.Set{})
		if err != nil {
			t.Fatal(err)
		}
		h := mcphttp.New(s, mcphttp.Options{Authenticate: check.Authenticate, Log: out})
		r := httptest.NewRequest("POST", "/mcp", strings.NewReader(rpc.Ping))
		rpc.SetHeaders(r.Header, keycheck.Header, good)
		h.ServeHTTP(httptest.NewRecorder(), r)
		var line map[string]any
		if err := json.Unmarshal(log.Bytes(), &line); err != nil || line["message"] != "mcp request" || line["keyId"] != "a" || line["keyringAgeMs"] != want {
			t.Errorf("age %v: logged %s, %v; want one request line with %v", age, &log, err, want)
		}
	}
}

// A clock that was set back does not prolong a denial.
func TestDenialsAfterTheClockWasSetBack(t *testing.T) {
	now, asked := noon, 0
	check := keycheck.New(keycheck.Options{
		Lookup: func(context.Context, string) (apikey.Principal, bool, error) {
			asked++
			return apikey.Principal{}, false, nil
		},
		Now: func() time.Time { return now },
	})
	r := httptest.NewRequest("POST", "/mcp", nil)
	r.Header.Set(keycheck.Header, other)
	for i, at := range []time.Time{noon, noon.Add(-time.Hour), noon.Add(-time.Hour), noon.Add(time.Hour)} {
		now = at
		if _, err := check.Authenticate(r); !errors.Is(err, mcphttp.ErrForbidden) {
			t.Errorf("request %d: %v", i, err)
		}
	}
	if asked != 3 {
		t.Errorf("looked up %d times, want 3: first, when the clock was set back, and after the denial ended", asked)
	}
}

// Bearer tokens are accepted only if they are enabled, and only at their endpoint.
func TestBearerRoute(t *testing.T) {
	lookup := func(_ context.Context, plain string) (apikey.Principal, bool, error) {
		return apikey.Principal{KeyID: "a"}, plain == good, nil
	}
	for _, test := range []struct {
		bearer              bool
		path, header, value string
		want                error
	}{
		{true, "/bearer/mcp", "Authorization", "Bearer " + good, nil},
		{true, "/bearer/mcp/", "Authorization", "bearer " + good, nil},
		{true, "/bearer/mcp", keycheck.Header, good, mcphttp.ErrUnauthorized},
		{true, "/bearer/mcp", "Authorization", "Bearer " + malformed, mcphttp.ErrForbidden},
		{true, "/mcp", "Authorization", "Bearer " + good, mcphttp.ErrUnauthorized},
		{true, "/mcp", keycheck.Header, good, nil},
		{false, "/bearer/mcp", "Authorization", "Bearer " + good, mcphttp.ErrUnauthorized},
	} {
		r := httptest.NewRequest("POST", test.path, nil)
		r.Header.Set(test.header, test.value)
		if _, err := keycheck.New(keycheck.Options{Lookup: lookup, Bearer: test.bearer}).Authenticate(r); !errors.Is(err, test.want) {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

// A denied key is not looked up again for 30 seconds. After that it is, because it may have
// been issued meanwhile.
func TestDenialsAreCached(t *testing.T) {
	now, asked, issued := noon, 0, false
	check := keycheck.New(keycheck.Options{
		Lookup: func(context.Context, string) (apikey.Principal, bool, error) {
			asked++
			if issued {
				return apikey.Principal{KeyID: "a"}, true, nil
			}
			return apikey.Principal{}, false, nil
		},
		Now: func() time.Time { return now },
	}).Authenticate
	try := func(key string) error {
		r := httptest.NewRequest("POST", "/mcp", nil)
		r.Header.Set(keycheck.Header, key)
		_, err := check(r)
		return err
	}
	for range 3 {
		if err := try(good); !errors.Is(err, mcphttp.ErrForbidden) {
			t.Errorf("an unknown key: %v", err)
		}
	}
	if try(other); asked != 2 {
		t.Errorf("two unknown keys were looked up %d times, want once each", asked)
	}
	issued = true
	now = now.Add(29 * time.Second)
	if err := try(good); !errors.Is(err, mcphttp.ErrForbidden) {
		t.Errorf("after 29 s: %v, want the cached denial", err)
	}
	now = now.Add(time.Second)
	if err := try(good); err != nil {
		t.Errorf("after 30 s: %v, want it allowed", err)
	}
	issued, asked = false, 0
	for i := range 3000 {
		try(fmt.Sprint(good, i))
	}
	if asked != 3000 {
		t.Errorf("3000 different keys were looked up %d times", asked)
	}
}

// secrets is a fake Secrets Manager that may fail.
type secrets struct {
	asked []string
	err   error
}

func (s *secrets) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	s.asked = append(s.asked, *in.SecretId)
	document, _ := apikey.Document{Keys: []apikey.Key{{ID: "a", SHA256: apikey.Hash(good)}}}.Marshal()
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(string(document))}, s.err
}

// The secrets are read before the first request. If that fails, the failure is logged, and
// requests are undecided.
func TestOpen(t *testing.T) {
	r := httptest.NewRequest("POST", "/mcp", nil)
	r.Header.Set(keycheck.Header, good)

	s := &secrets{}
	check := keycheck.Open(t.Context(), keystore.Options{Secrets: s, IssuedKeys: "arn:issued"}, false).Authenticate
	if len(s.asked) != 1 || s.asked[0] != "arn:issued" {
		t.Errorf("read at the start: %q, want the issued keys", s.asked)
	}
	if p, err := check(r); err != nil || p.KeyID != "a" {
		t.Errorf("a key: %+v, %v", p, err)
	}

	var log bytes.Buffer
	s = &secrets{err: errors.New("access denied")}
	check = keycheck.Open(t.Context(), keystore.Options{Secrets: s, IssuedKeys: "arn:issued", Log: logs.New(&log, slog.LevelInfo)}, false).Authenticate
	if !bytes.Contains(log.Bytes(), []byte("cannot read the keys yet")) {
		t.Errorf("the failure is not logged: %s", &log)
	}
	if _, err := check(r); !errors.Is(err, authorizer.ErrUndecided) {
		t.Errorf("without keys: %v, want undecided", err)
	}
}

// All spellings of a denied key share one entry of the cache.
func TestDenialsAreCachedByKey(t *testing.T) {
	lookups := 0
	check := keycheck.New(keycheck.Options{Bearer: true, Lookup: func(context.Context, string) (apikey.Principal, bool, error) {
		lookups++
		return apikey.Principal{}, false, nil
	}})
	for _, value := range []string{other, " " + other, other + "\t", "Bearer " + other, "bearer \t" + other, "BEARER   " + other + " "} {
		for path, header := range map[string]string{"/mcp": keycheck.Header, "/bearer/mcp": "Authorization"} {
			r := httptest.NewRequest("POST", path, nil)
			r.Header.Set(header, value)
			if _, err := check.Authenticate(r); !errors.Is(err, mcphttp.ErrForbidden) {
				t.Errorf("%q: %v, want ErrForbidden", value, err)
			}
		}
	}
	if lookups != 1 {
		t.Errorf("one key was looked up %d times, want once", lookups)
	}
}

// Too many reads are a temporary condition: 503 with the time to wait, and the key
// is not cached as denied.
func TestTooManyReads(t *testing.T) {
	var log bytes.Buffer
	busy, wait := true, time.Duration(0)
	check := keycheck.New(keycheck.Options{Log: logs.New(&log, slog.LevelInfo), Lookup: func(context.Context, string) (apikey.Principal, bool, error) {
		if busy {
			return apikey.Principal{}, false, &keystore.TooManyReadsError{RetryAfter: wait}
		}
		return apikey.Principal{KeyID: "a"}, true, nil
	}})
	r := httptest.NewRequest("POST", "/mcp", nil)
	r.Header.Set(keycheck.Header, good)
	for after, want := range map[time.Duration]string{0: "1", time.Millisecond: "1", 3 * time.Second: "3", 3*time.Second + 1: "4"} {
		wait = after
		var response *mcphttp.HTTPError
		if _, err := check.Authenticate(r); !errors.As(err, &response) || response.Status != http.StatusServiceUnavailable || response.Header.Get("Retry-After") != want {
			t.Errorf("wait of %v: %v, %+v; want 503 with Retry-After %s", after, err, response, want)
		}
	}
	if !bytes.Contains(log.Bytes(), []byte(`"level":"WARN"`)) || !bytes.Contains(log.Bytes(), []byte(`"reason":"too many reads"`)) {
		t.Errorf("logged %s, want a warning with the reason", &log)
	}
	busy = false
	if p, err := check.Authenticate(r); err != nil || p.KeyID != "a" {
		t.Errorf("afterwards: %+v, %v", p, err)
	}
}

// A client that disconnects while its key is checked causes warnings only: anyone can do
// that, and it must not look as if the keys could not be read.
func TestDisconnectsWhileTheKeyIsChecked(t *testing.T) {
	server, err := mcpserver.New(mcpserver.Options{Name: "fixture"}, tool.Set{})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	to := logs.NewWithMetrics(&log, slog.LevelInfo, metrics.Options{Server: "s"})
	ctx, disconnect := context.WithCancel(t.Context())
	check := keycheck.New(keycheck.Options{Log: to, Lookup: func(ctx context.Context, _ string) (apikey.Principal, bool, error) {
		disconnect()
		return apikey.Principal{}, false, ctx.Err()
	}})
	r := httptest.NewRequest("POST", "/mcp", strings.NewReader(rpc.Ping)).WithContext(ctx)
	rpc.SetHeaders(r.Header, keycheck.Header, good)
	mcphttp.New(server, mcphttp.Options{Authenticate: check.Authenticate, Log: to}).ServeHTTP(httptest.NewRecorder(), r)
	for _, wrong := range []string{`"level":"ERROR"`, metrics.KeyringFailures, `"Errors":1`} {
		if strings.Contains(log.String(), wrong) {
			t.Errorf("logged %s:\n%s", wrong, &log)
		}
	}
	for _, want := range []string{`"outcome":"undecided","error":"context canceled","reason":"disconnected"`, `"outcome":"disconnected"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("logged no %s:\n%s", want, &log)
		}
	}
}

// The key of an open stream is checked again. Only a denial ends the stream.
func TestRecheck(t *testing.T) {
	for name, test := range map[string]struct {
		p     apikey.Principal
		found bool
		err   error
		want  error
		log   string
	}{
		"valid":          {apikey.Principal{KeyID: "a"}, true, nil, nil, ""},
		"revoked":        {apikey.Principal{KeyID: "a"}, false, nil, mcphttp.ErrForbidden, "revoked"},
		"expired":        {apikey.Principal{KeyID: "a", Expires: noon}, true, nil, mcphttp.ErrForbidden, "expired"},
		"outage":         {apikey.Principal{}, false, errors.New("down"), nil, "cannot read the keys"},
		"too many reads": {apikey.Principal{}, false, &keystore.TooManyReadsError{}, nil, "too many reads"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			check := keycheck.New(keycheck.Options{
				Lookup: func(context.Context, string) (apikey.Principal, bool, error) { return test.p, test.found, test.err },
				Log:    logs.New(&log, slog.LevelInfo), Now: func() time.Time { return noon },
			})
			r := httptest.NewRequest("GET", "/mcp", nil)
			r.Header.Set(keycheck.Header, good)
			if err := check.Recheck(r); !errors.Is(err, test.want) {
				t.Errorf("Recheck = %v, want %v", err, test.want)
			}
			var line struct{ Reason, Route string }
			if log.Len() > 0 {
				if err := json.Unmarshal(log.Bytes(), &line); err != nil || line.Route != "GET /mcp" {
					t.Errorf("logged %s, %v", &log, err)
				}
			}
			if line.Reason != test.log {
				t.Errorf("logged the reason %q, want %q", line.Reason, test.log)
			}
			if test.want == nil {
				return
			}
			if _, err := check.Authenticate(r); !errors.Is(err, mcphttp.ErrForbidden) {
				t.Errorf("the next request: %v, want ErrForbidden", err)
			}
		})
	}
	r := httptest.NewRequest("GET", "/mcp", nil)
	if err := keycheck.New(keycheck.Options{}).Recheck(r); !errors.Is(err, mcphttp.ErrForbidden) {
		t.Errorf("without a key: %v, want ErrForbidden", err)
	}
}

// The log has no text of a header except a valid trace id and the cleaned user agent, and
// never a key.
func TestHeadersInTheLog(t *testing.T) {
	const key = "mcp_dev_0QZk8mXv3nB5tY7uI9oP1aS2dF4gH6jK8lZxCvBnM0q1WE2rT4"
	for name, test := range map[string]struct{ method, path, header, value, route, id string }{
		"a trace":          {"POST", "/mcp", "X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678", "POST /mcp", "1-67891233-abcdef012345678912345678"},
		"more in a trace":  {"POST", "/mcp/", "X-Amzn-Trace-Id", "Self=1-67891234-12456789abcdef012345678a;Root=1-67891233-abcdef012345678912345678;CalledFrom=" + key, "POST /mcp", "1-67891233-abcdef012345678912345678"},
		"no hex, first":    {"POST", "/mcp", "X-Amzn-Trace-Id", "Root=1-g7891233-abcdef012345678912345678", "POST /mcp", ""},
		"no hex, second":   {"POST", "/mcp", "X-Amzn-Trace-Id", "Root=1-67891233-gbcdef012345678912345678", "POST /mcp", ""},
		"no hex, last":     {"POST", "/mcp", "X-Amzn-Trace-Id", "Root=1-6789123g-abcdef01234567891234567g", "POST /mcp", ""},
		"no trace":         {"POST", "/mcp", "X-Amzn-Trace-Id", "Root=" + key, "POST /mcp", ""},
		"an upper-case id": {"POST", "/mcp", "X-Amzn-Trace-Id", "Root=1-67891233-ABCDEF012345678912345678", "POST /mcp", ""},
		"a longer id":      {"POST", "/mcp", "X-Amzn-Trace-Id", "Root=1-67891233-abcdef0123456789123456789", "POST /mcp", ""},
		"another version":  {"POST", "/mcp", "X-Amzn-Trace-Id", "Root=2-67891233-abcdef012345678912345678", "POST /mcp", ""},
		"another form":     {"POST", "/mcp", "X-Amzn-Trace-Id", "Root=1-67891233xabcdef012345678912345678", "POST /mcp", ""},
		"a method":         {key, "/mcp", "Accept", "*/*", "OTHER /mcp", ""},
		"a path":           {"GET", "/mcp/" + key, "Accept", "*/*", "GET /mcp", ""},
		"bearer":           {"DELETE", "/bearer/mcp/" + key, "Authorization", good, "DELETE /bearer/mcp", ""},
		"a user agent":     {"POST", "/mcp", "User-Agent", "x/" + key, "POST /mcp", ""},
		"a forwarded host": {"POST", "/mcp", "X-Forwarded-For", key, "POST /mcp", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			check := keycheck.New(keycheck.Options{Bearer: true, Log: logs.New(&log, slog.LevelDebug), Lookup: func(context.Context, string) (apikey.Principal, bool, error) {
				return apikey.Principal{KeyID: "a"}, true, nil
			}})
			r := httptest.NewRequest(test.method, test.path, nil)
			r.Header.Set(keycheck.Header, good)
			r.Header.Set(test.header, test.value)
			if _, err := check.Authenticate(r); err != nil {
				t.Fatal(err)
			}
			var line struct{ RequestID, Route string }
			if err := json.Unmarshal(log.Bytes(), &line); err != nil || line.RequestID != test.id || line.Route != test.route {
				t.Errorf("logged %s, %v; want route %q and id %q", &log, err, test.route, test.id)
			}
			if strings.Contains(log.String(), key) || strings.Contains(log.String(), "CalledFrom") {
				t.Errorf("the header is in the log: %s", &log)
			}
		})
	}
}
