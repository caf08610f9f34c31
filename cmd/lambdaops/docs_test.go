package main

import (
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/lambdaops/upgrade"
)

func manual(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "lambda-ops.md"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// TestManualSnippets: the snippets are JSON, and their flags exist.
func TestManualSnippets(t *testing.T) {
	n := 0
	for _, m := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(manual(t), -1) {
		n++
		var v map[string]any
		if err := json.Unmarshal([]byte(m[1]), &v); err != nil {
			t.Errorf("%v in\n%s", err, m[1])
		}
		for _, key := range []string{"mcpServers", "servers"} {
			if servers, ok := v[key].(map[string]any); ok {
				entry := servers["lambda-ops"].(map[string]any)
				var args []string
				for _, a := range entry["args"].([]any) {
					args = append(args, a.(string))
				}
				if _, err := parse(args, func(string) string { return "/home/x" }, io.Discard); err != nil || entry["command"] != "lambdaops" {
					t.Errorf("%s: command %v, args %v: %v", key, entry["command"], args, err)
				}
			}
		}
	}
	if n != 3 {
		t.Errorf("%d snippets of JSON, want 3", n)
	}
}

// TestManualFlags: the manual has exactly the program's flags.
func TestManualFlags(t *testing.T) {
	var want []string
	flags(&options{}, io.Discard).VisitAll(func(f *flag.Flag) { want = append(want, "--"+f.Name) })
	var got []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(--[a-z-]+)` \\|").FindAllStringSubmatch(manual(t), -1) {
		got = append(got, m[1])
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the manual has the flags %v, the program %v", got, want)
	}
}

// TestManualPermissions: the tools call only what the manual's policy allows, and the
// policy allows nothing else.
func TestManualPermissions(t *testing.T) {
	called := map[string]bool{"lambda:TagResource": true, "iam:PassRole": true} // parts of CreateFunction
	w := newWorld(t, awsfake.LambdaOptions{Options: awsfake.Options{Called: func(op, _ string) {
		if op == "Invoke" {
			op = "InvokeFunction"
		}
		called["lambda:"+op] = true
	}}}, orders())
	c := w.connect(t, clientOptions{})
	for _, call := range []struct {
		tool      string
		arguments map[string]any
	}{
		{"get_runtimes_info", nil},
		{"list_functions", map[string]any{"tag": "team", "states": true}},
		{"get_function", map[string]any{"function": "orders"}},
		{"invoke_function", map[string]any{"function": "orders", "confirm": true}},
		{"upgrade_runtime", map[string]any{"function": "orders", "confirm": true}},
		{"rollback_runtime", map[string]any{"function": "orders", "confirm": true}},
	} {
		if text, isError := c.call(t, call.tool, call.arguments); isError {
			t.Errorf("%s: %s", call.tool, text)
		}
		if !strings.Contains(manual(t), "| `"+call.tool+"` |") {
			t.Errorf("the manual does not have %s", call.tool)
		}
	}
	allowed := map[string]bool{}
	for _, m := range regexp.MustCompile(`"((?:lambda|iam):[A-Za-z]+)"`).FindAllStringSubmatch(policy(t), -1) {
		if m[1] != "iam:PassedToService" {
			allowed[m[1]] = true
		}
	}
	// CreateFunction requires these for a function in a VPC or with a file system:
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html and configuration-filesystem.html
	for _, action := range []string{"ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "elasticfilesystem:DescribeMountTargets"} {
		if !strings.Contains(policy(t), `"`+action+`"`) {
			t.Errorf("the policy lacks %s", action)
		}
	}
	for action := range called {
		if !allowed[action] {
			t.Errorf("the policy lacks %s", action)
		}
	}
	for action := range allowed {
		if !called[action] {
			t.Errorf("the policy allows %s, which is not called", action)
		}
	}
}

func policy(t *testing.T) string {
	t.Helper()
	m := regexp.MustCompile(`(?s)## Permissions.*?` + "```json\n(.*?)```").FindStringSubmatch(manual(t))
	if m == nil {
		t.Fatal("the manual has no policy")
	}
	return m[1]
}

// TestManualPolicyIsNarrow: permissions that could be misused are restricted to named
// roles, to Lambda, and to functions with the tag of a copy.
func TestManualPolicyIsNarrow(t *testing.T) {
	var p struct {
		Statement []struct {
			Action, Resource any
			Condition        map[string]map[string]string
		}
	}
	if err := json.Unmarshal([]byte(policy(t)), &p); err != nil {
		t.Fatal(err)
	}
	conditions := map[string]string{
		"iam:PassRole":          "StringEquals iam:PassedToService lambda.amazonaws.com",
		"lambda:CreateFunction": "StringLike aws:RequestTag/" + upgrade.TagCopyOf + " *",
		"lambda:TagResource":    "StringLike aws:RequestTag/" + upgrade.TagCopyOf + " *",
		"lambda:DeleteFunction": "StringLike aws:ResourceTag/" + upgrade.TagCopyOf + " *",
	}
	for _, s := range p.Statement {
		for _, action := range list(s.Action) {
			want, narrow := conditions[action]
			if !narrow {
				continue
			}
			delete(conditions, action)
			words := strings.Fields(want)
			if got := s.Condition[words[0]][words[1]]; got != words[2] {
				t.Errorf("%s has the condition %v, want %s", action, s.Condition, want)
			}
			for _, resource := range list(s.Resource) {
				if strings.HasSuffix(resource, "role/*") || strings.HasSuffix(resource, ":function:*") || resource == "*" {
					t.Errorf("%s is allowed on %s", action, resource)
				}
			}
		}
	}
	if len(conditions) > 0 {
		t.Errorf("the policy lacks %v", conditions)
	}
}

// list returns a value of a policy, a string or a list of strings, as a slice.
func list(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	var all []string
	for _, s := range v.([]any) {
		all = append(all, s.(string))
	}
	return all
}
