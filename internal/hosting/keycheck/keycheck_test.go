package keycheck_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
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
)

const (
	good      = "0123456789abcdefghijklmnopqrstuvwxyz"
	other     = "zyxwvutsrqponmlkjihgfedcba9876543210"
	malformed = "mcp_main_1FjJKKPE9pItW9ksULa8gHCT30VzZ4hPDq5C5B9Cpf13m0GW3" // its checksum is another's
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
		"a key":            {[]string{good}, nil, "allowed"},
		"none":             {nil, mcphttp.ErrUnauthorized, ""},
		"empty":            {[]string{" "}, mcphttp.ErrUnauthorized, ""},
		"unknown":          {[]string{other}, mcphttp.ErrForbidden, "denied"},
		"malformed":        {[]string{malformed}, mcphttp.ErrForbidden, "denied"},
		"expired":          {[]string{"expired"}, mcphttp.ErrForbidden, "denied"},
		"twice":            {[]string{good, good}, mcphttp.ErrForbidden, "denied"},
		"a bad one before": {[]string{other, good}, mcphttp.ErrForbidden, "denied"},
		"undecided":        {[]string{"broken"}, authorizer.ErrUndecided, "undecided"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			check := keycheck.Authenticate(keycheck.Options{Authorizer: authorizer.New(authorizer.Options{
				Lookup: lookup, Log: logs.New(&log, slog.LevelInfo), Now: func() time.Time { return noon },
			})})
			r := httptest.NewRequest("POST", "/mcp", nil)
			for _, key := range test.keys {
				r.Header.Add(keycheck.Header, key)
			}
			p, err := check(r)
			if !errors.Is(err, test.want) || (test.want == nil) != (p.KeyID == "a") {
				t.Errorf("keys %q: %+v, %v; want %v", test.keys, p, err, test.want)
			}
			var line struct{ Message, Route string }
			if test.log != "" {
				if err := json.Unmarshal(log.Bytes(), &line); err != nil {
					t.Fatalf("no line of JSON: %q", &log)
				}
			}
			if line.Message != test.log {
				t.Errorf("logged %q, want %q", line.Message, test.log)
			}
			for _, key := range []string{good, other, malformed} {
				if bytes.Contains(log.Bytes(), []byte(key)) {
					t.Errorf("the key is in the log: %s", &log)
				}
			}
		})
	}
}

// The bearer route is there only if it is wanted, and each has its own header.
func TestBearerRoute(t *testing.T) {
	a := authorizer.New(authorizer.Options{Lookup: func(_ context.Context, plain string) (apikey.Principal, bool, error) {
		return apikey.Principal{KeyID: "a"}, plain == good, nil
	}})
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
		if _, err := keycheck.Authenticate(keycheck.Options{Authorizer: a, Bearer: test.bearer})(r); !errors.Is(err, test.want) {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

// A bad key that is tried again and again is not looked up each time; after
// half a minute it is, since it may have been issued meanwhile.
func TestRefusedBefore(t *testing.T) {
	now, asked, issued := noon, 0, false
	check := keycheck.Authenticate(keycheck.Options{
		Authorizer: authorizer.New(authorizer.Options{Lookup: func(context.Context, string) (apikey.Principal, bool, error) {
			asked++
			if issued {
				return apikey.Principal{KeyID: "a"}, true, nil
			}
			return apikey.Principal{}, false, nil
		}}),
		Now: func() time.Time { return now },
	})
	try := func(key string) error {
		r := httptest.NewRequest("POST", "/mcp", nil)
		r.Header.Set(keycheck.Header, key)
		_, err := check(r)
		return err
	}
	for range 3 {
		if err := try(good); !errors.Is(err, mcphttp.ErrForbidden) {
			t.Errorf("a bad key: %v", err)
		}
	}
	if try(other); asked != 2 {
		t.Errorf("two bad keys were looked up %d times, want once each", asked)
	}
	issued = true
	now = now.Add(29 * time.Second)
	if err := try(good); !errors.Is(err, mcphttp.ErrForbidden) {
		t.Errorf("after 29 s: %v, want the kept no", err)
	}
	now = now.Add(time.Second)
	if err := try(good); err != nil {
		t.Errorf("after 30 s: %v, want yes", err)
	}
	issued, asked = false, 0
	for i := range 3000 {
		try(fmt.Sprint(good, i))
	}
	if asked != 3000 {
		t.Errorf("3000 different keys were looked up %d times", asked)
	}
}

// secrets is a Secrets Manager that may fail.
type secrets struct {
	asked []string
	err   error
}

func (s *secrets) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	s.asked = append(s.asked, *in.SecretId)
	document, _ := apikey.Document{Keys: []apikey.Key{{ID: "a", SHA256: apikey.Hash(good)}}}.Marshal()
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(string(document))}, s.err
}

// The secrets are read ahead of the first request; that they cannot be is for
// the log, and the request is not decided.
func TestNew(t *testing.T) {
	r := httptest.NewRequest("POST", "/mcp", nil)
	r.Header.Set(keycheck.Header, good)

	s := &secrets{}
	check := keycheck.New(t.Context(), keystore.Options{Secrets: s, IssuedKeys: "arn:issued"}, false)
	if len(s.asked) != 1 || s.asked[0] != "arn:issued" {
		t.Errorf("read at the start: %q, want the issued keys", s.asked)
	}
	if p, err := check(r); err != nil || p.KeyID != "a" {
		t.Errorf("a key: %+v, %v", p, err)
	}

	var log bytes.Buffer
	s = &secrets{err: errors.New("access denied")}
	check = keycheck.New(t.Context(), keystore.Options{Secrets: s, IssuedKeys: "arn:issued", Log: logs.New(&log, slog.LevelInfo)}, false)
	if !bytes.Contains(log.Bytes(), []byte("cannot read the keys yet")) {
		t.Errorf("the log does not say that the keys cannot be read: %s", &log)
	}
	if _, err := check(r); !errors.Is(err, authorizer.ErrUndecided) {
		t.Errorf("without keys: %v, want undecided", err)
	}
}
