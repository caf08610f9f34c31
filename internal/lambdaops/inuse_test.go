package lambdaops

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
)

// oldVersion is a function whose $LATEST was upgraded, while its alias still serves a
// version with the old runtime.
func oldVersion(w *world) {
	f := function("shop", "nodejs18.x")
	f.Versions, f.Aliases = 1, map[string]string{"live": "1"}
	w.aws.Add(f)
	w.aws.Change("shop", func(c *awsfake.LambdaConfig) { c.Runtime = "nodejs24.x" })
}

// TestListFindsVersionsInUse: the runtime of a version that callers use counts as much
// as that of $LATEST.
func TestListFindsVersionsInUse(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, function("current", "nodejs24.x"))
	oldVersion(w)
	unused := function("unused", "nodejs18.x")
	unused.Versions = 2
	w.aws.Add(unused)
	w.aws.Change("unused", func(c *awsfake.LambdaConfig) { c.Runtime = "nodejs24.x" })
	for name, tc := range map[string]struct {
		arguments map[string]any
		want      []string
		runtimes  map[string]int
	}{
		"deprecated":  {map[string]any{"deprecated": true, "all": true}, []string{"shop"}, map[string]int{"nodejs18.x": 1}},
		"runtime":     {map[string]any{"runtime": "nodejs18.x", "all": true}, []string{"shop"}, map[string]int{"nodejs18.x": 1}},
		"within days": {map[string]any{"deprecated_within_days": 10}, []string{"shop"}, map[string]int{"nodejs18.x": 1}},
		"both":        {nil, []string{"current", "shop", "unused"}, map[string]int{"nodejs18.x": 1, "nodejs24.x": 3}},
		"latest only": {map[string]any{"deprecated": true, "latest_only": true}, nil, map[string]int{}},
	} {
		t.Run(name, func(t *testing.T) {
			var out listOutput
			if text, isError := w.call(t, "list_functions", tc.arguments, &out); isError {
				t.Fatal(text)
			}
			var got []string
			for _, f := range out.Functions {
				got = append(got, f.Name)
				if f.Name != "shop" {
					continue
				}
				want := []versionInUse{{Version: "1", Runtime: "nodejs18.x", RuntimeState: "deprecated", UsedBy: []string{"alias live"}}}
				if diff := cmp.Diff(want, f.Versions); diff != "" {
					t.Errorf("versions in use (-want +got):\n%s", diff)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("functions (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.runtimes, out.ByRuntime); diff != "" || out.Matched != len(tc.want) {
				t.Errorf("matched %d, by runtime (-want +got):\n%s", out.Matched, diff)
			}
		})
	}
}

// TestListReadsNoVersionsOfImages: container images have no runtime, so a listing makes
// no calls for their versions.
func TestListReadsNoVersionsOfImages(t *testing.T) {
	image := function("image", "")
	image.Config.PackageType = "Image"
	w := newWorld(t, awsfake.LambdaOptions{}, image, function("zip", "nodejs18.x"))
	var out listOutput
	if text, isError := w.call(t, "list_functions", nil, &out); isError || len(out.Functions) != 2 {
		t.Errorf("%d functions, %s", len(out.Functions), text)
	}
	if w.calls["ListAliases"] != 1 {
		t.Errorf("%d calls of ListAliases, want 1, for the function with a runtime", w.calls["ListAliases"])
	}
}

// TestListWithoutAliases: functions whose aliases may not be read are counted, and a
// missing permission that concerns all functions is reported once.
func TestListWithoutAliases(t *testing.T) {
	denied := func(denied string) func(string) *awsfake.Fault {
		return func(op string) *awsfake.Fault {
			if op == denied {
				return &awsfake.Fault{Error: &awsfake.Error{Status: 403, Code: "AccessDeniedException", Message: "no"}}
			}
			return nil
		}
	}
	functions := []awsfake.LambdaFunction{function("a", "nodejs18.x"), function("b", "nodejs24.x")}
	for op, want := range map[string][]string{
		"ListAliases":                       {"a: ListAliases: AccessDeniedException: no", "b: ListAliases: AccessDeniedException: no"},
		"ListEventSourceMappings":           {"versions in use may be missing: ListEventSourceMappings: AccessDeniedException: no"},
		"ListProvisionedConcurrencyConfigs": {"versions in use may be missing: ListProvisionedConcurrencyConfigs: AccessDeniedException: no"},
	} {
		w := newWorld(t, awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied(op)}}, functions...)
		var all, out listOutput
		w.call(t, "list_functions", nil, &all)
		if diff := cmp.Diff(want, all.NotReadable); diff != "" || all.Matched != 2 {
			t.Errorf("%s, all functions: matched %d, not readable (-want +got):\n%s", op, all.Matched, diff)
		}
		w.call(t, "list_functions", map[string]any{"deprecated": true}, &out)
		missed := 0
		if op == "ListAliases" {
			missed = 2
		}
		if diff := cmp.Diff(want, out.NotReadable); diff != "" || out.Missed != missed || out.Matched != 1 {
			t.Errorf("%s: missed %d, matched %d, not readable (-want +got):\n%s", op, out.Missed, out.Matched, diff)
		}
	}
}

// TestPlanNamesUsers: a plan names what uses $LATEST and which versions keep the old
// runtime.
func TestPlanNamesUsers(t *testing.T) {
	f := function("orders", "nodejs18.x")
	f.Versions, f.Aliases = 3, map[string]string{"live": "3", "old": "1"}
	f.Provisioned = map[string]int{"live": 1, "2": 1}
	f.Sources = []string{"", "old", "live"}
	w := newWorld(t, awsfake.LambdaOptions{}, f)
	var out upgradeOutput
	w.call(t, "upgrade_runtime", map[string]any{"function": "orders", "dry_run": true}, &out)
	all := strings.Join(out.Plan.Warnings, "\n")
	for _, want := range []string{
		"event source mapping orders-mapping-1 uses $LATEST and gets the new runtime at the update, before the test",
		"version 1 keeps its runtime nodejs18.x, and is in use by alias old, event source mapping orders-mapping-2 of alias old",
		"version 2 keeps its runtime nodejs18.x, and is in use by provisioned concurrency",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no warning %q in:\n%s", want, all)
		}
	}
	if strings.Contains(all, "version 3") || strings.Contains(all, "alias live") {
		t.Errorf("warned about the alias live, which the plan moves:\n%s", all)
	}
}

// TestRefusedPlan: a refused plan gives the reasons, and describes no steps.
func TestRefusedPlan(t *testing.T) {
	image := function("image", "")
	image.Config.PackageType = "Image"
	image.Versions, image.Aliases = 1, map[string]string{"live": "1"}
	manual := function("manual", "nodejs18.x")
	manual.UpdateMode = "Manual"
	w := newWorld(t, awsfake.LambdaOptions{}, image, manual, function("newest", "nodejs24.x"), function("unknown", "cobol85"), function("gone", "python2.7"))
	for name, want := range map[string]string{
		"image":   "the function is a container image, whose runtime is part of the image: build the image from a newer base image",
		"manual":  "runtime management is Manual: the function is pinned to one patch version of nodejs18.x, which other runtimes do not have. Find out why, and set it to Auto or FunctionUpdate first",
		"newest":  "nodejs24.x is the newest supported runtime of its language in the table of 2026-08-22: there is nothing to upgrade to",
		"unknown": "the table of runtimes of 2026-08-22 has no supported successor of cobol85: pass a target",
		"gone":    "$LATEST could not be put back, only aliases could: AWS has rejected python2.7 for updates since 2022-05-30. Pass accept_no_rollback: true, first with dry_run: true to see the plan, if no important caller uses the function without an alias, or if that is acceptable",
	} {
		t.Run(name, func(t *testing.T) {
			var out map[string]any
			if text, isError := w.call(t, "upgrade_runtime", map[string]any{"function": name, "dry_run": true}, &out); isError {
				t.Fatal(text)
			}
			plan := out["plan"].(map[string]any)
			if diff := cmp.Diff([]any{want}, plan["refusals"]); diff != "" {
				t.Errorf("refusals (-want +got):\n%s", diff)
			}
			if out["outcome"] != "refused" {
				t.Errorf("outcome %q, want refused", out["outcome"])
			}
			for _, list := range []string{"steps", "aliases", "warnings"} {
				if got := plan[list].([]any); len(got) > 0 {
					t.Errorf("%s of a refused plan: %v", list, got)
				}
			}
			if back, ok := plan["latest_can_be_rolled_back"]; ok {
				t.Errorf("a refused plan has latest_can_be_rolled_back %v", back)
			}
			for _, runtime := range []string{"from", "to"} {
				if got, ok := plan[runtime]; ok && got == "" {
					t.Errorf("%s is an empty runtime", runtime)
				}
			}
		})
	}
}
