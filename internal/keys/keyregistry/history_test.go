package keyregistry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/keys/apikey"
)

// TestHistory: each change has a record, the differences are computed from the documents,
// and values that the registry did not write are recognized.
func TestHistory(t *testing.T) {
	w := newWorld(t)
	author := "arn:aws:iam::1:user/ada"
	w.o.Author, w.o.Tool = func(context.Context) string { return author }, "mcpctl test"
	change := func(p Purpose, edit Edit) Snapshot {
		t.Helper()
		w.clock.Add(time.Minute)
		got, err := w.Change(t.Context(), p, edit)
		if err != nil {
			t.Fatal(err)
		}
		return got.Snapshot
	}
	if entries, err := w.History(t.Context()); err != nil || entries != nil {
		t.Fatalf("of a new registry: %+v, %v", entries, err)
	}
	first := change(Issuing, Adding(key("alice"), key("bob")))
	author = "arn:aws:iam::1:user/grace"
	second := change(Issuing, Limiting("bob", func(apikey.Limits) (apikey.Limits, error) { return apikey.Limits{Day: 5}, nil }))
	if again := change(Issuing, Limiting("bob", func(l apikey.Limits) (apikey.Limits, error) { return l, nil })); again.Version != second.Version {
		t.Error("a change that changes nothing wrote a version")
	}
	// By hand: alice is gone, and the record of the version before is still there.
	byHand := second.Document
	byHand.Keys = byHand.Keys[1:]
	text, err := byHand.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Add(time.Minute)
	w.fake.Create(secret, string(text))
	w.clock.Add(time.Minute)
	w.fake.Create(secret, "not a key document")
	entries, err := w.History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	record := func(version, previous string, minutes time.Duration, by string, what ...string) apikey.Change {
		return apikey.Change{Version: version, Previous: previous, At: noon.Add(minutes * time.Minute), By: by, Tool: "mcpctl test", What: what}
	}
	want := []Entry{
		{Version: first.Version, Created: noon.Add(time.Minute), Recorded: true, Compared: true,
			Change: record(first.Version, "", 1, "arn:aws:iam::1:user/ada", "add alice", "add bob"), What: []string{"add alice", "add bob"}},
		{Version: second.Version, Created: noon.Add(2 * time.Minute), Recorded: true, Compared: true,
			Change: record(second.Version, first.Version, 2, "arn:aws:iam::1:user/grace", "limit bob"), What: []string{"limit bob"}},
		{Created: noon.Add(4 * time.Minute), Compared: true, What: []string{"remove alice"},
			Change: record(second.Version, first.Version, 2, "arn:aws:iam::1:user/grace", "limit bob")},
		{Created: noon.Add(5 * time.Minute), Current: true, Problem: "not a key document"},
	}
	for i := range entries {
		entries[i].Created = entries[i].Created.UTC()
		if i >= 2 {
			entries[i].Version = ""
		}
		if entries[i].Mismatch() {
			t.Errorf("the record of %+v does not match", entries[i])
		}
	}
	if d := cmp.Diff(want, entries, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestHistoryWithoutRecords: documents of a writer without records are each compared with
// the document before. The first is compared with an empty document, unless versions were
// deleted.
func TestHistoryWithoutRecords(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		var keys []apikey.Key
		for _, name := range []string{"alice", "bob", "carol"}[:i+1] {
			keys = append(keys, key(name))
		}
		text, err := apikey.Document{Keys: keys}.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Add(time.Minute)
		w.fake.Create(secret, string(text))
	}
	entries, err := w.History(t.Context())
	if err != nil || len(entries) < 2 {
		t.Fatalf("%+v, %v", entries, err)
	}
	if first := entries[0]; first.Compared || first.What != nil {
		t.Errorf("the first version, without an earlier one and without a record, has the changes %q", first.What)
	}
	last, before := entries[len(entries)-1], entries[len(entries)-2]
	if before.Recorded || last.Recorded || !last.Compared || !slices.Equal(last.What, []string{"add carol"}) {
		t.Errorf("%+v after %+v", last, before)
	}
	w.fail(func(op string) *awsfake.Fault {
		if op == "GetSecretValue" {
			return &awsfake.Fault{Error: &awsfake.Error{Status: 400, Code: "DecryptionFailure", Message: "no"}}
		}
		return nil
	})
	if entries, err := w.History(t.Context()); entries != nil || err == nil || !strings.Contains(err.Error(), "read version ") || !strings.Contains(err.Error(), "DecryptionFailure") {
		t.Errorf("unreadable: %+v, %v", entries, err)
	}
}

// TestHistoryWithAGap: the changes of a version are unknown if the previous version, which
// its record names, no longer exists.
func TestHistoryWithAGap(t *testing.T) {
	w := newWorld(t)
	w.create(t, "alice")
	version, gone := "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
	d := apikey.Document{Keys: []apikey.Key{key("alice"), key("bob")}}
	text, err := d.WithChange(apikey.Change{Version: version, Previous: gone, At: noon, By: "arn:aws:iam::1:user/ada", Tool: "mcpctl test", What: []string{"add bob"}}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.o.Secrets.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: aws.String(secret), SecretString: aws.String(string(text)), ClientRequestToken: &version}); err != nil {
		t.Fatal(err)
	}
	entries, err := w.History(t.Context())
	if err != nil || len(entries) != 2 {
		t.Fatalf("%+v, %v", entries, err)
	}
	if last := entries[1]; !last.Recorded || last.Compared || last.What != nil || last.Mismatch() {
		t.Errorf("%+v, want a record that is compared with nothing", last)
	}
}

// TestMismatch: a record that does not list what the documents show.
func TestMismatch(t *testing.T) {
	for name, tt := range map[string]struct {
		e    Entry
		want bool
	}{
		"the same":               {Entry{Recorded: true, Compared: true, What: []string{"add a"}, Change: apikey.Change{What: []string{"add a"}}}, false},
		"shortened":              {Entry{Recorded: true, Compared: true, What: []string{"add a", "add b"}, Change: apikey.Change{What: []string{"add a"}, More: 1}}, false},
		"another change":         {Entry{Recorded: true, Compared: true, What: []string{"add a"}, Change: apikey.Change{What: []string{"add b"}}}, true},
		"hides one":              {Entry{Recorded: true, Compared: true, What: []string{"add a", "add b"}, Change: apikey.Change{What: []string{"add a"}}}, true},
		"lists more":             {Entry{Recorded: true, Compared: true, Change: apikey.Change{What: []string{"add a"}}}, true},
		"less than none":         {Entry{Recorded: true, Compared: true, What: []string{"add a"}, Change: apikey.Change{What: []string{"add a", "add b"}, More: -1}}, true},
		"the one before is gone": {Entry{Recorded: true, Change: apikey.Change{What: []string{"add a"}}}, false},
	} {
		if got := tt.e.Mismatch(); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestEvents: Events returns the changes of the secret that CloudTrail has, from several
// pages, and no changes of other secrets.
func TestEvents(t *testing.T) {
	trail := awsfake.NewCloudTrail(awsfake.Options{Now: time.Now})
	secrets := awsfake.NewSecretsManager(awsfake.Options{})
	secrets.Create(secret, "")
	secrets.Create("Other", "")
	s, c := httptest.NewServer(trail.Recording(secrets)), httptest.NewServer(trail)
	t.Cleanup(s.Close)
	t.Cleanup(c.Close)
	var pauses []time.Duration
	registry := New(Options{Secrets: client(s.URL), ID: secret, Sleep: func(_ context.Context, d time.Duration) error {
		pauses = append(pauses, d)
		return nil
	}})
	other := New(Options{Secrets: client(s.URL), ID: "Other"})
	for i, name := range []string{"a", "b", "c"} {
		for _, r := range []*Registry{registry, other} {
			if _, err := r.Change(t.Context(), Issuing, Adding(key(name))); err != nil {
				t.Fatalf("change %d: %v", i, err)
			}
		}
	}
	// A move of another label and a move that fails change nothing that is current.
	now, err := registry.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for stage, ok := range map[string]bool{"other": true, current: false} {
		_, err := registry.o.Secrets.UpdateSecretVersionStage(t.Context(), &secretsmanager.UpdateSecretVersionStageInput{
			SecretId: aws.String(secret), VersionStage: &stage, MoveToVersionId: &now.Version, RemoveFromVersionId: map[bool]*string{false: aws.String(strings.Repeat("x", 32))}[ok],
		})
		if (err == nil) != ok {
			t.Fatalf("move %s: %v", stage, err)
		}
	}
	lookups, read := 0, 0
	pauses = nil // drop the pauses of the changes
	events, err := registry.Events(t.Context(), cloudtrail.New(cloudtrail.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(c.URL), Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}), time.Now().Add(-time.Hour), func(n int) { lookups++; read = n })
	if err == nil && (lookups < 2 || len(pauses) != lookups-1 || slices.ContainsFunc(pauses, func(d time.Duration) bool { return d != lookupInterval })) {
		t.Errorf("%d lookups with the pauses %v, want one between each two", lookups, pauses)
	}
	if err != nil {
		t.Fatal(err)
	}
	history, err := registry.History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(events, func(a, b Event) int { return a.At.Compare(b.At) }) {
		t.Errorf("the events are not in order: %+v", events)
	}
	puts, moves := 0, 0
	for _, e := range events {
		known := false
		for _, h := range history {
			known = known || h.Version == e.Version
		}
		if !known || e.By == "" || e.At.IsZero() {
			t.Errorf("event %+v of no version", e)
		}
		if e.Moved {
			moves++
		} else {
			puts++
		}
	}
	if read != 2*(3+2)+2 { // including the events of the other secret
		t.Errorf("progress reports %d events, want 12", read)
	}
	if puts != 3 || moves != 2 { // the first version becomes current at once
		t.Errorf("%d puts and %d moves, want 3 and 2", puts, moves)
	}
}

// TestEventsOfABusyAccount: in an account with too many events, the lookup ends with an
// error after maxLookups pages.
func TestEventsOfABusyAccount(t *testing.T) {
	w := newWorld(t)
	pages := 0
	c := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		pages++
		io.Copy(io.Discard, r.Body)
		rw.Header().Set("Content-Type", "application/x-amz-json-1.1")
		io.WriteString(rw, `{"Events":[{"EventName":"PutSecretValue","CloudTrailEvent":"{}"}],"NextToken":"more"}`)
	}))
	t.Cleanup(c.Close)
	events, err := w.Events(t.Context(), cloudtrail.New(cloudtrail.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(c.URL), Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}), noon, func(int) {})
	if events != nil || err == nil || !strings.Contains(err.Error(), "more than 400 events") || pages != maxLookups {
		t.Errorf("%d events, %v after %d pages; want an error after %d", len(events), err, pages, maxLookups)
	}
}

// TestInterruptedEvents: an interruption between two pages is an error.
func TestInterruptedEvents(t *testing.T) {
	w := newWorld(t)
	w.o.Sleep = func(context.Context, time.Duration) error { return context.Canceled }
	c := httptest.NewServer(awsfake.NewCloudTrail(awsfake.Options{}))
	t.Cleanup(c.Close)
	events, err := w.Events(t.Context(), cloudtrail.New(cloudtrail.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(c.URL), Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}), noon, func(int) {})
	if events != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%d events, %v; want context.Canceled", len(events), err)
	}
}

// TestEventsOfNoSecret: without the secret there are no events to look up.
func TestEventsOfNoSecret(t *testing.T) {
	s := httptest.NewServer(awsfake.NewSecretsManager(awsfake.Options{}))
	t.Cleanup(s.Close)
	if events, err := New(Options{Secrets: client(s.URL), ID: "gone"}).Events(t.Context(), nil, noon, nil); events != nil || err == nil || !strings.Contains(err.Error(), "ResourceNotFoundException") {
		t.Errorf("%+v, %v", events, err)
	}
}
