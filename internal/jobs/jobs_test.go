package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpjob"
	"serverless-mcp/internal/tool"
)

// A job is stored before its event is sent, and is complete when the worker is done.
func TestJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		began := time.Now().Truncate(time.Millisecond)
		id := w.start(t, arguments{Sleep: 25 * time.Second, Size: 3}, false)
		if len(id) < 26 || len(w.events) != 1 || w.events[0] != id {
			t.Fatalf("id %q, events %v, want an id of 128 bits and its event", id, w.events)
		}
		want := mcpjob.Job{ID: id, Tool: "sleep", Status: mcpjob.Working, CreatedAt: began, UpdatedAt: began, TTL: TTL, Poll: time.Second}
		if diff := cmp.Diff(want, w.get(t, id)); diff != "" {
			t.Errorf("new job (-want +got):\n%s", diff)
		}
		go func() {
			time.Sleep(20 * time.Second)
			if job := w.get(t, id); job.Status != mcpjob.Working || job.Message != "half done by ci" || job.Poll != 2*time.Second || !job.UpdatedAt.After(began) {
				t.Errorf("running job: %+v", job)
			}
		}()
		if err := w.handle(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		job := w.get(t, id)
		if job.Status != mcpjob.Completed || string(job.Result) != `{"attempt":1,"content":[],"text":"xxx"}` || job.Message != "" {
			t.Errorf("job %+v, result %s", job, job.Result)
		}
		i, err := w.service.store.get(t.Context(), id)
		if err != nil || i.Arguments != "" || i.Lease != "" {
			t.Errorf("stored item %+v, %v, want no arguments and no lease", i, err)
		}
		if want := `"method":"job","outcome":"ok","tool":"sleep","keyId":"ci","durationMs":25000,"attempt":1,"coldStart":true`; !strings.Contains(w.log.String(), want) {
			t.Errorf("the log has no %s:\n%s", want, &w.log)
		}
		if strings.Contains(w.log.String(), id) {
			t.Errorf("the log has the job's id, which gives its key access to the result:\n%s", &w.log)
		}
	})
}

// The outcomes of a job, for the caller and in the log.
func TestOutcomes(t *testing.T) {
	tests := []struct {
		name   string
		in     arguments
		status mcpjob.Status
		want   string // in the result or the error
		log    string
	}{
		{"largest result", arguments{Size: MaxResult - 100}, mcpjob.Completed, "xxxxx", "ok"},
		{"result too large", arguments{Size: MaxResult}, mcpjob.Completed, `the result of the job is too large: 358436 bytes, the limit is 358400`, "tool error"},
		{"JSON-RPC error", arguments{Fail: true}, mcpjob.Failed, "not mine", "error"},
		{"too long", arguments{Sleep: time.Hour, Deaf: true}, mcpjob.Completed, "the job was stopped after 14m45s, which is as long as a job may run; it may have done part of its work", "tool error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				id := w.start(t, tt.in, true)
				if err := w.handle(t.Context(), id); err != nil {
					t.Fatal(err)
				}
				job := w.get(t, id)
				text := string(job.Result)
				if job.Error != nil {
					text = job.Error.Message
				}
				if job.Status != tt.status || !strings.Contains(text, tt.want) || !strings.Contains(w.log.String(), `"outcome":"`+tt.log+`"`) {
					t.Errorf("%s, %.200s\nlog %s\nwant %s, %s, outcome %s", job.Status, text, &w.log, tt.status, tt.want, tt.log)
				}
				time.Sleep(time.Hour) // the tool that ignores its context
			})
		})
	}
}

// The tool's context ends when a job is cancelled, at the next heartbeat.
func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{Sleep: time.Hour}, true)
		go func() {
			time.Sleep(time.Minute)
			if err := w.service.Cancel(t.Context(), "another", id); !errors.Is(err, mcpjob.ErrUnknown) {
				t.Errorf("another key cancels: %v", err)
			}
			if err := w.service.Cancel(t.Context(), owner.KeyID, id); err != nil {
				t.Error(err)
			}
			if job := w.get(t, id); job.Status != mcpjob.Cancelled {
				t.Errorf("job %+v right after it was cancelled", job)
			}
		}()
		began := time.Now()
		if err := w.handle(t.Context(), id); err != nil || time.Since(began) > time.Minute+beatInterval+reportEvery {
			t.Errorf("the worker ended after %v: %v", time.Since(began), err)
		}
		if job := w.get(t, id); job.Status != mcpjob.Cancelled || w.finals[id] != 1 {
			t.Errorf("job %+v, ended %d times", job, w.finals[id])
		}
		if err := w.service.Cancel(t.Context(), owner.KeyID, id); err != nil {
			t.Errorf("cancel again: %v", err)
		}
		// A late event for a job that has ended does nothing.
		if err := w.handle(t.Context(), id); err != nil || w.starts[""] != 1 {
			t.Errorf("late event: %v, %d runs", err, w.starts[""])
		}
	})
}

// A job that is cancelled just before its tool returns stays cancelled, and its outcome in
// the log is not ok.
func TestCancelAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{Sleep: 2 * time.Second}, true)
		go func() {
			time.Sleep(time.Second) // before the first heartbeat
			if err := w.service.Cancel(t.Context(), owner.KeyID, id); err != nil {
				t.Error(err)
			}
		}()
		if err := w.handle(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if job := w.get(t, id); job.Status != mcpjob.Cancelled || job.Result != nil || w.finals[id] != 1 {
			t.Errorf("job %+v, ended %d times", job, w.finals[id])
		}
		if want := `"outcome":"cancelled or taken over"`; !strings.Contains(w.log.String(), want) || strings.Contains(w.log.String(), `"outcome":"ok"`) {
			t.Errorf("the log has no %s:\n%s", want, &w.log)
		}
	})
}

// A worker that has lost its lease to another worker neither renews it nor ends the job.
func TestLostLease(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	i := newItem("x", mcpjob.Call{Tool: "sleep", Principal: owner, Idempotent: true}, now)
	if !i.take("first", now) || !i.take("second", now.Add(leaseTime)) {
		t.Fatal("not taken")
	}
	before := i
	if i.beat("first", "late", now.Add(leaseTime)) || i.finish("first", outcome{}, now.Add(leaseTime)) || i.Status != mcpjob.Working || i.Message != before.Message || i.LeaseUntil != before.LeaseUntil {
		t.Errorf("the first worker changed the job: %+v", i)
	}
	if !i.beat("second", "half", now.Add(leaseTime)) || !i.finish("second", outcome{}, now.Add(leaseTime)) {
		t.Error("the second worker cannot go on")
	}
}

// DynamoDB deletes an item a day after its start, by the seconds of an attribute.
func TestExpiryOfAnItem(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	i := newItem("x", mcpjob.Call{Tool: "sleep", Principal: owner}, now)
	n, _ := i.encode()[attrExpires].(*types.AttributeValueMemberN)
	if want := strconv.FormatInt(now.Add(TTL).Unix(), 10); n == nil || n.Value != want {
		t.Errorf("the item expires at %+v, want %s", n, want)
	}
}

// A long report is cut to 500 bytes of whole characters.
func TestLongReport(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("x", 500): strings.Repeat("x", 500), strings.Repeat("x", 501): strings.Repeat("x", 500), strings.Repeat("x", 499) + "\u00e9": strings.Repeat("x", 499),
	} {
		i := newItem("x", mcpjob.Call{Tool: "sleep", Principal: owner}, time.Now())
		if i.take("lease", time.Now()); !i.beat("lease", text, time.Now()) || i.job(time.Now()).Message != want {
			t.Errorf("a report of %d bytes became one of %d, want %d", len(text), len(i.Message), len(want))
		}
	}
}

// Requests to the table are billed: a job takes one to start, two for its lease, two for
// each report and each heartbeat, and two for its result.
func TestRequestsOfAJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		requests := map[string]int{}
		w.fail = func(op string) *fault { requests[op]++; return nil }
		id := w.start(t, arguments{Sleep: time.Minute + time.Second}, true)
		if diff := cmp.Diff(map[string]int{"PutItem": 1}, requests); diff != "" {
			t.Errorf("a start (-want +got):\n%s", diff)
		}
		clear(requests)
		if err := w.handle(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		// The report after 3 s, heartbeats after 15, 27, 39 and 51 s.
		if diff := cmp.Diff(map[string]int{"GetItem": 7, "PutItem": 7}, requests); diff != "" {
			t.Errorf("a run (-want +got):\n%s", diff)
		}
	})
}

// A damaged item is an error, and not a job with wrong numbers.
func TestDamagedItem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{}, false)
		i, err := w.service.store.get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		damaged := i.encode()
		damaged["runs"] = &types.AttributeValueMemberN{Value: "1.5"}
		name := tableName
		if _, err := w.client(nil).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: damaged}); err != nil {
			t.Fatal(err)
		}
		if job, err := w.service.Get(t.Context(), owner.KeyID, id); err == nil || !strings.Contains(err.Error(), "runs is not a whole number") {
			t.Errorf("%+v, %v; want an error that names the attribute", job, err)
		}
	})
}

// The caller gets the same error for ids of other keys, unknown ids and expired ids.
func TestUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{}, false)
		for _, tt := range []struct{ name, key, id string }{
			{"another key", "other", id},
			{"no key", "", id},
			{"unknown", owner.KeyID, strings.Repeat("A", len(id))},
			{"empty", owner.KeyID, ""},
			{"long", owner.KeyID, strings.Repeat("A", 100_000)},
		} {
			if _, err := w.service.Get(t.Context(), tt.key, tt.id); !errors.Is(err, mcpjob.ErrUnknown) {
				t.Errorf("%s: get returns %v", tt.name, err)
			}
			if err := w.service.Cancel(t.Context(), tt.key, tt.id); !errors.Is(err, mcpjob.ErrUnknown) {
				t.Errorf("%s: cancel returns %v", tt.name, err)
			}
		}
		time.Sleep(TTL)
		if _, err := w.service.Get(t.Context(), owner.KeyID, id); !errors.Is(err, mcpjob.ErrUnknown) {
			t.Errorf("expired, and still in the table: get returns %v", err)
		}
		if err := w.handle(t.Context(), id); err != nil || w.starts[""] != 0 {
			t.Errorf("an event for an expired job: %v, %d runs", err, w.starts[""])
		}
		if err := w.handle(t.Context(), "made-up"); err != nil {
			t.Errorf("an event for an unknown job: %v", err)
		}
	})
}

// The worker gets the principal that started the job.
func TestPrincipal(t *testing.T) {
	for _, p := range []apikey.Principal{owner, {KeyID: "all"}, {KeyID: "none", Tools: []string{}}} {
		for _, idempotent := range []bool{true, false} {
			want := mcpjob.Call{Principal: p, Idempotent: idempotent}
			got, err := newItem("x", want, time.Now()).call()
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		}
	}
}

// Arguments that are too large are an error for the model, before anything is stored.
func TestArgumentsTooLarge(t *testing.T) {
	w := newWorld()
	call := mcpjob.Call{Tool: "sleep", Principal: owner, Arguments: json.RawMessage(`"` + strings.Repeat("x", MaxArguments) + `"`)}
	_, err := w.service.Start(t.Context(), call)
	if text, ok := tool.ForModel(err); !ok || text != "the arguments are too large for a job: 65538 bytes, the limit is 65536" {
		t.Errorf("error %v", err)
	}
	if w.sent() != 0 {
		t.Error("an event was sent")
	}
	call.Arguments = append(call.Arguments[:MaxArguments-1], '"')
	if _, err := w.service.Start(t.Context(), call); err != nil {
		t.Errorf("as large as allowed: %v", err)
	}
}

// If the event could not be sent, the caller gets an error and the job never runs. If the
// event arrived anyway, the job continues.
func TestInvokeFails(t *testing.T) {
	refused := errors.New("refused")
	t.Run("refused", func(t *testing.T) {
		w := newWorld()
		w.invoke = func(string) error { return refused }
		_, err := w.service.Start(t.Context(), mcpjob.Call{Tool: "sleep", Principal: owner, Arguments: json.RawMessage(`{}`)})
		if !errors.Is(err, refused) {
			t.Fatalf("error %v", err)
		}
		if job := w.get(t, w.events[0]); job.Status != mcpjob.Cancelled {
			t.Errorf("job %+v, want it cancelled", job)
		}
		if err := w.handle(t.Context(), w.events[0]); err != nil || w.starts[""] != 0 {
			t.Errorf("the job ran: %v", err)
		}
	})
	t.Run("response lost, job completed", func(t *testing.T) {
		w := newWorld()
		w.invoke = func(id string) error { return errors.Join(w.handle(context.Background(), id), refused) }
		id := w.start(t, arguments{}, false)
		if job := w.get(t, id); job.Status != mcpjob.Completed {
			t.Errorf("job %+v, want it completed", job)
		}
	})
	t.Run("response lost", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			w.invoke = func(id string) error {
				go func() { _ = w.handle(context.Background(), id) }()
				synctest.Wait()
				return refused
			}
			id := w.start(t, arguments{Sleep: time.Minute}, false)
			time.Sleep(2 * time.Minute)
			if job := w.get(t, id); job.Status != mcpjob.Completed {
				t.Errorf("job %+v, want it completed", job)
			}
		})
	})
}

// A table that cannot be written starts nothing.
func TestTableFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.fail = func(string) *fault { return &fault{} }
		if _, err := w.service.Start(t.Context(), mcpjob.Call{Tool: "sleep", Principal: owner}); !errors.Is(err, errKilled) || w.sent() != 0 {
			t.Errorf("error %v, %d events; want the table's error and none", err, w.sent())
		}
		if _, err := w.service.Get(t.Context(), owner.KeyID, strings.Repeat("A", 26)); err == nil || errors.Is(err, mcpjob.ErrUnknown) {
			t.Errorf("get with a table that fails: %v, want the table's error", err)
		}
		if err := w.handle(t.Context(), "x"); err == nil {
			t.Error("the worker swallows an event that it could not handle")
		}
	})
}

// If the table fails for a while during a run and at its end, the result is stored when
// the table works again.
func TestTableFailsDuringRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{Sleep: 2 * time.Minute}, false)
		began := time.Now()
		w.fail = func(string) *fault {
			if after := time.Since(began); after > time.Second && after < 4*time.Minute {
				return &fault{}
			}
			return nil
		}
		if err := w.handle(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if job := w.get(t, id); job.Status != mcpjob.Completed {
			t.Errorf("job %+v", job)
		}
	})
}
