package upgrade

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/lambdaops/journal"
	"serverless-mcp/internal/lambdaops/runtimes"
)

func TestPlanChangesNothing(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	p, err := w.Plan(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	want := []AliasPlan{
		{Name: "dev", Version: "$LATEST", Action: Hold, Reason: "it follows $LATEST: it points to the old version until the test has passed"},
		{Name: "live", Version: "2", Action: Shift, Reason: "version 2 is the same as $LATEST"},
		{Name: "old", Version: "1", Action: Leave, Reason: "version 1 and $LATEST differ in code, and $LATEST has not been released to this alias: it stays on nodejs18.x"},
	}
	if diff := cmp.Diff(want, p.Aliases); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	if !p.LatestBack || p.Refused() != nil || p.To != "nodejs24.x" {
		t.Errorf("plan: %+v", p)
	}
	for _, op := range w.calls {
		if !strings.HasPrefix(op, "Get") && !strings.HasPrefix(op, "List") {
			t.Errorf("planning called %s", op)
		}
	}
}

func always() bool { return true }

// TestImageIsRefusedOnce: a container image has no runtime to upgrade, so the plan gives no
// other reason.
func TestImageIsRefusedOnce(t *testing.T) {
	image := plain()
	image.Config.PackageType, image.Config.Runtime, image.Config.State = "Image", "", "Failed"
	for _, target := range []string{"", "nodejs24.x"} {
		p, err := newWorld(t, today, awsfake.LambdaOptions{}, image).Plan(t.Context(), Request{Function: "orders", Target: target})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Refusals) != 1 || !strings.HasPrefix(p.Refusals[0], "the function is a container image") {
			t.Errorf("target %q: refusals %q, want one", target, p.Refusals)
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	with := func(change func(*awsfake.LambdaFunction)) awsfake.LambdaFunction {
		f := plain()
		change(&f)
		return f
	}
	image := with(func(f *awsfake.LambdaFunction) { f.Config.PackageType = "Image" })
	for name, tc := range map[string]struct {
		function awsfake.LambdaFunction
		options  awsfake.LambdaOptions
		change   func(*Request)
		now      time.Time
		want     string
	}{
		"container image": {function: image, want: "container image"},
		"tags denied":     {options: awsfake.LambdaOptions{NoTags: always}, want: "the tags cannot be read (AccessDeniedException): check the permission lambda:ListTags"},
		"manual runtime":  {function: with(func(f *awsfake.LambdaFunction) { f.UpdateMode = "Manual" }), want: "runtime management is Manual"},
		"unreadable environment": {function: with(func(f *awsfake.LambdaFunction) {
			f.Config.Environment = &awsfake.LambdaEnvironment{Error: &awsfake.LambdaEnvironmentError{ErrorCode: "AccessDeniedException"}}
		}), want: "environment variables cannot be read"},
		"durable":           {function: with(func(f *awsfake.LambdaFunction) { f.Config.DurableConfig = []byte(`{"ExecutionTimeout":60}`) }), want: "durable"},
		"capacity provider": {function: with(func(f *awsfake.LambdaFunction) { f.Config.CapacityProviderConfig = []byte(`{}`) }), want: "capacity provider"},
		"tenants": {function: with(func(f *awsfake.LambdaFunction) {
			f.Config.TenancyConfig = []byte(`{"TenantIsolationMode":"PER_TENANT"}`)
		}), want: "tenants"},
		"too much code":     {function: with(func(f *awsfake.LambdaFunction) { f.Code = make([]byte, maxCopy+1) }), want: "the code has 52428801 bytes, and a copy for the test can have at most 52428800"},
		"edge replica":      {function: with(func(f *awsfake.LambdaFunction) { f.Config.MasterArn = "arn:aws:lambda:us-east-1:1:function:m:1" }), want: "CloudFront"},
		"failed":            {function: with(func(f *awsfake.LambdaFunction) { f.Config.State = "Failed" }), want: "state is Failed"},
		"under way":         {function: with(func(f *awsfake.LambdaFunction) { f.Config.LastUpdateStatus = "InProgress" }), want: "last update is InProgress"},
		"other language":    {change: func(r *Request) { r.Target = "python3.13" }, want: "another language"},
		"deprecated target": {change: func(r *Request) { r.Target = "nodejs20.x" }, want: "nodejs20.x is deprecated, not supported (end of support 2026-04-30)"},
		"preview target":    {change: func(r *Request) { r.Target = "nodejs26.x" }, want: "nodejs26.x is preview, not supported"},
		"unknown target":    {change: func(r *Request) { r.Target = "nodejs23.x" }, want: `"nodejs23.x" is not in the table`},
		"the same":          {change: func(r *Request) { r.Target = "nodejs18.x" }, want: "already has nodejs18.x"},
		"backwards": {
			function: with(func(f *awsfake.LambdaFunction) { f.Config.Runtime = "nodejs24.x" }),
			change:   func(r *Request) { r.Target = "nodejs22.x" }, want: "is older than nodejs24.x",
		},
		"nothing to recommend": {
			function: with(func(f *awsfake.LambdaFunction) { f.Config.Runtime = "nodejs24.x" }),
			change:   func(r *Request) { r.Target = "" }, want: "nodejs24.x is the newest supported runtime of its language",
		},
		"no way back":     {now: blocked, want: "accept_no_rollback"},
		"bad name":        {change: func(r *Request) { r.Function = "orders:live" }, want: "neither a function's name"},
		"path in a name":  {change: func(r *Request) { r.Function = "../orders" }, want: "neither a function's name"},
		"bad payload":     {change: func(r *Request) { r.Test.Payload = []byte("{") }, want: "payload is not JSON"},
		"bad expectation": {change: func(r *Request) { r.Test.Expect = []byte("nope") }, want: "expect is not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.function.Config.FunctionName == "" {
				tc.function = plain()
			}
			if tc.now.IsZero() {
				tc.now = today
			}
			w := newWorld(t, tc.now, tc.options, tc.function)
			r := request
			if tc.change != nil {
				tc.change(&r)
			}
			_, err := w.upgrade(t, r)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one about %q", err, tc.want)
			}
			for _, op := range w.calls {
				if !strings.HasPrefix(op, "Get") && !strings.HasPrefix(op, "List") {
					t.Errorf("a refused upgrade called %s", op)
				}
			}
		})
	}
}

func TestUpgradeWithUnfinishedOperation(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	c, _ := w.aws.Function("orders")
	if _, err := w.o.Journal.Begin(journal.Operation{ID: "earlier", ARN: c.FunctionArn}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.upgrade(t, request); err == nil || !strings.Contains(err.Error(), "earlier, is not finished") {
		t.Errorf("error %v, want one about the earlier operation", err)
	}
}

func TestPlanWarns(t *testing.T) {
	f := plain()
	f.Tags = map[string]string{"aws:cloudformation:stack-name": "shop"}
	f.Config.Layers = []awsfake.LambdaLayer{{Arn: "arn:aws:lambda:eu-central-1:1:layer:tools:1"}}
	w := newWorld(t, today, awsfake.LambdaOptions{}, f)
	p, err := w.Plan(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(p.Warnings, "\n")
	for _, want := range []string{"stack shop", "callback", "keeps its layer", "no alias protects them", "with real effects"} {
		if !strings.Contains(all, want) {
			t.Errorf("no warning about %q in:\n%s", want, all)
		}
	}
}

// TestLatestBackNeedsADate: without a block-update date it is unknown whether AWS still
// accepts a deprecated runtime, so the plan does not promise to put $LATEST back.
func TestLatestBackNeedsADate(t *testing.T) {
	for name, tc := range map[string]struct {
		runtime runtimes.Runtime
		want    bool
	}{
		"supported":                  {runtimes.Runtime{}, true},
		"deprecated, without a date": {runtimes.Runtime{Deprecation: "2026-01-01"}, false},
		"deprecated, not yet":        {runtimes.Runtime{Deprecation: "2026-01-01", BlockUpdate: "2027-01-01"}, true},
		"blocked":                    {runtimes.Runtime{Deprecation: "2026-01-01", BlockUpdate: "2026-11-21"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
			tc.runtime.Identifier, tc.runtime.Name = "nodejs18.x", "Node.js 18"
			w.o.Table = func(context.Context) runtimes.Table {
				return runtimes.Table{Runtimes: []runtimes.Runtime{tc.runtime, {Identifier: "nodejs24.x", Name: "Node.js 24"}}}
			}
			p, err := w.Plan(t.Context(), request)
			if err != nil || p.LatestBack != tc.want || (p.Refused() == nil) != tc.want {
				t.Errorf("$LATEST can be put back: %v, refused %v, %v; want %v", p.LatestBack, p.Refused(), err, tc.want)
			}
		})
	}
}

// TestFingerprint: a confirmation is no longer valid once anything that the plan depends on
// has changed.
func TestFingerprint(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	plan := func(r Request) string {
		t.Helper()
		p, err := w.Plan(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return p.Fingerprint
	}
	first := plan(request)
	if plan(request) != first {
		t.Error("the same plan has another fingerprint")
	}
	other := request
	other.Test.Payload = []byte(`{}`)
	if plan(other) == first {
		t.Error("another test has the same fingerprint")
	}
	w.aws.Change("orders", func(c *awsfake.LambdaConfig) { c.MemorySize = 1024 })
	if plan(request) == first {
		t.Error("a changed function has the same fingerprint")
	}
	before := plan(request)
	w.aws.Point("orders", "live", "1") // which leaves the function's revision as it is
	if plan(request) == before {
		t.Error("a moved alias has the same fingerprint")
	}
}

// TestOnlyTheSameReleaseIsShifted: an alias whose version differs from $LATEST in any
// setting stays; so does one with weighted routing.
func TestOnlyTheSameReleaseIsShifted(t *testing.T) {
	action := func(w *world) (string, string) {
		t.Helper()
		p, err := w.Plan(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range p.Aliases {
			if a.Name == "live" {
				return a.Action, a.Reason
			}
		}
		return "", ""
	}
	for what, change := range map[string]func(*awsfake.LambdaConfig){
		"code":    func(c *awsfake.LambdaConfig) { c.CodeSha256 = "new" },
		"handler": func(c *awsfake.LambdaConfig) { c.Handler = "new.handler" },
		"role":    func(c *awsfake.LambdaConfig) { c.Role = "arn:aws:iam::123456789012:role/new" },
		"environment": func(c *awsfake.LambdaConfig) {
			c.Environment = &awsfake.LambdaEnvironment{Variables: map[string]string{"A": "new"}}
		},
		"layers":            func(c *awsfake.LambdaConfig) { c.Layers = []awsfake.LambdaLayer{{Arn: "new"}} },
		"memory or timeout": func(c *awsfake.LambdaConfig) { c.MemorySize = 1024 },
		"network":           func(c *awsfake.LambdaConfig) { c.VpcConfig = []byte(`{"SubnetIds":["new"]}`) },
		"architecture":      func(c *awsfake.LambdaConfig) { c.Architectures = []string{"arm64"} },
		"ephemeral storage": func(c *awsfake.LambdaConfig) { c.EphemeralStorage = []byte(`{"Size":1024}`) },
		"file systems":      func(c *awsfake.LambdaConfig) { c.FileSystemConfigs = []byte(`[{"Arn":"new"}]`) },
		"tracing":           func(c *awsfake.LambdaConfig) { c.TracingConfig = []byte(`{"Mode":"Active"}`) },
		"logging":           func(c *awsfake.LambdaConfig) { c.LoggingConfig = []byte(`{"LogGroup":"new"}`) },
		"key":               func(c *awsfake.LambdaConfig) { c.KMSKeyArn = "arn:aws:kms:eu-central-1:1:key/new" },
		"SnapStart": func(c *awsfake.LambdaConfig) {
			c.SnapStart = &awsfake.LambdaSnapStart{ApplyOn: "PublishedVersions", OptimizationStatus: "Off"}
		},
		"dead-letter queue": func(c *awsfake.LambdaConfig) { c.DeadLetterConfig = []byte(`{"TargetArn":"new"}`) },
	} {
		w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
		w.aws.Change("orders", change)
		if got, why := action(w); got != Leave || !strings.Contains(why, what) {
			t.Errorf("other %s: %s (%s), want it left", what, got, why)
		}
	}
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	w.aws.Split("orders", "live", map[string]float64{"1": 0.1})
	if got, why := action(w); got != Leave || !strings.Contains(why, "weighted routing") {
		t.Errorf("weights: %s (%s), want it left", got, why)
	}
}

// TestSnapStartStatusIsIgnored: versions are optimized, $LATEST never is.
func TestSnapStartStatusIsIgnored(t *testing.T) {
	f := orders()
	f.Config.SnapStart = &awsfake.LambdaSnapStart{ApplyOn: "PublishedVersions", OptimizationStatus: "On"}
	w := newWorld(t, today, awsfake.LambdaOptions{}, f)
	w.aws.Change("orders", func(c *awsfake.LambdaConfig) {
		c.SnapStart = &awsfake.LambdaSnapStart{ApplyOn: "PublishedVersions", OptimizationStatus: "Off"}
	})
	p, err := w.Plan(t.Context(), request)
	if err != nil || p.Aliases[1].Name != "live" || p.Aliases[1].Action != Shift {
		t.Errorf("aliases %+v, %v; want live shifted", p.Aliases, err)
	}
}
