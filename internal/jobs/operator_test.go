package jobs

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"serverless-mcp/internal/mcp/mcpjob"
)

// The operator sees the jobs of all keys, and cancels them.
func TestOperator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		first := w.start(t, arguments{}, false)
		time.Sleep(time.Hour)
		second := w.start(t, arguments{Size: 10}, true)
		if err := w.handle(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		list, err := List(t.Context(), w.client(nil), tableName, time.Now())
		if err != nil || len(list) != 2 || list[0].ID != second || list[1].ID != first {
			t.Fatalf("list %+v, %v, want both, the newest first", list, err)
		}
		if s := list[0]; s.KeyID != owner.KeyID || s.Tool != "sleep" || s.Status != mcpjob.Completed || s.Runs != 1 || time.Since(s.Created) > time.Second {
			t.Errorf("summary %+v", s)
		}
		if s, job, err := w.service.Find(t.Context(), second); err != nil || s != list[0] || !strings.Contains(string(job.Result), "xxxxxxxxxx") {
			t.Errorf("find: %+v, %s, %v", s, job.Result, err)
		}
		for range 2 {
			if s, err := w.service.End(t.Context(), first); err != nil || s.Status != mcpjob.Cancelled {
				t.Errorf("end: %+v, %v", s, err)
			}
		}
		if s, err := w.service.End(t.Context(), second); err != nil || s.Status != mcpjob.Completed {
			t.Errorf("end a job that has completed: %+v, %v", s, err)
		}
		if _, err := w.service.End(t.Context(), strings.Repeat("A", 26)); !errors.Is(err, mcpjob.ErrUnknown) {
			t.Errorf("end an unknown job: %v", err)
		}
		time.Sleep(TTL - time.Minute)
		if list, err = List(t.Context(), w.client(nil), tableName, time.Now()); err != nil || len(list) != 1 {
			t.Errorf("list %+v, %v, want no expired job", list, err)
		}
	})
}

// TestOperatorWithoutTheTable: whichever request to the table fails, the operator gets an
// error and no partial result.
func TestOperatorWithoutTheTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, do := range map[string]func(w *world, id string) error{
			"list": func(w *world, _ string) error {
				_, err := List(t.Context(), w.client(nil), tableName, time.Now())
				return err
			},
			"find": func(w *world, id string) error {
				_, _, err := w.service.Find(t.Context(), id)
				return err
			},
			"end": func(w *world, id string) error {
				_, err := w.service.End(t.Context(), id)
				return err
			},
		} {
			for first := 0; ; first++ { // the request that fails, and all after it
				w := newWorld()
				id := w.start(t, arguments{}, false)
				requests := 0
				w.fail = func(string) *fault {
					if requests++; requests > first {
						return &fault{}
					}
					return nil
				}
				err := do(w, id)
				if requests <= first {
					if err != nil || first == 0 {
						t.Errorf("%s without a failure, after %d requests: %v", name, requests, err)
					}
					break
				}
				if !errors.Is(err, errKilled) || first == 0 && name != "list" && !strings.HasPrefix(err.Error(), "read a job: ") {
					t.Errorf("%s, with request %d failing: %v", name, first+1, err)
				}
			}
		}
	})
}

// A job that cannot be decoded is an error, and not a list without it.
func TestListOfABrokenJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		id := w.start(t, arguments{}, false)
		i, err := w.service.store.get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		broken, name := i.encode(), tableName
		broken["runs"] = &types.AttributeValueMemberN{Value: "1.5"}
		if _, err := w.client(nil).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: broken}); err != nil {
			t.Fatal(err)
		}
		if list, err := List(t.Context(), w.client(nil), tableName, time.Now()); err == nil || err.Error() != "decode a job: runs is not a whole number" {
			t.Errorf("list %+v, %v, want an error", list, err)
		}
	})
}
