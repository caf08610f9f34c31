package upgrade

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"serverless-mcp/internal/awsfake"
	"serverless-mcp/internal/lambdaops/retry"
)

var request = Request{
	Function: "orders", Target: "nodejs24.x",
	Test: Test{Payload: []byte(`{"ping":1}`), Expect: []byte(`{"ping":1}`)},
}

// failsOn makes the functions that match answer with an error.
func failsOn(match func(awsfake.LambdaConfig) bool) func(awsfake.LambdaInvocation) awsfake.LambdaAnswer {
	return func(i awsfake.LambdaInvocation) awsfake.LambdaAnswer {
		if match(i.Function) {
			return awsfake.LambdaAnswer{Payload: []byte(`{"errorType":"Runtime.ImportModuleError","errorMessage":"secret detail"}`), Error: "Unhandled"}
		}
		return awsfake.LambdaAnswer{Payload: i.Payload}
	}
}

func isCopy(c awsfake.LambdaConfig) bool { return strings.Contains(c.FunctionName, "-lambdaops-copy-") }

func onNew(c awsfake.LambdaConfig) bool { return !isCopy(c) && c.Runtime == "nodejs24.x" }

// denied makes one operation fail from its n-th call on, in AWS's words.
func denied(operation string, n int) func(string) *awsfake.Fault {
	return func(op string) *awsfake.Fault {
		if op != operation {
			return nil
		}
		if n--; n > 0 {
			return nil
		}
		return &awsfake.Fault{Error: &awsfake.Error{Status: 403, Code: "AccessDeniedException", Message: "User: arn:aws:iam::123456789012:user/ops is not authorized to perform: lambda:" + op}}
	}
}

func TestUpgrade(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	res := w.mustUpgrade(t, request)
	if res.Outcome != Upgraded || res.Reason != "" || len(res.Problems) != 0 {
		t.Fatalf("outcome %q, reason %q, problems %v", res.Outcome, res.Reason, res.Problems)
	}
	if diff := cmp.Diff(map[string]string{"live": "3", "dev": "$LATEST", "old": "1"}, w.aws.Aliases("orders")); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	for version, want := range map[string]string{"$LATEST": "nodejs24.x", "3": "nodejs24.x", "2": "nodejs18.x", "1": "nodejs18.x"} {
		if got := w.aws.Runtime("orders", version); got != want {
			t.Errorf("version %s has %s, want %s", version, got, want)
		}
	}
	w.noCopyLeft(t)
	w.nothingOpen(t)
	want := []string{
		"publish a version with nodejs18.x",
		"copy the function as COPY with nodejs24.x", "test the copy", "delete the copy COPY",
		"point alias dev from $LATEST to 2",
		"update $LATEST to nodejs24.x", "test $LATEST",
		"publish a version with nodejs24.x",
		"point alias dev from 2 to $LATEST", "point alias live from 2 to 3",
	}
	copied := copyName("orders", res.Operation)
	for i := range w.told {
		w.told[i] = strings.ReplaceAll(w.told[i], copied, "COPY")
	}
	if diff := cmp.Diff(want, w.told); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// TestUndone is every way in which an upgrade can fail, and what is left.
func TestUndone(t *testing.T) {
	before := map[string]string{"live": "2", "dev": "$LATEST", "old": "1"}
	held := map[string]string{"live": "2", "dev": "2", "old": "1"}
	never := func(runtime string) func(awsfake.LambdaConfig, int) (string, string) {
		return func(c awsfake.LambdaConfig, _ int) (string, string) {
			if c.FunctionName == "orders" && c.Runtime == runtime {
				return "", ""
			}
			return "Successful", ""
		}
	}
	for name, tc := range map[string]struct {
		options  awsfake.LambdaOptions
		late     bool // after the old runtime's block-update date
		outcome  string
		reason   string
		aliases  map[string]string
		latest   string
		open     bool
		leftover bool
	}{
		"the copy fails its test": {
			options: awsfake.LambdaOptions{Answer: failsOn(isCopy)},
			outcome: Untouched, reason: "test the copy: the function failed (Unhandled, Runtime.ImportModuleError)", aliases: before, latest: "nodejs18.x",
		},
		"the copy cannot be made": {
			options: awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied("CreateFunction", 1)}},
			outcome: Untouched, reason: "CreateFunction: AccessDeniedException", aliases: before, latest: "nodejs18.x",
		},
		"the copy cannot start": {
			options: awsfake.LambdaOptions{Settle: func(c awsfake.LambdaConfig, _ int) (string, string) {
				if isCopy(c) {
					return "Failed", "the layer is gone"
				}
				return "Successful", ""
			}},
			outcome: Untouched, reason: "the layer is gone", aliases: before, latest: "nodejs18.x",
		},
		"the copy cannot be deleted": {
			options: awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied("DeleteFunction", 1)}},
			outcome: HalfDone, reason: "DeleteFunction: AccessDeniedException", aliases: before, latest: "nodejs18.x", open: true, leftover: true,
		},
		"no version can be published": {
			options: awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied("PublishVersion", 1)}},
			outcome: Untouched, reason: "PublishVersion: AccessDeniedException", aliases: before, latest: "nodejs18.x",
		},
		"the alias cannot be held": {
			options: awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied("UpdateAlias", 1)}},
			outcome: RolledBack, reason: "UpdateAlias: AccessDeniedException", aliases: before, latest: "nodejs18.x",
		},
		"the update is refused": {
			options: awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied("UpdateFunctionConfiguration", 1)}},
			outcome: RolledBack, reason: "UpdateFunctionConfiguration: AccessDeniedException", aliases: before, latest: "nodejs18.x",
		},
		"the update fails": {
			options: awsfake.LambdaOptions{Settle: func(c awsfake.LambdaConfig, _ int) (string, string) {
				if onNew(c) {
					return "Failed", "internal error"
				}
				return "Successful", ""
			}},
			outcome: RolledBack, reason: "internal error", aliases: before, latest: "nodejs18.x",
		},
		"the update takes too long": {
			options: awsfake.LambdaOptions{Settle: never("nodejs24.x")},
			outcome: HalfDone, reason: "not settled after 5m0s", aliases: held, latest: "nodejs24.x", open: true,
		},
		"the test after the update fails": {
			options: awsfake.LambdaOptions{Answer: failsOn(onNew)},
			outcome: RolledBack, reason: "test $LATEST: the function failed", aliases: before, latest: "nodejs18.x",
		},
		"the test fails and the old runtime is blocked": {
			options: awsfake.LambdaOptions{Answer: failsOn(onNew)}, late: true,
			outcome: ByAlias, reason: "test $LATEST: the function failed", aliases: held, latest: "nodejs24.x",
		},
		"the second version cannot be published": {
			options: awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied("PublishVersion", 2)}},
			outcome: RolledBack, reason: "PublishVersion: AccessDeniedException", aliases: before, latest: "nodejs18.x",
		},
	} {
		t.Run(name, func(t *testing.T) {
			now := today
			if tc.late {
				now = blocked
			}
			w := newWorld(t, now, tc.options, orders())
			r := request
			r.AcceptNoRollback = tc.late
			res := w.mustUpgrade(t, r)
			if res.Outcome != tc.outcome || !strings.Contains(res.Reason, tc.reason) {
				t.Errorf("outcome %q because %q, want %q because %q; problems %v", res.Outcome, res.Reason, tc.outcome, tc.reason, res.Problems)
			}
			if strings.Contains(res.Reason, "secret detail") {
				t.Errorf("the reason gives away what the function said: %q", res.Reason)
			}
			if diff := cmp.Diff(tc.aliases, w.aws.Aliases("orders")); diff != "" {
				t.Errorf("aliases (-want +got):\n%s", diff)
			}
			if got := w.aws.Runtime("orders", "$LATEST"); got != tc.latest {
				t.Errorf("$LATEST has %s, want %s", got, tc.latest)
			}
			if !tc.leftover {
				w.noCopyLeft(t)
			}
			if !tc.open {
				w.nothingOpen(t)
			} else if open, err := w.o.Journal.Unfinished(); err != nil || len(open) != 1 || len(res.Problems) == 0 {
				t.Errorf("open: %v, %v; problems %v; want one and a problem", open, err, res.Problems)
			}
		})
	}
}

// TestShiftIsUndone: an alias that cannot be shifted brings all of them back.
func TestShiftIsUndone(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func() func(string) *awsfake.Fault {
		n := 0
		return func(op string) *awsfake.Fault {
			if op == "UpdateAlias" {
				if n++; n == 3 { // dev is held, dev is back, live is shifted
					return &awsfake.Fault{Error: &awsfake.Error{Status: 412, Code: "PreconditionFailedException", Message: "The RevisionId provided does not match"}}
				}
			}
			return nil
		}
	}()}}, orders())
	res := w.mustUpgrade(t, request)
	if res.Outcome != RolledBack || !strings.Contains(res.Reason, "point alias live from 2 to 3") {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
	if diff := cmp.Diff(map[string]string{"live": "2", "dev": "$LATEST", "old": "1"}, w.aws.Aliases("orders")); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs18.x" {
		t.Errorf("$LATEST has %s", got)
	}
}

// TestLostAnswer: the update is made, its answer is lost, and the repeated call
// is told that the revision is old. That is no failure.
func TestLostAnswer(t *testing.T) {
	var w *world
	w = newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if op != "UpdateFunctionConfiguration" {
			return nil
		}
		w.aws.Change("orders", func(c *awsfake.LambdaConfig) { c.Runtime = "nodejs24.x" })
		return &awsfake.Fault{Error: &awsfake.Error{Status: 412, Code: "PreconditionFailedException", Message: "The RevisionId provided does not match"}}
	}}}, orders())
	if res := w.mustUpgrade(t, request); res.Outcome != Upgraded {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
}

// TestColleague: somebody deploys between the plan and the update.
func TestColleague(t *testing.T) {
	for name, at := range map[string]string{"after the plan": "PublishVersion", "during the test of the copy": "Invoke"} {
		t.Run(name, func(t *testing.T) {
			var w *world
			done := false
			w = newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
				if op == at && !done {
					done = true
					w.aws.Change("orders", func(c *awsfake.LambdaConfig) { c.MemorySize = 512 })
				}
				return nil
			}}}, plain())
			res := w.mustUpgrade(t, request)
			if !strings.Contains(res.Reason, "PreconditionFailedException") {
				t.Errorf("outcome %q because %q, want a failed precondition", res.Outcome, res.Reason)
			}
			c, _ := w.aws.Function("orders")
			if c.Runtime != "nodejs18.x" || c.MemorySize != 512 {
				t.Errorf("the function has %s and %d MB; want it as the colleague left it", c.Runtime, c.MemorySize)
			}
			w.noCopyLeft(t)
			w.nothingOpen(t)
		})
	}
}

// TestCallerGone: the client goes away in mid-upgrade. What was begun is undone.
func TestCallerGone(t *testing.T) {
	for name, at := range map[string]string{"while the copy is made": "copy the function", "while $LATEST is tested": "test $LATEST"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
			ctx, cancel := context.WithCancelCause(t.Context())
			told := w.o.Told
			w.o.Told = func(ctx context.Context, n int, words string) {
				told(ctx, n, words)
				if strings.HasPrefix(words, at) {
					cancel(errors.New("the client has gone"))
				}
			}
			p, err := w.Plan(ctx, request)
			if err != nil {
				t.Fatal(err)
			}
			res, err := w.Run(ctx, p)
			if err != nil || res.Outcome == Upgraded || res.Outcome == HalfDone {
				t.Errorf("outcome %q, %v, problems %v", res.Outcome, err, res.Problems)
			}
			if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs18.x" {
				t.Errorf("$LATEST has %s", got)
			}
			if diff := cmp.Diff(map[string]string{"live": "2", "dev": "$LATEST", "old": "1"}, w.aws.Aliases("orders")); diff != "" {
				t.Errorf("aliases (-want +got):\n%s", diff)
			}
			if n := w.heardOf("delete the copy"); n != 1 {
				t.Errorf("the copy was deleted in %d steps, want one", n)
			}
			w.noCopyLeft(t)
			w.nothingOpen(t)
		})
	}
}

// TestNoJournalNoChange: what cannot be written down is not done.
func TestNoJournalNoChange(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	if err := os.WriteFile(w.o.Journal.Path, []byte("a file where the directory should be"), 0o600); err != nil {
		t.Fatal(err)
	}
	if res, err := w.upgrade(t, request); err == nil {
		t.Errorf("went ahead without a journal: %+v", res)
	}
	for _, change := range []string{"PublishVersion", "CreateFunction", "UpdateFunctionConfiguration", "UpdateAlias"} {
		if w.count(change) > 0 {
			t.Errorf("called %s without a journal", change)
		}
	}
}

// TestJournalFirst: at the moment of each call that changes something, the
// journal on the disk names the step. It never holds a value.
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
			t.Errorf("%s: the journal says %q %s, want %q started", op, last.Name, last.State, want)
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
				t.Errorf("%s holds %q", name, secret)
			}
		}
	}
}

// TestJournalBreaks in the middle: nothing more is done, but what was done is
// undone.
func TestJournalBreaks(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	told := w.o.Told
	w.o.Told = func(ctx context.Context, n int, words string) {
		told(ctx, n, words)
		if words != "point alias dev from $LATEST to 2" {
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
	if res.Outcome == Upgraded || !strings.Contains(res.Reason, "could not be written down") || w.count("UpdateFunctionConfiguration") > 0 {
		t.Errorf("outcome %q because %q after %d updates", res.Outcome, res.Reason, w.count("UpdateFunctionConfiguration"))
	}
	if diff := cmp.Diff(map[string]string{"live": "2", "dev": "$LATEST", "old": "1"}, w.aws.Aliases("orders")); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	w.noCopyLeft(t)
}

// TestAliasMoved: somebody moves an alias during the upgrade. It is left there,
// and everything else goes back.
func TestAliasMoved(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	told := w.o.Told
	w.o.Told = func(ctx context.Context, n int, words string) {
		told(ctx, n, words)
		if words == "test $LATEST" {
			w.aws.Point("orders", "live", "1")
		}
	}
	res := w.mustUpgrade(t, request)
	if res.Outcome != RolledBack || !strings.Contains(res.Reason, "the alias points to 1") {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
	if diff := cmp.Diff(map[string]string{"live": "1", "dev": "$LATEST", "old": "1"}, w.aws.Aliases("orders")); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
}

// TestChangedAfterPublishing: the version is of what was planned, but $LATEST is
// no more.
func TestChangedAfterPublishing(t *testing.T) {
	var w *world
	published := false
	w = newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if op == "PublishVersion" {
			published = true
		} else if published && op == "GetFunctionConfiguration" && w.count("GetFunctionConfiguration") == 2 {
			w.aws.Change("orders", func(c *awsfake.LambdaConfig) { c.MemorySize = 512 })
		}
		return nil
	}}}, plain())
	res := w.mustUpgrade(t, request)
	if res.Outcome != Untouched || !strings.Contains(res.Reason, "somebody changed the function meanwhile: other memory") {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
}

// TestCopyIsTrue: what is tested is the function in all but the runtime.
func TestCopyIsTrue(t *testing.T) {
	f := orders()
	f.Tags = map[string]string{"team": "shop", "aws:cloudformation:stack-name": "shop"}
	f.Config.Layers = []awsfake.LambdaLayer{{Arn: "arn:aws:lambda:eu-central-1:1:layer:tools:1"}}
	f.Config.Architectures, f.Config.MemorySize, f.Config.Timeout = []string{"arm64"}, 512, 7
	f.Config.VpcConfig = []byte(`{"SecurityGroupIds":["sg-1"],"SubnetIds":["subnet-1"]}`)
	f.Config.TracingConfig = []byte(`{"Mode":"Active"}`)
	f.Config.EphemeralStorage = []byte(`{"Size":1024}`)
	f.Config.FileSystemConfigs = []byte(`[{"Arn":"arn:aws:elasticfilesystem:eu-central-1:1:access-point/fsap-1","LocalMountPath":"/mnt/x"}]`)
	f.Config.LoggingConfig = []byte(`{"LogFormat":"JSON","LogGroup":"/aws/lambda/orders"}`)
	f.Config.KMSKeyArn = "arn:aws:kms:eu-central-1:1:key/k"
	var copied, original awsfake.LambdaConfig
	var tags map[string]string
	var w *world
	w = newWorld(t, today, awsfake.LambdaOptions{Answer: func(i awsfake.LambdaInvocation) awsfake.LambdaAnswer {
		if isCopy(i.Function) {
			copied, tags = i.Function, w.aws.Tags(i.Function.FunctionName)
			original, _ = w.aws.Function("orders")
		}
		return awsfake.LambdaAnswer{Payload: i.Payload}
	}}, f)
	res := w.mustUpgrade(t, request)
	if res.Outcome != Upgraded {
		t.Fatalf("outcome %q because %q", res.Outcome, res.Reason)
	}
	want := original
	want.Runtime = "nodejs24.x"
	ignore := cmpopts.IgnoreFields(awsfake.LambdaConfig{}, "FunctionName", "FunctionArn", "Description", "RevisionId", "LastModified")
	asJSON := cmp.Comparer(func(a, b json.RawMessage) bool { return string(a) == string(b) })
	if diff := cmp.Diff(want, copied, ignore, asJSON); diff != "" {
		t.Errorf("the copy (-want +got):\n%s", diff)
	}
	wantTags := map[string]string{"team": "shop", TagCopyOf: "orders", TagOperation: res.Operation}
	if diff := cmp.Diff(wantTags, tags); diff != "" {
		t.Errorf("its tags (-want +got):\n%s", diff)
	}
}

// wrongCode answers every download with something else.
type wrongCode struct{}

func (wrongCode) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("other code"))}, nil
}

func TestWrongCode(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	w.o.HTTP = &http.Client{Transport: wrongCode{}}
	res := w.mustUpgrade(t, request)
	if res.Outcome != Untouched || !strings.Contains(res.Reason, "CodeSha256") || w.count("CreateFunction") > 0 {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
}

// TestTestRunsOnce: a test whose answer got lost may have been run, and is not
// run again by the SDK.
func TestTestRunsOnce(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if op == "Invoke" {
			return &awsfake.Fault{Hangup: true}
		}
		return nil
	}}}, plain())
	o := w.o.Lambda.Options()
	o.Retryer = retry.Telling(awsretry.NewStandard(func(o *awsretry.StandardOptions) {
		o.Backoff = awsretry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	}))
	w.o.Lambda = lambda.New(o)
	if res := w.mustUpgrade(t, request); res.Outcome != Untouched || w.count("Invoke") != 1 {
		t.Errorf("outcome %q because %q after %d tests, want one", res.Outcome, res.Reason, w.count("Invoke"))
	}
}
