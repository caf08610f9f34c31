package upgrade

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
)

// TestNoJournalNoChange: a step is not taken if the journal cannot be written.
func TestNoJournalNoChange(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	if err := os.WriteFile(w.o.Journal.Path, []byte("a file where the directory should be"), 0o600); err != nil {
		t.Fatal(err)
	}
	if res, err := w.upgrade(t, request); err == nil {
		t.Errorf("the upgrade ran without a journal: %+v", res)
	}
	for _, change := range []string{"PublishVersion", "CreateFunction", "UpdateFunctionConfiguration", "UpdateAlias"} {
		if w.count(change) > 0 {
			t.Errorf("called %s without a journal", change)
		}
	}
}

// TestJournalFirst: before each call that changes something, the journal on disk has the
// step. The journal never contains environment variables or events.
func TestJournalFirst(t *testing.T) {
	changes := map[string]string{
		"PublishVersion": "publish", "CreateFunction": "copy", "DeleteFunction": "delete the copy",
		"UpdateFunctionConfiguration": "update $LATEST", "UpdateAlias": "point alias", "Invoke": "test",
	}
	var w *world
	w = newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		want, ok := changes[op]
		if !ok {
			return nil
		}
		open, err := w.o.Journal.Unfinished()
		if err != nil || len(open) != 1 {
			t.Errorf("%s: journal %v, %v", op, open, err)
			return nil
		}
		last := open[0].Steps[len(open[0].Steps)-1]
		if last.State != "started" || !strings.HasPrefix(last.Name, want) {
			t.Errorf("%s: the journal has %q %s, want %q started", op, last.Name, last.State, want)
		}
		return nil
	}}}, orders())
	if res := w.mustUpgrade(t, request); res.Outcome != Upgraded {
		t.Fatalf("outcome %q because %q", res.Outcome, res.Reason)
	}
	files, _ := filepath.Glob(filepath.Join(w.o.Journal.Path, "*"))
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"hunter2-value", "DB_PASSWORD", "ping"} {
			if strings.Contains(string(data), secret) {
				t.Errorf("%s contains %q", name, secret)
			}
		}
	}
}

// TestJournalBreaks: if the journal cannot be written during an upgrade, the upgrade is
// undone.
func TestJournalBreaks(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	onStep := w.o.OnStep
	w.o.OnStep = func(ctx context.Context, n int, step string) {
		onStep(ctx, n, step)
		if step != "point alias dev from $LATEST to 2" {
			return
		}
		if err := os.RemoveAll(w.o.Journal.Path); err != nil {
			t.Error(err)
		}
		if err := os.WriteFile(w.o.Journal.Path, []byte("a file where the directory was"), 0o600); err != nil {
			t.Error(err)
		}
	}
	res := w.mustUpgrade(t, request)
	if res.Outcome == Upgraded || !strings.Contains(res.Reason, "the journal could not be written") || w.count("UpdateFunctionConfiguration") > 0 {
		t.Errorf("outcome %q because %q after %d updates", res.Outcome, res.Reason, w.count("UpdateFunctionConfiguration"))
	}
	if diff := cmp.Diff(map[string]string{"live": "2", "dev": "$LATEST", "old": "1"}, w.aws.Aliases("orders")); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	w.noCopyLeft(t)
}
