package keystore_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keystore"
)

// bench is a reader in a synctest bubble and its fake Secrets Manager.
type bench struct {
	*testing.T
	fake *fake
	log  bytes.Buffer
	*keystore.Reader
}

// inBubble runs a test with a clock that advances whenever every goroutine waits.
// DefaultKey holds keyA, IssuedKeys has no value.
func inBubble(t *testing.T, test func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{T: t, fake: newFake(text(keyA), noValue)}
		b.Reader = keystore.NewReader(keystore.Options{
			Secrets: b.fake.client(), DefaultKey: "default", IssuedKeys: "issued",
			Log: slog.New(slog.NewTextHandler(&b.log, nil)),
		})
		test(b)
	})
}

// want looks a key up and expects its id; "" means that it is denied, "?" that
// there is an error.
func (b *bench) want(plain, id string) {
	b.Helper()
	p, found, err := b.Lookup(b.Context(), plain)
	got := p.KeyID
	switch {
	case err != nil:
		got = "?"
	case !found:
		got = ""
	}
	if got != id {
		b.Errorf("after %d reads: Lookup(%q) = %+v, %v, %v; want %q", b.fake.count("issued"), plain, p, found, err, id)
	}
}

func (b *bench) wantReads(n int) {
	b.Helper()
	if got := b.fake.count("issued"); got != n {
		b.Errorf("the secrets were read %d times, want %d", got, n)
	}
}

func TestKnownKeysNeedOneReadIn30Seconds(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.want(keyA, "default")
		time.Sleep(30*time.Second - 1)
		b.want(keyA, "default")
		b.wantReads(1)
		time.Sleep(time.Nanosecond)
		b.want(keyA, "default")
		b.wantReads(2)
	})
}

func TestSecretsAreReadConcurrently(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.fake.set("default", after(time.Second, text(keyA)))
		b.fake.set("issued", after(time.Second, issued(keyB)))
		begun := time.Now()
		b.want(keyB, "b")
		if took := time.Since(begun); took != time.Second {
			b.Errorf("two reads of a second took %v", took)
		}
	})
}

func TestConcurrentLookupsShareARead(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.fake.set("issued", after(time.Second, issued(keyB)))
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { b.want(keyB, "b") })
		}
		all.Wait()
		b.wantReads(1)
		time.Sleep(31 * time.Second)
		for range 50 {
			all.Go(func() { b.want(keyB, "b") })
		}
		all.Wait()
		b.wantReads(2)
		if b.log.Len() > 0 {
			b.Errorf("it logs without a fault: %s", &b.log)
		}
	})
}

func TestRevokedKeyEndsAfter30Seconds(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.fake.set("issued", issued(keyB))
		b.want(keyB, "b")
		b.fake.set("issued", issued())
		time.Sleep(30 * time.Second)
		p, found, err := b.Lookup(b.Context(), keyB)
		if found || err != nil || p.KeyID != "b" {
			b.Errorf("Lookup of a revoked key = %+v, %v, %v; want it denied with its name", p, found, err)
		}
		if p, found, err := b.Lookup(b.Context(), unknown); found || err == nil && p.KeyID != "" {
			b.Errorf("Lookup of an unknown key = %+v, %v, %v; want no name", p, found, err)
		}
	})
}

// A key is denied only from a read that began after the request: the result is
// cached, and the key may have been issued a moment ago.
func TestUnknownKeyIsLookedUpAgain(t *testing.T) {
	inBubble(t, func(b *bench) {
		if err := b.Warm(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.fake.set("issued", issued(keyB))
		b.want(keyB, "b")
		b.wantReads(2)
	})
}

func TestReadThatBeganEarlierDeniesNothing(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.want(keyA, "default")
		time.Sleep(30 * time.Second)
		b.fake.set("issued", after(2*time.Second, noValue))
		go b.want(keyA, "default") // begins a read that has no keyB
		synctest.Wait()
		b.fake.set("issued", issued(keyB))
		b.want(keyB, "b") // by a second read, since the first began too early
		b.wantReads(3)
	})
}

func TestReadsForUnknownKeysAreLimited(t *testing.T) {
	inBubble(t, func(b *bench) {
		for range keystore.DefaultReads {
			b.want(unknown, "")
		}
		b.wantReads(10)
		_, _, err := b.Lookup(b.Context(), unknown)
		var limit *keystore.TooManyReadsError
		if !errors.As(err, &limit) || limit.RetryAfter != 5*time.Second {
			b.Errorf("Lookup after ten reads: %v, want to retry after 5s", err)
		}
		time.Sleep(3*time.Second - 1)
		begun := time.Now()
		b.want(unknown, "?")
		if took := time.Since(begun); took != 0 {
			b.Errorf("waited %v although the next read is too far away", took)
		}
		b.wantReads(10)
		time.Sleep(time.Nanosecond)
		b.want(unknown, "")
		if took := time.Since(begun); took != 2*time.Second+1 {
			b.Errorf("waited %v for the next read", took)
		}
		b.wantReads(11)
		b.want(keyA, "default") // needs no read
		b.wantReads(11)
		time.Sleep(10 * time.Second)
		b.want(unknown, "")
		b.want(unknown, "")
		b.want(unknown, "?")
		b.wantReads(13)
	})
}

// The read before the first request does not count.
func TestWarmIsNotLimited(t *testing.T) {
	inBubble(t, func(b *bench) {
		if err := b.Warm(b.Context()); err != nil {
			b.Fatal(err)
		}
		for range keystore.DefaultReads {
			b.want(unknown, "")
		}
		b.wantReads(1 + keystore.DefaultReads)
		begun := time.Now()
		b.want(unknown, "?")
		b.wantReads(1 + keystore.DefaultReads)
		if took := time.Since(begun); took != 0 {
			b.Errorf("waited %v although the next read is too far away", took)
		}
	})
}

func TestFloodOfWrongKeysDelaysNewKeyBriefly(t *testing.T) {
	inBubble(t, func(b *bench) {
		ctx, stop := context.WithCancel(b.Context())
		var flood sync.WaitGroup
		for range 20 {
			flood.Go(func() {
				for ctx.Err() == nil {
					if _, found, _ := b.Lookup(ctx, unknown); found {
						b.Error("a wrong key is accepted")
					}
					time.Sleep(10 * time.Millisecond)
				}
			})
		}
		time.Sleep(7 * time.Second)
		b.fake.set("issued", issued(keyB))
		begun := time.Now()
		for {
			if _, found, _ := b.Lookup(ctx, keyB); found {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if took := time.Since(begun); took > 10*time.Second {
			b.Errorf("the new key worked after %v", took)
		}
		b.want(keyA, "default")
		stop()
		flood.Wait()
		if n := b.fake.count("issued"); n > 10+4 {
			b.Errorf("%d reads in 12 seconds", n)
		}
	})
}

func TestExpiredKeyIsLookedUpAgain(t *testing.T) {
	inBubble(t, func(b *bench) {
		document := func(expires time.Time) response {
			d := apikey.Document{Keys: []apikey.Key{{ID: "b", SHA256: apikey.Hash(keyB), Expires: expires}}}
			data, err := d.Marshal()
			if err != nil {
				b.Fatal(err)
			}
			return text(string(data))
		}
		end := time.Now().Add(10 * time.Second)
		b.fake.set("issued", document(end))
		b.want(keyB, "b")
		time.Sleep(10 * time.Second)
		p, found, err := b.Lookup(b.Context(), keyB)
		if err != nil || !found || !p.Expired(time.Now()) {
			b.Errorf("Lookup of an expired key = %+v, %v, %v", p, found, err)
		}
		b.wantReads(2)
		b.fake.set("issued", document(end.Add(time.Hour)))
		time.Sleep(5 * time.Second)
		if p, found, err = b.Lookup(b.Context(), keyB); err != nil || !found || p.Expired(time.Now()) {
			b.Errorf("Lookup of a key with a later expiry = %+v, %v, %v", p, found, err)
		}
	})
}

func TestNoDeploymentKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(text(keyA), issued(keyB))
		b := &bench{T: t, fake: f, Reader: keystore.NewReader(keystore.Options{Secrets: f.client(), IssuedKeys: "issued"})}
		b.want(keyB, "b")
		time.Sleep(5 * time.Second)
		b.want(keyA, "")
		b.want("", "")
		if n := f.count("default"); n > 0 {
			t.Errorf("the default secret was read %d times", n)
		}
	})
}

func TestIssuedKeysMustBeConfigured(t *testing.T) {
	f := newFake(text(keyA), noValue)
	r := keystore.NewReader(keystore.Options{Secrets: f.client(), DefaultKey: "default"})
	if err := r.Warm(t.Context()); err == nil || !strings.Contains(err.Error(), "configuration") {
		t.Errorf("Warm without IssuedKeys: %v", err)
	}
}

func TestReadGoesOnWhenACallerGivesUp(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.fake.set("issued", after(2*time.Second, issued(keyB)))
		ctx, cancel := context.WithTimeout(b.Context(), time.Second)
		defer cancel()
		if _, _, err := b.Lookup(ctx, keyB); !errors.Is(err, context.DeadlineExceeded) {
			b.Errorf("Lookup past its deadline: %v", err)
		}
		b.want(keyB, "b")
		b.wantReads(1)
	})
}

// A clock that was set back must not prolong the use of a keyring.
func TestClockSetBack(t *testing.T) {
	f := newFake(text(keyA), issued(keyB))
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	r := keystore.NewReader(keystore.Options{
		Secrets: f.client(), DefaultKey: "default", IssuedKeys: "issued",
		Now: func() time.Time { return now },
	})
	b := &bench{T: t, fake: f, Reader: r}
	b.want(keyB, "b")
	f.set("issued", issued())
	now = now.Add(-time.Hour)
	b.want(keyB, "")
}

// An issued key may also be the deployment key: no one is locked out, the issued
// entry counts, and the log names it once.
func TestKeyInBothSecrets(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.fake.set("issued", issued(keyA, keyB))
		for range 3 {
			b.want(keyA, "a")
			b.want(keyB, "b")
			time.Sleep(31 * time.Second)
		}
		b.wantReads(3)
		if n := strings.Count(b.log.String(), `keyIds=[a]`); n != 1 || strings.Contains(b.log.String(), apikey.Hash(keyA)) {
			b.Errorf("want one line with the name: %s", &b.log)
		}
		b.fake.set("issued", issued(keyB))
		b.want(keyA, "default")
		time.Sleep(31 * time.Second)
		b.fake.set("issued", issued(keyA))
		b.want(keyA, "a")
		if n := strings.Count(b.log.String(), `keyIds=[a]`); n != 2 {
			b.Errorf("want another line when it happens again: %s", &b.log)
		}
	})
}

// Until the first keyring was read, one read a second is allowed, even if
// Options.ReadInterval is different. After that, one read each ReadInterval is allowed.
func TestReadIntervals(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.Reader = keystore.NewReader(keystore.Options{
			Secrets: b.fake.client(), DefaultKey: "default", IssuedKeys: "issued", Reads: 1, ReadInterval: time.Minute,
		})
		b.fake.set("default", denied)
		wait := func() time.Duration {
			_, _, err := b.Lookup(b.Context(), unknown)
			var limit *keystore.TooManyReadsError
			errors.As(err, &limit)
			if limit == nil {
				return 0
			}
			return limit.RetryAfter
		}
		wait()
		if got := wait(); got > time.Second {
			b.Errorf("without a keyring: wait %v, want at most a second", got)
		}
		b.fake.set("default", text(keyA))
		time.Sleep(2 * time.Second)
		b.want(keyA, "default")
		wait()
		if got := wait(); got <= 10*time.Second || got > time.Minute {
			b.Errorf("with a keyring: wait %v, want nearly a minute", got)
		}
	})
}

// The age of the keyring is -1 before the first read, and otherwise never negative.
func TestAge(t *testing.T) {
	inBubble(t, func(b *bench) {
		if got := b.Age(); got != -1 {
			b.Errorf("age %v before the first read, want -1", got)
		}
		b.want(keyA, "default")
		if got := b.Age(); got != 0 {
			b.Errorf("age %v after the first read, want 0", got)
		}
		time.Sleep(7 * time.Second)
		if got := b.Age(); got != 7*time.Second {
			b.Errorf("age %v, want 7s", got)
		}
	})
}
