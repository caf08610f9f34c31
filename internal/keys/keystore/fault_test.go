package keystore_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/keys/keystore"
)

var outages = map[string]response{
	"status 500":             failing,
	"status 503":             raw(http.StatusServiceUnavailable, "<html>Service Unavailable</html>"),
	"throttled":              fault(400, "ThrottlingException", "Rate exceeded"),
	"too many":               raw(http.StatusTooManyRequests, "{}"),
	"hangs":                  hang,
	"slow":                   after(3*time.Second, text(keyA)),
	"status 503 with a code": fault(503, "InternalServiceError", "try again"),
}

var rejections = map[string]response{
	"access denied":           denied,
	"access denied, 500":      fault(500, "AccessDeniedException", "no"),
	"no such secret":          noSuch,
	"decryption failure":      fault(400, "DecryptionFailure", "Secrets Manager can't decrypt the protected secret text"),
	"decryption failure, 500": fault(500, "DecryptionFailure", "no"),
	"to be deleted":           fault(400, "InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion."),
	"token expired":           fault(400, "ExpiredTokenException", "The security token included in the request is expired"),
	"not a document":          text("garbage"),
	"another document":        text(`{"username":"x"}`),
	"binary":                  raw(200, `{"SecretBinary":"c2VjcmV0"}`),
	"empty":                   text(""),
	"not JSON":                raw(200, "<html>"),
	"nothing":                 raw(200, ""),
}

func TestOutageKeepsTheLastKeyring(t *testing.T) {
	for _, id := range []string{"default", "issued"} {
		for name, outage := range outages {
			t.Run(id+"/"+name, func(t *testing.T) {
				inBubble(t, func(b *bench) { testOutage(b, id, outage) })
			})
		}
	}
}

func testOutage(b *bench, id string, outage response) {
	begun := time.Now()
	b.want(keyA, "default")
	good := b.fake.responses[id]
	b.fake.set(id, outage)
	time.Sleep(30 * time.Second)
	b.want(keyA, "default")
	b.want(keyA, "default")
	if n := strings.Count(b.log.String(), "level=WARN"); n != 2 {
		b.Errorf("logged %d times, want each use of the old keyring: %s", n, &b.log)
	}
	b.want(unknown, "?") // a keyring that may be too old denies nothing
	time.Sleep(time.Until(begun.Add(15*time.Minute - 3*time.Second)))
	b.want(keyA, "default")
	time.Sleep(time.Until(begun.Add(15 * time.Minute)))
	b.want(keyA, "?")
	time.Sleep(time.Second)
	b.want(keyA, "?")
	b.fake.set(id, good)
	b.want(keyA, "default") // with the first request after the outage
}

func TestRejectionDropsTheKeyring(t *testing.T) {
	for _, id := range []string{"default", "issued"} {
		for name, rejection := range rejections {
			t.Run(id+"/"+name, func(t *testing.T) {
				inBubble(t, func(b *bench) {
					b.want(keyA, "default")
					good := b.fake.responses[id]
					b.fake.set(id, rejection)
					time.Sleep(30 * time.Second)
					b.want(keyA, "?")
					b.want(unknown, "?")
					b.fake.set(id, good)
					b.want(keyA, "default") // with the first request after the repair
				})
			})
		}
	}
}

// A lookup that needs a read and gets an error returns the error, and does not use up
// another of the limited reads.
func TestRejectedLookupReadsOnce(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.want(keyA, "default")
		b.fake.set("default", denied)
		time.Sleep(30 * time.Second)
		b.want(keyA, "?")
		b.wantReads(2)
	})
}

// A rejected read of one secret counts even if the other secret is unavailable.
func TestRejectionCountsDuringAnOutage(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.want(keyA, "default")
		b.fake.set("default", hang)
		b.fake.set("issued", denied)
		time.Sleep(30 * time.Second)
		b.want(keyA, "?")
	})
}

// The default secret always has a value; a missing one is an error.
func TestDefaultKeyWithoutAValue(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.fake.set("default", noValue)
		b.want(keyA, "?")
		b.want(unknown, "?")
	})
}

func TestDownAtStart(t *testing.T) {
	for name, down := range outages {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				b.fake.set("default", down)
				if err := b.Warm(b.Context()); err == nil {
					b.Error("Warm succeeds")
				}
				for range 3 {
					begun := time.Now()
					b.want(keyA, "?")
					if took := time.Since(begun); took > 4500*time.Millisecond {
						b.Errorf("the error took %v, the authorizer has five seconds", took)
					}
				}
				if n := b.fake.count("default"); n > 4 {
					b.Errorf("%d reads for four requests", n)
				}
				b.fake.set("default", text(keyA))
				b.want(keyA, "default")
			})
		})
	}
}

// Open logs a failed first read as an error, and nothing else.
func TestOpenLogs(t *testing.T) {
	for _, want := range []bool{false, true} {
		inBubble(t, func(b *bench) {
			if want {
				b.fake.set("default", noValue)
			}
			keystore.Open(b.Context(), keystore.Options{
				Secrets: b.fake.client(), DefaultKey: "default", IssuedKeys: "issued", Log: slog.New(slog.NewTextHandler(&b.log, nil)),
			})
			if got := strings.Contains(b.log.String(), "level=ERROR"); got != want {
				b.Errorf("logs an error: %t, want %t: %s", got, want, b.log.String())
			}
		})
	}
}

func TestErrorsHoldNoSecret(t *testing.T) {
	for name, value := range map[string]string{
		"weak key": "hunter2", "almost a document": `{"keys":[{"id":"hunter2","sha256":"hunter2"}]}`,
	} {
		inBubble(t, func(b *bench) {
			b.fake.set("default", text(value))
			_, _, err := b.Lookup(b.Context(), keyA)
			if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), keyA) {
				b.Errorf("%s: %v", name, err)
			}
		})
	}
}
