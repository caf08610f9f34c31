package keystore_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"serverless-mcp/internal/hosting/awsenv"
	"serverless-mcp/internal/keys/keystore"
)

// newClient returns a client of the fake that is configured as in a Lambda function.
func newClient(t *testing.T, url string) keystore.Secrets {
	t.Helper()
	env := map[string]string{
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": url,
		"AWS_REGION":                       "eu-central-1",
		"AWS_ACCESS_KEY_ID":                "AKIDEXAMPLE",
		"AWS_SECRET_ACCESS_KEY":            "example",
	}
	return keystore.NewClient(awsenv.Config(func(name string) string { return env[name] }))
}

func newReader(t *testing.T, url string, now func() time.Time) *keystore.Reader {
	t.Helper()
	return keystore.NewReader(keystore.Options{
		Secrets: newClient(t, url), DefaultKey: "default", IssuedKeys: "issued", Now: now,
	})
}

// overNetwork returns a reader that reads the fake on a loopback port.
func overNetwork(t *testing.T, f *fake) *bench {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections) // first, because Close waits for hanging requests
	return &bench{T: t, fake: f, Reader: newReader(t, server.URL, nil)}
}

func TestOverTheNetwork(t *testing.T) {
	f := newFake(text(keyA), noValue)
	b := overNetwork(t, f)
	if err := b.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.want(keyA, "default")
	b.want(unknown, "")
	b.wantReads(2)
}

func TestThrottledOnce(t *testing.T) {
	f := newFake(text(keyA), nil)
	f.set("issued", func(w http.ResponseWriter, r *http.Request) {
		f.set("issued", issued(keyB))
		fault(400, "ThrottlingException", "Rate exceeded")(w, r)
	})
	b := overNetwork(t, f)
	b.want(keyB, "b")
	b.wantReads(2)
}

// The client tries twice and gives up before Lambda would kill the function. This
// is the only test here that waits for real time.
func TestHangingServer(t *testing.T) {
	f := newFake(text(keyA), hang)
	b := overNetwork(t, f)
	begun := time.Now()
	b.want(keyA, "?")
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("the error took %v, the authorizer has five seconds", took)
	}
	b.wantReads(2)
}

// A refused connection and a broken response are an outage. A wrong certificate is
// not, because the other side is not Secrets Manager.
func TestConnectionLost(t *testing.T) {
	for name, tc := range map[string]struct {
		lose func(*httptest.Server, *fake)
		want string
	}{
		"refused": {func(s *httptest.Server, f *fake) { s.Close() }, "default"},
		"broken": {func(s *httptest.Server, f *fake) {
			f.set("issued", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		}, "default"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(text(keyA), noValue)
			server := httptest.NewServer(f)
			defer server.Close()
			now := time.Now()
			b := &bench{T: t, fake: f, Reader: newReader(t, server.URL, func() time.Time { return now })}
			b.want(keyA, "default")
			tc.lose(server, f)
			now = now.Add(time.Minute)
			b.want(keyA, tc.want)
			now = now.Add(time.Hour)
			b.want(keyA, "?")
		})
	}
}

func TestWrongCertificate(t *testing.T) {
	f := newFake(text(keyA), noValue)
	plain, encrypted := httptest.NewServer(f), httptest.NewUnstartedServer(f)
	defer plain.Close()
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	encrypted.StartTLS()
	defer encrypted.Close()
	now := time.Now()
	good, bad := newClient(t, plain.URL), newClient(t, encrypted.URL)
	switching := &switching{good}
	b := &bench{T: t, fake: f, Reader: keystore.NewReader(keystore.Options{
		Secrets: switching, DefaultKey: "default", IssuedKeys: "issued", Now: func() time.Time { return now },
	})}
	b.want(keyA, "default")
	switching.Secrets = bad
	now = now.Add(time.Minute)
	b.want(keyA, "?")
}

type switching struct{ keystore.Secrets }
