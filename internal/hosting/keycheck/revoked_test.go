package keycheck_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keystore"
	"serverless-mcp/internal/keys/revocation"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpsession"
	"serverless-mcp/internal/test/rpc"
)

const readTime = 2 * time.Second

// registry is a fake Secrets Manager whose document can be changed. A read takes
// readTime.
type registry struct {
	mu       sync.Mutex
	document apikey.Document
	down     bool
}

func (r *registry) GetSecretValue(ctx context.Context, _ *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	r.mu.Lock()
	text, err := r.document.Marshal()
	if r.down {
		err = context.DeadlineExceeded // is an outage
	}
	r.mu.Unlock()
	time.Sleep(readTime)
	value := string(text)
	return &secretsmanager.GetSecretValueOutput{SecretString: &value}, errors.Join(err, ctx.Err())
}

func (r *registry) set(keys ...apikey.Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.document = apikey.Document{Keys: keys}
}

// The open streams and calls of a revoked or expired key end within the documented time.
// Changes to other keys and an outage of Secrets Manager end none.
func TestOpenStreamsOfARevokedKey(t *testing.T) {
	mine := apikey.Key{ID: "alice", SHA256: apikey.Hash(good)}
	next := apikey.Key{ID: "alice", SHA256: apikey.Hash("next")}
	for name, test := range map[string]struct {
		change func(*registry)
		ends   bool
	}{
		"revoked": {func(r *registry) { r.set() }, true},
		"expired": {func(r *registry) {
			k := mine
			k.Expires = time.Now().Truncate(time.Second)
			r.set(k)
		}, true},
		"replaced by a key of the same name": {func(r *registry) { r.set(next) }, true},
		"another key added":                  {func(r *registry) { r.set(mine, apikey.Key{ID: "bob", SHA256: apikey.Hash(other)}) }, false},
		"outage": {func(r *registry) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.down = true
		}, false},
	} {
		for _, method := range []string{"GET", "POST"} {
			for _, after := range []time.Duration{time.Second, 14 * time.Second, 29 * time.Second, 31 * time.Second} {
				t.Run(name+"/"+method+"/"+after.String(), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { openStream(t, method, after, test.change, test.ends, mine) })
				})
			}
		}
	}
}

// openStream opens a stream, changes the registry some time after it, and waits for
// the stream's end, for 14 minutes at most.
func openStream(t *testing.T, method string, after time.Duration, change func(*registry), ends bool, key apikey.Key) {
	secrets := &registry{}
	secrets.set(key)
	check := keycheck.Open(t.Context(), keystore.Options{Secrets: secrets, IssuedKeys: "issued"}, false)
	store, err := mcpsession.New(mcpsession.Options{Secret: "0123456789abcdef"})
	if err != nil {
		t.Fatal(err)
	}
	s := server.NewMCPServer("fixture", "1", server.WithToolCapabilities(false))
	s.AddTool(mcp.NewTool("hang"), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	h := mcphttp.New(s, mcphttp.Options{Authenticate: check.Authenticate, Recheck: check.Recheck, Streaming: true, Sessions: store})
	ctx, cancel := context.WithTimeout(t.Context(), 14*time.Minute)
	defer cancel()
	send := func(method, body string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/mcp", strings.NewReader(body)).WithContext(ctx)
		rpc.SetHeaders(r.Header, append(headers, keycheck.Header, good)...)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	id := send("POST", rpc.Initialize).Header().Get("Mcp-Session-Id")
	changed := make(chan time.Time, 1)
	time.AfterFunc(after, func() {
		change(secrets)
		changed <- time.Now()
	})
	body := ""
	if method == "POST" {
		body = rpc.Call("1", "hang", "{}")
	}
	w := send(method, body, "Mcp-Session-Id", id)
	took := time.Since(<-changed)
	if w.Code != http.StatusOK || ends && took > revocation.MaxOpen || !ends && took < 10*time.Minute {
		t.Errorf("status %d, ended %v after the change: %.300s", w.Code, took, w.Body)
	}
	if ends {
		if got := send("POST", rpc.Call("2", "hang", "{}")).Code; got != http.StatusForbidden {
			t.Errorf("the next request: %d, want 403", got)
		}
	}
	if sess, _, ok := store.Find(id, key.ID); ok {
		store.End(sess)
	}
	time.Sleep(readTime) // in the bubble's time: a read continues after its caller has ended
}
