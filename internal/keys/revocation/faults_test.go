package revocation

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// run runs Enforce with a clock that only sleeping advances. Nil functions succeed.
type run struct {
	at     time.Time
	sleeps []time.Duration
	steps  []string
	resets int

	sleep func(n int) error // n counts from 1
	reset func(n int) error
	probe func(n int) (Outcome, error)
}

func (r *run) enforce(ctx context.Context) (time.Duration, error) {
	r.at = noon
	o := Options{
		AuthorizerTimeout: timeout,
		Now:               func() time.Time { return r.at },
		Sleep: func(_ context.Context, d time.Duration) error {
			r.at = r.at.Add(d)
			r.sleeps = append(r.sleeps, d)
			if r.sleep != nil {
				return r.sleep(len(r.sleeps))
			}
			return nil
		},
		Reset: func(context.Context) error {
			r.resets++
			if r.reset != nil {
				return r.reset(r.resets)
			}
			return nil
		},
		Progress: func(step string, left time.Duration) {
			if line := step + ", " + left.String(); left == 0 || left%(10*time.Second) == 0 {
				r.steps = append(r.steps, line)
			}
		},
	}
	if r.probe != nil {
		n := 0
		o.Probe = func(context.Context) (Outcome, error) { n++; return r.probe(n) }
	}
	return Enforce(ctx, noon, o)
}

// An interruption in any of the waits is an error, never a success.
func TestInterruptedWaits(t *testing.T) {
	stop := errors.New("interrupted")
	// 37 sleeps of the first wait, one between two probes, 3 of the second wait, one
	// between two probes.
	for n := 1; n <= 42; n++ {
		r := &run{sleep: func(i int) error {
			if i == n {
				return stop
			}
			return nil
		}, probe: func(i int) (Outcome, error) {
			return map[int]Outcome{1: Accepted, 2: Rejected, 3: Accepted, 4: Rejected}[i], nil
		}}
		if _, err := r.enforce(t.Context()); !errors.Is(err, stop) || len(r.sleeps) != n {
			t.Errorf("interrupted in sleep %d: %v after %d sleeps", n, err, len(r.sleeps))
		}
	}
	r := &run{}
	if took, err := r.enforce(t.Context()); err != nil || took != settled+ResetInterval || len(r.sleeps) != 40 || r.resets != 2 {
		t.Errorf("without the key: %v, %v, %d sleeps, %d resets", took, err, len(r.sleeps), r.resets)
	}
}

// A failure that begins in the second round is a failure.
func TestSecondRoundFails(t *testing.T) {
	down := errors.New("down")
	for name, tc := range map[string]struct {
		later Outcome
		err   error
		want  error
	}{
		"accepted":     {Accepted, nil, ErrStillAccepted},
		"probes fail":  {Rejected, down, down},
		"undecided ok": {Undecided, nil, nil},
	} {
		r := &run{probe: func(n int) (Outcome, error) {
			if n == 1 {
				return Rejected, nil
			}
			return tc.later, tc.err
		}}
		_, err := r.enforce(t.Context())
		if !errors.Is(err, tc.want) || (tc.want == nil) != (err == nil) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
		if took := r.at.Sub(noon); tc.want != nil && (took < settled+time.Minute || took > settled+time.Minute+probeInterval) {
			t.Errorf("%s: gave up after %v, want a minute after %v", name, took, settled)
		}
	}
	for n := 1; n <= 4; n++ { // first, repeated, second round, repeated in the second round
		r := &run{
			reset: func(i int) error {
				if i == n {
					return down
				}
				return nil
			},
			probe: func(i int) (Outcome, error) {
				return map[int]Outcome{1: Accepted, 2: Rejected, 3: Accepted, 4: Rejected}[i], nil
			},
		}
		if _, err := r.enforce(t.Context()); !errors.Is(err, down) || r.resets != n {
			t.Errorf("reset %d fails: %v after %d resets", n, err, r.resets)
		}
	}
}

// The cache is emptied again only while the key is accepted, and the probes are
// half a second apart.
func TestProbes(t *testing.T) {
	r := &run{probe: func(n int) (Outcome, error) {
		switch n {
		case 1, 2:
			return Accepted, nil
		case 3:
			return Undecided, nil
		case 4:
			return Rejected, errors.New("an error counts, whatever the outcome")
		}
		return Rejected, nil
	}}
	took, err := r.enforce(t.Context())
	if err != nil || r.resets != 4 || took != settled+ResetInterval {
		t.Errorf("%v, %d resets, %v; want 4 resets and %v", err, r.resets, took, settled+ResetInterval)
	}
	if diff := cmp.Diff([]time.Duration{500 * time.Millisecond, 500 * time.Millisecond, 500 * time.Millisecond, 500 * time.Millisecond, time.Second}, r.sleeps[37:42]); diff != "" {
		t.Errorf("sleeps after the first wait (-want +got):\n%s", diff)
	}
	want := []string{"waiting until every authorizer has read the new keys, 30s", "waiting until every authorizer has read the new keys, 20s",
		"waiting until every authorizer has read the new keys, 10s",
		"sending requests with the key until it is rejected, 0s", "sending requests with the key until it is rejected, 0s",
		"sending requests with the key until it is rejected, 0s", "sending requests with the key until it is rejected, 0s"}
	if diff := cmp.Diff(want, r.steps); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	if _, err := (&run{probe: func(int) (Outcome, error) { return Undecided, nil }}).enforce(t.Context()); !errors.Is(err, ErrUndecided) || strings.Contains(err.Error(), "check whether") {
		t.Errorf("never decided: %v", err)
	}
}
