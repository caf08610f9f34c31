package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "serverless-mcp"

// rule says that none of the packages below from may reach any below
// forbidden, directly or through others, tests included. All are import paths;
// ours begin with "./". A path stands for itself and all below it.
type rule struct {
	why       string
	from      []string
	forbidden []string
	allowed   []string // packages below forbidden that are fine
}

var rules = []rule{
	{
		why:       "building a function or mcpctl must not fetch and compile the CDK",
		from:      []string{"./cmd", "./functions", "./internal", "./tools", "./bench"},
		forbidden: []string{"github.com/aws/aws-cdk-go", "github.com/aws/constructs-go", "github.com/aws/jsii-runtime-go", "github.com/cdklabs"},
	},
	{
		why:       "a server in the cloud has no business with this machine's stand-ins or .env",
		from:      []string{"./functions", "./cmd/mcpd"},
		forbidden: []string{"./internal/emulator/lambdahost", "./internal/emulator/taskhost", "./internal/emulator/childproc", "./internal/emulator/gateway", "./internal/emulator/awsfake", "./internal/devserver/local", "./internal/settings/dotenv"},
	},
	{
		why:       "tools are the user's: they know internal/tool and nothing of how they are served",
		from:      []string{"./tools"},
		forbidden: []string{"./internal", "./cmd", "./functions", "./stacks", "github.com/aws/aws-lambda-go", "github.com/mark3labs/mcp-go/server"},
		allowed:   []string{"./internal/tool", "./internal/keys/apikey"}, // the principal's type
	},
	{
		why:       "the server is made of tools that it is handed",
		from:      []string{"./internal/mcp/mcpserver"},
		forbidden: []string{"./tools"},
	},
	{
		why:       "the key is pure: no AWS, no MCP",
		from:      []string{"./internal/keys/apikey"},
		forbidden: []string{"./internal", "github.com", "golang.org"},
		allowed:   []string{"./internal/keys/apikey", "github.com/google/go-cmp"}, // of its tests
	},
	{
		why:       "the adapter has one job and knows nothing of MCP",
		from:      []string{"./internal/hosting/lambdahttp"},
		forbidden: []string{"github.com/mark3labs/mcp-go", "./internal/mcp/mcphttp", "./internal/mcp/mcpserver", "./internal/tool"},
	},
	{
		why:       "end-to-end tests read the template as a stranger would: from a child process",
		from:      []string{"./internal/test/e2e"},
		forbidden: []string{"./stacks"},
	},
}

// TestImports reads the dependencies of every package of the module, tests
// included, and names each one that a rule forbids.
func TestImports(t *testing.T) {
	deps := reached(t)
	for _, r := range rules {
		for pkg, all := range deps {
			if !below(pkg, r.from) {
				continue
			}
			for _, dep := range all {
				if below(dep, r.forbidden) && !below(dep, r.allowed) {
					t.Errorf("%s reaches %s: %s", pkg, dep, r.why)
				}
			}
		}
	}
}

// TestRulesBite shows that a rule finds what it forbids: stacks reaches the
// CDK, so a rule against it must fail.
func TestRulesBite(t *testing.T) {
	if !slices.ContainsFunc(reached(t)["./stacks"], func(dep string) bool {
		return below(dep, []string{"github.com/aws/aws-cdk-go"})
	}) {
		t.Error("stacks does not reach the CDK: the list of dependencies is not what it seems")
	}
}

// reached lists, for each package of this module, everything that it or its
// tests import, directly or not, each path as rules have it.
func reached(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-test", "-deps", "-json=ImportPath,Deps,Standard,ForTest", module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	deps := map[string][]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Deps       []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		pkg := short(p.ImportPath)
		if !strings.HasPrefix(pkg, "./") {
			continue
		}
		for _, dep := range p.Deps {
			if dep := short(dep); dep != pkg {
				deps[pkg] = append(deps[pkg], dep)
			}
		}
	}
	if len(deps) == 0 {
		t.Fatal("go list named no package of this module")
	}
	return deps
}

// short is a path as rules have it. A package with its tests, which the go
// command lists as "p [p.test]", "p_test [p.test]" and "p.test", is the package.
func short(path string) string {
	path, _, _ = strings.Cut(path, " ")
	path = strings.TrimSuffix(strings.TrimSuffix(path, ".test"), "_test")
	if ours, ok := strings.CutPrefix(path, module+"/"); ok {
		return "./" + ours
	}
	return path
}

// below reports whether path is one of roots or stands below one.
func below(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return path == root || strings.HasPrefix(path, root+"/")
	})
}
