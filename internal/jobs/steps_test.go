package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"serverless-mcp/internal/mcp/mcpjob"
)

// TestKilledAtEachStep kills the first worker before or after each of its requests to the
// table. Lambda then delivers the event again, or the client reads the job. An idempotent
// job completes. Any other job completes if its tool did not start in the killed worker,
// or if the result was stored, and otherwise fails; its tool never runs twice.
func TestKilledAtEachStep(t *testing.T) {
	const steps = 16 // a read and a write for the lease, two heartbeats and the result, each before and after
	ended := map[string]int{}
	for step := range steps {
		for _, idempotent := range []bool{true, false} {
			for _, byLambda := range []bool{true, false} {
				t.Run(fmt.Sprintf("step %d, idempotent %v, by Lambda %v", step, idempotent, byLambda), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						job, killed := killedAt(t, step, idempotent, byLambda)
						ended[fmt.Sprint(idempotent, " ", job.Status)]++
						if !killed && step < 8 {
							t.Errorf("no worker was killed at step %d", step)
						}
					})
				})
			}
		}
	}
	if ended["true failed"] != 0 || ended["true completed"] != 2*steps || ended["false failed"] == 0 || ended["false completed"] == 0 {
		t.Errorf("ends %v", ended)
	}
}

// killedAt returns the end of a job whose first worker is killed.
func killedAt(t *testing.T, step int, idempotent, byLambda bool) (mcpjob.Job, bool) {
	w := newWorld()
	id := w.start(t, arguments{Sleep: 25 * time.Second}, idempotent)
	ctx, cancel := context.WithCancel(t.Context())
	requests, killed := 0, false
	_ = w.worker(func(string, bool) bool {
		if killed = killed || requests == step; killed {
			cancel()
		}
		requests++
		return !killed
	}).Handle(ctx, Event{id})
	cancel()
	runs := w.starts[""]
	time.Sleep(leaseTime)
	if byLambda {
		if err := w.handle(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	job := w.get(t, id)
	if job.Status == mcpjob.Working { // the read has sent an event
		if err := w.handle(t.Context(), w.events[len(w.events)-1]); err != nil {
			t.Error(err)
		}
		job = w.get(t, id)
	}
	if job.Status == mcpjob.Working || w.finals[id] != 1 || !idempotent && w.starts[""] > 1 || w.starts[""] > runs+1 {
		t.Errorf("the job is %s, was ended %d times, and its tool ran %d times, %d of them in the killed worker", job.Status, w.finals[id], w.starts[""], runs)
	}
	return job, killed
}

// If an event cannot be sent again, the job stays unchanged, and the next read of the job
// tries again.
func TestResendFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{}, false)
		w.invoke = func(string) error { return errors.New("throttled") }
		time.Sleep(queueTime)
		if job := w.get(t, id); job.Status != mcpjob.Working || w.sent() != 2 || !strings.Contains(w.log.String(), `"msg":"cannot repair a job","error":"throttled"`) {
			t.Errorf("job %+v after %d events, log %s", job, w.sent(), &w.log)
		}
		w.invoke = func(id string) error { return w.handle(t.Context(), id) }
		time.Sleep(2 * queueTime)
		w.get(t, id)
		if job := w.get(t, id); job.Status != mcpjob.Completed {
			t.Errorf("job %+v", job)
		}
	})
}

// If the end of an interrupted job cannot be written, the worker returns an error, so that
// Lambda delivers the event again.
func TestInterruptionCannotBeStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{}, false)
		if _, taken, err := w.service.store.change(t.Context(), id, func(i *item) bool { return i.take("killed", time.Now()) }); !taken || err != nil {
			t.Fatalf("taken %v, %v", taken, err)
		}
		time.Sleep(leaseTime)
		w.fail = func(op string) *fault { return map[string]*fault{"PutItem": {}}[op] }
		if err := w.handle(t.Context(), id); !errors.Is(err, errKilled) {
			t.Errorf("error %v, want the table's", err)
		}
		w.fail = nil
		if err := w.handle(t.Context(), id); err != nil {
			t.Error(err)
		}
		if job := w.get(t, id); job.Status != mcpjob.Failed {
			t.Errorf("job %+v, want it failed", job)
		}
	})
}

// Two clients that read a lost job at the same time send its event once.
func TestResentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{}, false)
		time.Sleep(queueTime)
		var both sync.WaitGroup
		both.Add(2)
		for range 2 {
			first := true
			client := w.client(func(op string, done bool) bool {
				if op == "GetItem" && done && first {
					first = false
					both.Done()
					both.Wait()
				}
				return true
			})
			service := New(Options{Table: client, Name: tableName, Invoke: w.send})
			go func() { _, _ = service.Get(t.Context(), owner.KeyID, id) }()
		}
		synctest.Wait()
		if w.sent() != 2 {
			t.Errorf("%d events were sent, want 2", w.sent())
		}
	})
}

// A repair whose read fails sends no event.
func TestRepairCannotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{}, false)
		time.Sleep(queueTime)
		reads := 0
		w.fail = func(op string) *fault {
			if reads++; reads == 1 {
				return nil
			}
			return &fault{}
		}
		if job := w.get(t, id); job.Status != mcpjob.Working || w.sent() != 1 || !strings.Contains(w.log.String(), "cannot repair a job") {
			t.Errorf("job %+v, %d events, log %s", job, w.sent(), &w.log)
		}
	})
}

// A new job never replaces another.
func TestIDExists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{}, false)
		i := newItem(id, mcpjob.Call{Tool: "sleep", Principal: owner}, time.Now())
		if err := w.service.store.create(t.Context(), &i); err == nil || err.Error() != "the random id exists" {
			t.Errorf("error %v", err)
		}
		// It is unknown whether the conflict is with an earlier attempt of this write.
		w.fail = func(op string) *fault { return map[string]*fault{"GetItem": {}}[op] }
		if err := w.service.store.create(t.Context(), &i); !errors.Is(err, errKilled) {
			t.Errorf("error %v, want the table's", err)
		}
	})
}

// If the table fails until the worker runs out of time, the worker returns an error, so
// that Lambda delivers the event again. An idempotent job then completes; any other fails.
func TestResultCannotBeStored(t *testing.T) {
	for idempotent, want := range map[bool]mcpjob.Status{true: mcpjob.Completed, false: mcpjob.Failed} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			id := w.start(t, arguments{Sleep: time.Minute}, idempotent)
			began := time.Now()
			w.fail = func(string) *fault {
				if after := time.Since(began); after > time.Second && after < 16*time.Minute {
					return &fault{}
				}
				return nil
			}
			if err := w.handle(t.Context(), id); err == nil || time.Since(began) < 14*time.Minute {
				t.Errorf("the worker gave up after %v: %v", time.Since(began), err)
			}
			time.Sleep(2 * time.Minute)
			if err := w.handle(t.Context(), id); err != nil {
				t.Error(err)
			}
			if job := w.get(t, id); job.Status != want || w.finals[id] != 1 {
				t.Errorf("idempotent %v: job %+v", idempotent, job)
			}
		})
	}
}

// A job whose caller disconnected before its event was sent is cancelled.
func TestCallerGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		ctx, cancel := context.WithCancel(t.Context())
		w.invoke = func(string) error { cancel(); return ctx.Err() }
		if _, err := w.service.Start(ctx, mcpjob.Call{Tool: "sleep", Principal: owner, Arguments: []byte(`{}`)}); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		if job := w.get(t, w.events[0]); job.Status != mcpjob.Cancelled {
			t.Errorf("job %+v", job)
		}
	})
}

// While two versions run, the older one keeps what the newer one has stored.
func TestUnknownAttributes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{}, false)
		client := w.client(nil)
		i, err := w.service.store.get(t.Context(), id)
		if err != nil || len(i.Other) != 0 {
			t.Fatalf("other attributes %v, %v", i.Other, err)
		}
		newer := i.encode()
		newer["newer"] = text("kept")
		name := tableName
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: newer}); err != nil {
			t.Fatal(err)
		}
		if err := w.handle(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		i, err = w.service.store.get(t.Context(), id)
		kept, _ := i.Other["newer"].(*types.AttributeValueMemberS)
		if err != nil || i.Status != mcpjob.Completed || len(i.Other) != 1 || kept == nil || kept.Value != "kept" {
			t.Errorf("%s: other attributes %v, %v", i.Status, i.Other, err)
		}
	})
}

// A write to an item that was deleted meanwhile is not reported as written: the next read
// finds nothing.
func TestPutOfADeletedItem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		i := newItem(strings.Repeat("A", 26), mcpjob.Call{Tool: "sleep", Principal: owner}, time.Now())
		i.Version = 3
		if written, err := w.service.store.put(t.Context(), &i); written || err != nil || i.Version != 3 {
			t.Errorf("written %v, %v, version %d, want no write", written, err, i.Version)
		}
	})
}

// An event that is delivered again after the job has ended runs nothing, even if the job
// is idempotent and has runs left.
func TestEventAfterTheEnd(t *testing.T) {
	for _, cancelled := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			id := w.start(t, arguments{}, true)
			want := mcpjob.Completed
			if err := w.handle(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			if cancelled {
				id, want = w.start(t, arguments{}, true), mcpjob.Cancelled
				if err := w.service.Cancel(t.Context(), owner.KeyID, id); err != nil {
					t.Fatal(err)
				}
			}
			before, _, err := w.service.Find(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
			if err := w.handle(t.Context(), id); err != nil {
				t.Error(err)
			}
			if after, _, err := w.service.Find(t.Context(), id); err != nil || after != before || after.Status != want {
				t.Errorf("job %+v, %v, want it as before: %+v", after, err, before)
			}
		})
	}
}

// Progress that could not be stored is stored at the next tick, even without newer
// progress and before the next heartbeat.
func TestProgressIsStoredLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{Sleep: time.Minute}, false)
		began := time.Now()
		w.fail = func(op string) *fault {
			if after := time.Since(began); op == "PutItem" && after > time.Second && after < 4*time.Second {
				return &fault{}
			}
			return nil
		}
		ended := make(chan error, 1)
		go func() { ended <- w.handle(t.Context(), id) }()
		time.Sleep(2*reportEvery + beatInterval/10)
		if job := w.get(t, id); job.Message != "half done by ci" {
			t.Errorf("job %+v after the second tick, want the message", job)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
