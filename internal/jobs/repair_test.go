package jobs

import (
	"testing"
	"testing/synctest"
	"time"

	"serverless-mcp/internal/mcp/mcpjob"
)

// crash runs a worker that is killed after some time.
func crash(t *testing.T, w *world, id string, after time.Duration) {
	t.Helper()
	began := time.Now()
	go func() {
		_ = w.worker(func(string, bool) bool { return time.Since(began) < after }).Handle(t.Context(), Event{id})
	}()
	time.Sleep(after)
}

// Reading a job sends a dropped event again, each time after a longer wait.
func TestDroppedEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{}, false)
		for _, step := range []struct {
			after time.Duration
			sent  int
		}{{29 * time.Second, 1}, {time.Second, 2}, {59 * time.Second, 2}, {time.Second, 3}, {0, 3}, {119 * time.Second, 3}, {time.Second, 4}} {
			time.Sleep(step.after)
			if w.get(t, id); w.sent() != step.sent {
				t.Errorf("%d events were sent, want %d", w.sent(), step.sent)
			}
		}
		if err := w.handle(t.Context(), id); err != nil || w.get(t, id).Status != mcpjob.Completed {
			t.Errorf("the job no longer runs: %v", err)
		}
	})
}

// A second event for a running job is ignored.
func TestDuplicateEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{Sleep: 5 * time.Minute}, true)
		go func() { _ = w.handle(t.Context(), id) }()
		for range 4 {
			time.Sleep(time.Minute)
			if err := w.handle(t.Context(), id); err != nil {
				t.Error(err)
			}
			w.get(t, id)
		}
		time.Sleep(2 * time.Minute)
		if job := w.get(t, id); job.Status != mcpjob.Completed || w.starts[""] != 1 || w.sent() != 1 {
			t.Errorf("job %s, %d runs, %d events, want one of each", job.Status, w.starts[""], w.sent())
		}
	})
}

// An idempotent job whose worker was killed runs again: reading it sends the
// event again, or Lambda delivers it again.
func TestKilledIdempotent(t *testing.T) {
	for _, byLambda := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			id := w.start(t, arguments{Sleep: time.Minute}, true)
			crash(t, w, id, 45*time.Second)
			if w.get(t, id); w.sent() != 1 {
				t.Error("sent again while the lease is valid")
			}
			time.Sleep(leaseTime)
			if !byLambda {
				if w.get(t, id); w.sent() != 2 {
					t.Fatalf("%d events were sent, want 2", w.sent())
				}
			}
			if err := w.handle(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			if job := w.get(t, id); job.Status != mcpjob.Completed || string(job.Result) != `{"attempt":2,"content":[],"text":""}` {
				t.Errorf("job %+v, result %s", job, job.Result)
			}
		})
	}
}

// A job that is not idempotent ends as interrupted, by a read or by a worker.
func TestKilledNotIdempotent(t *testing.T) {
	for _, byWorker := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			id := w.start(t, arguments{Sleep: time.Minute}, false)
			crash(t, w, id, 15*time.Second)
			if job := w.get(t, id); job.Status != mcpjob.Working {
				t.Errorf("job %+v while the lease is valid", job)
			}
			time.Sleep(leaseTime)
			if byWorker {
				if err := w.handle(t.Context(), id); err != nil {
					t.Fatal(err)
				}
			}
			job := w.get(t, id)
			if job.Status != mcpjob.Failed || job.Error.Code != -32603 || job.Error.Message != "the job was interrupted and may have done part of its work" {
				t.Errorf("job %+v, %+v", job, job.Error)
			}
			if w.starts[""] != 1 || w.sent() != 1 || w.finals[id] != 1 {
				t.Errorf("%d runs, %d events, ended %d times, want one of each", w.starts[""], w.sent(), w.finals[id])
			}
		})
	}
}

// A job whose worker crashes each time is not run forever.
func TestKilledEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{Sleep: time.Hour}, true)
		for range 10 {
			crash(t, w, id, 5*time.Second)
			time.Sleep(leaseTime)
		}
		if job := w.get(t, id); job.Status != mcpjob.Failed || w.starts[""] != maxRuns {
			t.Errorf("job %s after %d runs, want it failed after %d", job.Status, w.starts[""], maxRuns)
		}
	})
}

// A worker that was frozen until another took its lease cannot write a result.
func TestLateWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{Sleep: 50 * time.Second}, true)
		began, cut := time.Now(), func(string, bool) bool { return true }
		cut = func(string, bool) bool { // no heartbeat until the end
			after := time.Since(began)
			return after < 2*time.Second || after > 48*time.Second
		}
		go func() { _ = w.worker(cut).Handle(t.Context(), Event{id}) }()
		time.Sleep(43 * time.Second)
		if err := w.handle(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if job := w.get(t, id); string(job.Result) != `{"attempt":2,"content":[],"text":""}` || w.finals[id] != 1 {
			t.Errorf("job %+v, result %s, ended %d times", job, job.Result, w.finals[id])
		}
	})
}

// A write whose response was lost is recognized as the process's own when the SDK
// repeats it.
func TestLostResponses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		n := 0
		w.fail = func(op string) *fault {
			if op == "PutItem" {
				if n++; n%2 == 1 {
					return &fault{lost: true}
				}
			}
			return nil
		}
		id := w.start(t, arguments{Sleep: time.Minute}, false)
		if err := w.handle(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if job := w.get(t, id); job.Status != mcpjob.Completed || w.starts[""] != 1 {
			t.Errorf("job %+v, %d runs", job, w.starts[""])
		}
	})
}
