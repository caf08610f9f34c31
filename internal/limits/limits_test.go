package limits_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/limits"
)

// world is a table and a clock that several counters share, as processes do.
type world struct {
	url   string
	now   atomic.Int64 // Unix seconds
	calls atomic.Int64 // to the table
	fault atomic.Pointer[awsfake.Fault]
	log   logged

	timeout time.Duration // of the counters
}

// logged is a log that several goroutines write.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{timeout: time.Minute} // a test machine may be slow
	w.now.Store(time.Date(2026, 11, 28, 12, 0, 7, 0, time.UTC).Unix())
	d := awsfake.NewDynamoDB(awsfake.Options{
		Fail:   func(string) *awsfake.Fault { return w.fault.Load() },
		Called: func(string, string) { w.calls.Add(1) },
	})
	d.Create(awsfake.Table{Name: "limits", Key: awsfake.Key{Partition: awsfake.KeyAttribute{Name: limits.KeyAttribute}}, TTL: limits.TTLAttribute})
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func (w *world) clock() time.Time { return time.Unix(w.now.Load(), 0) }

// counter returns the counter of one process.
func (w *world) counter() *limits.Counter {
	return limits.New(limits.Options{
		Client: limits.NewClient(aws.Config{Region: "us-east-1", BaseEndpoint: &w.url, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}),
		Table:  "limits", Now: w.clock, Timeout: w.timeout, Log: slog.New(slog.NewJSONHandler(&w.log, nil)),
	})
}

// passed makes a hundred concurrent calls, spread over the counters, and returns how
// many of them pass.
func passed(t *testing.T, p apikey.Principal, counters ...*limits.Counter) int {
	t.Helper()
	var n atomic.Int64
	var calls sync.WaitGroup
	for i := range 100 {
		calls.Go(func() {
			if counters[i%len(counters)].Count(t.Context(), p) == nil {
				n.Add(1)
			}
		})
	}
	calls.Wait()
	return int(n.Load())
}

func principal(minute, day int) apikey.Principal {
	return apikey.Principal{KeyID: "alice", Limits: apikey.Limits{Minute: minute, Day: day}}
}

// TestExactlyTheLimit: of 100 concurrent calls in each minute, by four processes,
// exactly as many pass as the limits allow.
func TestExactlyTheLimit(t *testing.T) {
	w := newWorld(t)
	counters := []*limits.Counter{w.counter(), w.counter(), w.counter(), w.counter()}
	p := principal(30, 75)
	for minute, want := range []int{30, 30, 15, 0} {
		if got := passed(t, p, counters...); got != want {
			t.Errorf("minute %d: %d of 100 calls passed, want %d", minute, got, want)
		}
		w.now.Add(60)
	}
	w.now.Add(24 * 60 * 60)
	if got := passed(t, p, counters...); got != 30 {
		t.Errorf("the next day: %d of 100 calls passed, want 30", got)
	}
	if w.log.String() != "" {
		t.Errorf("a call was not counted: %s", &w.log)
	}
}

// TestOneLimitAlone: either limit may be missing, and each key is counted separately.
func TestOneLimitAlone(t *testing.T) {
	w := newWorld(t)
	c := w.counter()
	if got := passed(t, principal(7, 0), c); got != 7 {
		t.Errorf("7 a minute: %d passed", got)
	}
	bob := apikey.Principal{KeyID: "bob", Limits: apikey.Limits{Day: 9}}
	if got := passed(t, bob, c); got != 9 {
		t.Errorf("9 a day: %d passed", got)
	}
	w.now.Add(60)
	if got := passed(t, bob, c); got != 0 {
		t.Errorf("9 a day: %d passed in the next minute, want 0", got)
	}
	before := w.calls.Load()
	if got := passed(t, apikey.Principal{KeyID: "carol"}, c); got != 100 || w.calls.Load() != before {
		t.Errorf("without limits: %d passed and %d calls went to the table, want 100 and 0", got, w.calls.Load()-before)
	}
}

// TestCallsToTheTable: the usual call costs one update, a refusal is remembered until
// its period ends, and a change of the limits ends that.
func TestCallsToTheTable(t *testing.T) {
	w := newWorld(t)
	c, other := w.counter(), w.counter()
	p := principal(3, 0)
	for i, step := range []struct {
		c     *limits.Counter
		p     apikey.Principal
		later int64 // seconds
		calls int64
		pass  bool
	}{
		{c, p, 0, 1, true},     // a new minute
		{c, p, 0, 1, true},     // the same minute
		{other, p, 0, 2, true}, // its first call in the minute: it tries the wrong update first
		{c, p, 0, 1, false},    // over the limit
		{c, p, 0, 0, false},    // remembered
		{other, p, 0, 1, false},
		{c, principal(5, 0), 0, 1, true}, // more calls are allowed now
		{c, p, 60, 1, true},
	} {
		w.now.Add(step.later)
		before := w.calls.Load()
		pass := step.c.Count(t.Context(), step.p) == nil
		if calls := w.calls.Load() - before; pass != step.pass || calls != step.calls {
			t.Errorf("call %d: passed %v with %d calls to the table, want %v with %d", i+1, pass, calls, step.pass, step.calls)
		}
	}
}

// TestClocksThatDiffer: the process whose clock is a minute behind counts in the
// minute of the others.
func TestClocksThatDiffer(t *testing.T) {
	w := newWorld(t)
	behind := limits.New(limits.Options{
		Client: limits.NewClient(aws.Config{Region: "us-east-1", BaseEndpoint: &w.url, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}),
		Table:  "limits", Now: func() time.Time { return w.clock().Add(-time.Minute) }, Timeout: w.timeout,
	})
	ahead := w.counter()
	if r := ahead.Count(t.Context(), principal(30, 0)); r != nil {
		t.Fatalf("the first call: %+v", r)
	}
	if got := passed(t, principal(30, 0), ahead, behind); got != 29 {
		t.Errorf("%d of 100 more calls passed, want 29", got)
	}
}

// TestTableUnavailable: calls pass, each is logged, and none waits for long.
func TestTableUnavailable(t *testing.T) {
	forever := func(ctx context.Context) { <-ctx.Done() }
	for name, fault := range map[string]*awsfake.Fault{
		"down":    {Hangup: true},
		"error":   {Error: &awsfake.Error{Status: 500, Code: "InternalServerError", Message: "sorry"}},
		"slow":    {Delay: forever},
		"denied":  {Error: &awsfake.Error{Code: "AccessDeniedException", Message: "no"}},
		"garbage": {Garbage: "<html>"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if w.fault.Store(fault); fault.Delay != nil {
				w.timeout = 20 * time.Millisecond
			}
			c := w.counter()
			for range 3 {
				if r := c.Count(t.Context(), principal(1, 1)); r != nil {
					t.Errorf("refused: %+v", r)
				}
			}
			if name == "error" && w.calls.Load() != 3 {
				t.Errorf("%d calls to the table, want one for each and no retry", w.calls.Load())
			}
			lines := strings.Split(strings.TrimSpace(w.log.String()), "\n")
			if len(lines) != 3 {
				t.Fatalf("%d lines for three calls: %s", len(lines), &w.log)
			}
			for _, line := range lines {
				var got map[string]any
				if err := json.Unmarshal([]byte(line), &got); err != nil || got["msg"] != limits.Unavailable || got["keyId"] != "alice" || got["level"] != "WARN" || got["error"] == "" {
					t.Errorf("logged %q", line)
				}
			}
			if fault.Delay != nil {
				return // the table may have counted them after all
			}
			w.fault.Store(nil)
			if r := c.Count(t.Context(), principal(1, 1)); r != nil {
				t.Errorf("after the outage: refused %+v", r)
			}
			if r := c.Count(t.Context(), principal(1, 1)); r == nil {
				t.Error("after the outage, calls are not counted")
			}
		})
	}
}

// TestTimeout: the table has 150 ms, and 1 s for the first call of a process.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := limits.New(limits.Options{Table: "limits", Client: limits.NewClient(aws.Config{
			Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""), HTTPClient: silent{},
		})})
		for i, want := range []time.Duration{limits.FirstTimeout, limits.Timeout, limits.Timeout} {
			begun := time.Now()
			if r := c.Count(t.Context(), principal(1, 0)); r != nil || time.Since(begun) != want {
				t.Errorf("call %d: refused %v after %v, want it to pass after %v", i, r, time.Since(begun), want)
			}
		}
	})
}

// silent is a network without responses.
type silent struct{}

// Do implements aws.HTTPClient.
func (silent) Do(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestItemsAreKeptForTheirDay: DynamoDB may delete the item of a day when the day is
// over, and not before.
func TestItemsAreKeptForTheirDay(t *testing.T) {
	w := newWorld(t)
	w.counter().Count(t.Context(), principal(1, 0))
	client := limits.NewClient(aws.Config{Region: "us-east-1", BaseEndpoint: &w.url, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")})
	out, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("limits")})
	if err != nil || len(out.Items) != 1 {
		t.Fatalf("%d items, %v", len(out.Items), err)
	}
	ends, _ := out.Items[0][limits.TTLAttribute].(*types.AttributeValueMemberN)
	if ends == nil {
		t.Fatalf("the item never expires: %v", out.Items[0])
	}
	seconds, err := strconv.ParseInt(ends.Value, 10, 64)
	over := w.clock().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
	if at := time.Unix(seconds, 0).UTC(); err != nil || at.Before(over) || at.After(over.Add(48*time.Hour)) {
		t.Errorf("the item expires at %v, %v; want it in the two days after %v", at, err, over)
	}
}

// TestDisconnected: a call is counted, and refused, even if its client has disconnected, and
// causes no warning. Otherwise clients could exceed their limits by disconnecting at once.
func TestDisconnected(t *testing.T) {
	w := newWorld(t)
	c := w.counter()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for i, refused := range []bool{false, true} {
		if r := c.Count(ctx, principal(1, 0)); (r != nil) != refused {
			t.Errorf("call %d: %+v, want it refused: %t", i+1, r, refused)
		}
	}
	if w.log.String() != "" {
		t.Errorf("logged %s", &w.log)
	}
}

func TestRefusal(t *testing.T) {
	w := newWorld(t)
	c := w.counter()
	for limit, want := range map[apikey.Limits]struct {
		text    string
		seconds int
	}{
		{Minute: 1}:          {"limit of 1 call a minute for key alice; again in 53 s", 53},
		{Minute: 2}:          {"limit of 2 calls a minute for key alice; again in 53 s", 53},
		{Minute: 60, Day: 3}: {"limit of 3 calls a day (UTC) for key alice; again in 12 h. Do not retry before that", 12*60*60 - 7},
		{Minute: 4, Day: 4}:  {"limit of 4 calls a day (UTC) for key alice; again in 12 h. Do not retry before that", 12*60*60 - 7},
	} {
		p := apikey.Principal{KeyID: "alice", Limits: limit}
		var r *limits.Refusal
		for range 10 {
			r = c.Count(t.Context(), p)
		}
		if r == nil {
			t.Errorf("%v: ten calls passed", limit)
			continue
		}
		if text, seconds := r.Text("alice", w.clock()), r.Seconds(w.clock()); text != want.text || seconds != want.seconds {
			t.Errorf("%v: %q, %d s, want %q, %d s", limit, text, seconds, want.text, want.seconds)
		}
	}
	soon := limits.Refusal{Limit: 1, Per: limits.Day, Until: w.clock().Add(100 * time.Minute)}
	if text := soon.Text("a", w.clock()); !strings.Contains(text, "again in 1 h 40 min.") {
		t.Error(text)
	}
	for before, want := range map[time.Duration]string{
		10 * time.Minute: "10 min.", 60 * time.Minute: "1 h.", 59*time.Minute + 1: "1 h.", 59 * time.Minute: "59 min.", 119 * time.Second: "119 s.", 23*time.Hour + time.Minute: "23 h 1 min.", 23*time.Hour + 59*time.Minute: "23 h 59 min.", 120 * time.Second: "2 min.", 121 * time.Second: "3 min.",
	} {
		if text := soon.Text("a", soon.Until.Add(-before)); !strings.Contains(text, "again in "+want) {
			t.Errorf("%v before the end: %s, want %s", before, text, want)
		}
	}
	if n := soon.Seconds(soon.Until.Add(time.Second)); n != 1 {
		t.Errorf("%d s after the end, want 1", n)
	}
}

func TestUsage(t *testing.T) {
	w := newWorld(t)
	c := w.counter()
	p := principal(3, 5)
	want := func(minute, day int) {
		t.Helper()
		if m, d, err := c.Usage(t.Context(), p); err != nil || m != minute || d != day {
			t.Errorf("usage %d, %d, %v, want %d in the minute and %d in the day", m, d, err, minute, day)
		}
	}
	want(0, 0)
	for range 4 {
		c.Count(t.Context(), p)
	}
	want(3, 3)
	w.now.Add(60)
	want(0, 3)
	c.Count(t.Context(), p)
	want(1, 4)
	w.now.Add(24 * 60 * 60)
	want(0, 0)
	w.fault.Store(&awsfake.Fault{Hangup: true})
	if _, _, err := c.Usage(t.Context(), p); err == nil || !strings.Contains(err.Error(), "alice") {
		t.Errorf("without the table: %v", err)
	}
}

// TestManyKeys: a process that remembers too many refusals forgets some. That changes only
// the number of calls to the table.
func TestManyKeys(t *testing.T) {
	w := newWorld(t)
	c := w.counter()
	count := func(id string) *limits.Refusal {
		return c.Count(t.Context(), apikey.Principal{KeyID: id, Limits: apikey.Limits{Minute: 1}})
	}
	twice := func(id string) {
		t.Helper()
		if count(id) != nil || count(id) == nil {
			t.Errorf("key %s: want one call to pass and the next to be refused", id)
		}
	}
	refusedWithCalls := func(calls int64) {
		t.Helper()
		before := w.calls.Load()
		if r := count("first"); r == nil || w.calls.Load() != before+calls {
			t.Errorf("refusal %+v after %d calls to the table, want one after %d", r, w.calls.Load()-before, calls)
		}
	}
	twice("first")
	limits.Fill(c, time.Unix(w.now.Load(), 0).Add(time.Hour))
	refusedWithCalls(0)
	twice("second")
	refusedWithCalls(1)
}

// Calls pass while the table does not respond, even without a log.
func TestNoLog(t *testing.T) {
	w := newWorld(t)
	w.fault.Store(&awsfake.Fault{Hangup: true})
	c := limits.New(limits.Options{
		Client: limits.NewClient(aws.Config{Region: "us-east-1", BaseEndpoint: &w.url, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}),
		Table:  "limits", Timeout: w.timeout,
	})
	if r := c.Count(t.Context(), principal(1, 1)); r != nil {
		t.Errorf("refused %+v", r)
	}
}
