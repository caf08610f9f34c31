package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"serverless-mcp/internal/test/files"
)

const module = "serverless-mcp"

// rule forbids direct and indirect imports, including those of tests. All paths are import
// paths; ours begin with "./". A path includes all packages below it.
type rule struct {
	why    string
	from   []string // packages that the rule applies to
	not    []string // what they must not import
	except []string // packages that are allowed nevertheless
}

var (
	cdk     = []string{"github.com/aws/aws-cdk-go", "github.com/aws/constructs-go", "github.com/aws/jsii-runtime-go", "github.com/cdklabs"}
	cloud   = []string{"github.com/aws/aws-sdk-go-v2", "github.com/aws/aws-lambda-go"}
	laptop  = []string{"./internal/emulator", "./internal/devserver", "./internal/clients", "./internal/deploy", "./internal/test", "./internal/settings/dotenv"}
	allMCP  = []string{"./internal/mcp", "./internal/tool", "./tools", "github.com/mark3labs/mcp-go"}
	aKey    = []string{"./internal/keys/apikey"}
	ofTests = []string{"./internal/test/clock", "./internal/test/golden", "./internal/test/rpc", "./internal/test/tokens"}
)

var rules = []rule{
	{why: "building a function or mcpctl must not download and compile the CDK",
		from: []string{"./cmd", "./functions", "./internal", "./tools", "./bench"}, not: cdk},
	{why: "deployed programs do not depend on code for the laptop",
		from: []string{"./functions", "./cmd/mcpd"}, not: laptop, except: []string{"./internal/clients/page", "./internal/clients/clientconfig"}},
	{why: "hosting runs in AWS and does not depend on code for the laptop",
		from: []string{"./internal/hosting"}, not: laptop, except: ofTests},
	{why: "functions that serve no MCP must start without it",
		from: []string{"./functions/authorizer", "./functions/page"}, not: allMCP},
	{why: "keys do not depend on MCP",
		from: []string{"./internal/keys"}, not: allMCP},
	{why: "an API key is pure: no AWS, no MCP",
		from: aKey, not: []string{"./internal", "github.com", "golang.org"}, except: append([]string{"github.com/google/go-cmp"}, aKey...)},
	{why: "MCP does not depend on Lambda or AWS: it is given a principal and tools",
		from: []string{"./internal/mcp"}, not: append([]string{"./internal", "./tools"}, cloud...),
		except: append([]string{"./internal/mcp", "./internal/tool"}, append(aKey, ofTests...)...)},
	{why: "the Lambda adapter does not depend on MCP",
		from: []string{"./internal/hosting/lambdahttp"}, not: allMCP},
	{why: "tools belong to the user: they depend on internal/tool and not on how they are served",
		from: []string{"./tools"}, not: []string{"./internal", "./cmd", "./functions", "./stacks", "github.com/aws/aws-lambda-go", "github.com/mark3labs/mcp-go/server"},
		except: append([]string{"./internal/tool", "./internal/test/golden"}, aKey...)},
	{why: "end-to-end tests read the template from a child process, as a user's CDK writes it",
		from: []string{"./internal/test/e2e", "./internal/test/clone", "./internal/test/project"}, not: []string{"./stacks"}},
}

// TestImports reports every import that a rule forbids.
func TestImports(t *testing.T) {
	all := imports(t)
	for _, r := range rules {
		checked := 0
		for pkg, deps := range all {
			if !below(pkg, r.from) {
				continue
			}
			checked++
			for _, dep := range deps {
				if below(dep, r.not) && !below(dep, r.except) {
					t.Errorf("%s imports %s: %s", pkg, dep, r.why)
				}
			}
		}
		if checked == 0 {
			t.Errorf("no package is below %v: the rule checks nothing", r.from)
		}
	}
}

// TestRulesFindImports checks that the list of imports contains imports of the kinds that the
// rules forbid, so that the rules can fail.
func TestRulesFindImports(t *testing.T) {
	all := imports(t)
	for pkg, dep := range map[string]string{
		"./stacks":                     "github.com/aws/aws-cdk-go",
		"./functions/mcp":              "github.com/mark3labs/mcp-go",
		"./internal/hosting/mcplambda": "github.com/aws/aws-lambda-go",
		"./cmd/mcpctl":                 "./internal/devserver",
	} {
		if !slices.ContainsFunc(all[pkg], func(found string) bool { return below(found, []string{dep}) }) {
			t.Errorf("%s does not import %s: the list of imports is not complete", pkg, dep)
		}
	}
}

// TestContainerHasTimeZones: cmd/mcpd includes the time zones, because its image has no time
// zone files.
func TestContainerHasTimeZones(t *testing.T) {
	if !slices.Contains(imports(t)["./cmd/mcpd"], "time/tzdata") {
		t.Error("./cmd/mcpd does not import time/tzdata")
	}
}

// imports returns what each package of this module and its tests import, directly or
// indirectly.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	deps, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	return deps
}

// listed runs go list once for all tests.
var listed = sync.OnceValues(func() (map[string][]string, error) {
	if err := files.DependOn("../../.."); err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "list", "-test", "-deps", "-json=ImportPath,Deps", module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, &stderr)
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
			return nil, fmt.Errorf("go list: %w", err)
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
		return nil, errors.New("go list printed no package of this module")
	}
	return deps, nil
})

// short returns an import path in the form of the rules. It maps test variants of a package,
// which go list prints as "p [p.test]", "p_test [p.test]" and "p.test", to the package.
func short(path string) string {
	path, _, _ = strings.Cut(path, " ")
	path = strings.TrimSuffix(strings.TrimSuffix(path, ".test"), "_test")
	if ours, ok := strings.CutPrefix(path, module+"/"); ok {
		return "./" + ours
	}
	return path
}

// below reports whether path is one of roots or below one.
func below(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return path == root || strings.HasPrefix(path, root+"/")
	})
}
