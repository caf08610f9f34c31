package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestResultCache sends requests through one authorizer and counts its calls.
func TestResultCache(t *testing.T) {
	const ttl = 300 * time.Second
	type step struct {
		after time.Duration
		reset bool
		key   string
		path  string
		want  int
		asked int // authorizer calls so far, including this step
	}
	deny, broken := `{"isAuthorized":false}`, "broken"
	tests := []struct {
		name   string
		ttl    time.Duration
		answer string
		steps  []step
	}{
		{"allow is cached", ttl, allow, []step{{0, false, "k", "/a", 200, 1}, {ttl - 1, false, "k", "/a", 200, 1}, {1, false, "k", "/a", 200, 2}}},
		{"deny is cached", ttl, deny, []step{{0, false, "k", "/a", 403, 1}, {ttl - 1, false, "k", "/a", 403, 1}, {1, false, "k", "/a", 403, 2}}},
		{"using a result does not extend its TTL", ttl, allow, []step{{0, false, "k", "/a", 200, 1}, {ttl / 2, false, "k", "/a", 200, 1}, {ttl / 2, false, "k", "/a", 200, 2}}},
		{"errors are not cached", ttl, broken, []step{{0, false, "k", "/a", 500, 1}, {0, false, "k", "/a", 500, 2}}},
		{"routes share results", ttl, allow, []step{{0, false, "k", "/a", 200, 1}, {0, false, "k", "/b/x", 200, 1}}},
		{"keys do not share results", ttl, allow, []step{{0, false, "k", "/a", 200, 1}, {0, false, "l", "/a", 200, 2}, {0, false, "k", "/a", 200, 2}}},
		{"zero TTL caches nothing", 0, allow, []step{{0, false, "k", "/a", 200, 1}, {0, false, "k", "/a", 200, 2}}},
		{"reset drops results", ttl, deny, []step{{0, false, "k", "/a", 403, 1}, {0, true, "k", "/a", 403, 2}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now := time.Unix(1_800_000_000, 0)
			f := responds(tt.answer)
			if tt.answer == broken {
				f = fails(errors.New(broken))
			}
			auth := keyAuthorizer(f, tt.ttl)
			api := mustNew(t, Config{Now: func() time.Time { return now }, Routes: []Route{
				{Method: "GET", Path: "/a", Authorizer: auth, Integration: responds(ok200)},
				{Method: "GET", Path: "/b/{proxy+}", Authorizer: auth, Integration: responds(ok200)},
			}})
			for i, s := range tt.steps {
				now = now.Add(s.after)
				if s.reset {
					api.ResetAuthorizersCache()
				}
				res := serve(api, request("GET", s.path, "", "X-Api-Key", s.key))
				if res.StatusCode != s.want || f.calls() != s.asked {
					t.Errorf("step %d: got %d, authorizer called %d times; want %d, %d", i, res.StatusCode, f.calls(), s.want, s.asked)
				}
			}
		})
	}
}

// TestLateAllowAfterReset: a result that the authorizer determined before a reset and returns
// after it is cached, so a revocation has to reset twice.
func TestLateAllowAfterReset(t *testing.T) {
	var api *API
	f := &function{run: func([]byte) ([]byte, error) {
		api.ResetAuthorizersCache()
		return []byte(allow), nil
	}}
	api = mustNew(t, Config{Routes: []Route{{Method: "GET", Path: "/", Authorizer: keyAuthorizer(f, time.Minute), Integration: responds(ok200)}}})
	for range 2 {
		if res := serve(api, request("GET", "/", "", "X-Api-Key", "k")); res.StatusCode != 200 {
			t.Errorf("got %d", res.StatusCode)
		}
	}
	if f.calls() != 1 {
		t.Errorf("authorizer called %d times, want 1", f.calls())
	}
}

// TestEverySourceIsRequired: listing two ways to send a key rejects clients
// that use one of them.
func TestEverySourceIsRequired(t *testing.T) {
	f := responds(allow)
	auth := keyAuthorizer(f, time.Minute)
	auth.IdentitySource = append(auth.IdentitySource, "$request.header.authorization")
	api := mustNew(t, Config{Routes: []Route{{Method: "GET", Path: "/", Authorizer: auth, Integration: responds(ok200)}}})
	for _, tt := range []struct {
		headers []string
		want    int
	}{
		{[]string{"X-Api-Key", "k"}, 401},
		{[]string{"Authorization", "k"}, 401},
		{[]string{"X-Api-Key", "k", "Authorization", "k"}, 200},
	} {
		if res := serve(api, request("GET", "/", "", tt.headers...)); res.StatusCode != tt.want {
			t.Errorf("%v: got %d, want %d", tt.headers, res.StatusCode, tt.want)
		}
	}
}

// TestAuthorizerContext: the context reaches the function unchanged, also from the cache.
func TestAuthorizerContext(t *testing.T) {
	integration := responds(ok200)
	api := mustNew(t, Config{Routes: []Route{{
		Method: "GET", Path: "/", Integration: integration,
		Authorizer: keyAuthorizer(responds(`{"isAuthorized":true,"context":{"keyId":"alice","n":12345678901234567890,"b":true,"l":["x"],"o":{"p":null}}}`), time.Minute),
	}}})
	for i := range 2 {
		serve(api, request("GET", "/", "", "X-Api-Key", "k"))
		var event struct {
			RequestContext struct{ Authorizer map[string]json.RawMessage }
		}
		if err := json.Unmarshal(integration.events[i], &event); err != nil {
			t.Fatal(err)
		}
		want := `{"b":true,"keyId":"alice","l":["x"],"n":12345678901234567890,"o":{"p":null}}`
		if diff := cmp.Diff(want, string(event.RequestContext.Authorizer["lambda"])); diff != "" {
			t.Errorf("call %d (-want +got):\n%s", i, diff)
		}
	}
}

// TestCacheHoldsNoKey: the cache contains no plaintext key, and its size is bounded.
func TestCacheHoldsNoKey(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	v := newResultCache(time.Minute, func() time.Time { return now })
	v.add([]string{"the-key"}, authorizerResult{allowed: true})
	if dump := fmt.Sprintf("%+v %+v", v.entries, v.order.Front().Value); strings.Contains(dump, "the-key") {
		t.Errorf("the cache contains the key: %s", dump)
	}
	for i := range maxCachedResults + 10 {
		v.add([]string{fmt.Sprint(i)}, authorizerResult{})
	}
	if len(v.entries) != maxCachedResults || v.order.Len() != maxCachedResults {
		t.Errorf("%d and %d results cached, want %d", len(v.entries), v.order.Len(), maxCachedResults)
	}
	if _, ok := v.lookup([]string{"the-key"}); ok {
		t.Error("the oldest result is still cached")
	}
	now = now.Add(time.Minute)
	v.add([]string{"new"}, authorizerResult{})
	if len(v.entries) != 1 {
		t.Errorf("%d results cached after their TTL, want 1", len(v.entries))
	}
	if identityHash([]string{"a", "b"}) == identityHash([]string{"ab", ""}) {
		t.Error("two identities share a hash")
	}
}
