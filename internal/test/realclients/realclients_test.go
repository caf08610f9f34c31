package realclients_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/test/golden"
	"serverless-mcp/internal/test/interop"
	"serverless-mcp/internal/test/project"
)

// API keys of these tests.
const (
	goodKey  = "realclients-0123456789-abcdefghijklmnop"
	wrongKey = "realclients-wrong-987654321-abcdefghijk"
)

// timeout limits one run of a client. It is generous, for busy machines.
const timeout = 3 * time.Minute

// TestRealClients: every client connects to the server as it is deployed, and its agent loop
// calls a tool. With a wrong key or an unset variable it does not connect; the table in
// docs/clients.md has the client's output.
func TestRealClients(t *testing.T) {
	node, mcpctl := install(t)
	b := bench{node: node, mcpctl: mcpctl, server: startServer(t)}
	versions := readVersions(t, node.Dir)
	programs, packages := allClients(), libraries()
	rows := make([]string, len(programs)+len(packages))
	t.Run("", func(t *testing.T) {
		for i, c := range programs {
			t.Run(c.id, func(t *testing.T) {
				t.Parallel()
				rows[i] = fmt.Sprintf("| %s | %s | `~/%s` | %s |\n", c.name, versions[c.pkg], c.file, c.run(t, b))
			})
		}
		for i, l := range packages {
			t.Run(l.name, func(t *testing.T) {
				t.Parallel()
				rows[len(programs)+i] = fmt.Sprintf("| %s | %s | %s |\n", l.name, versions[l.pkg], l.run(t, b))
			})
		}
	})
	if !t.Failed() && !slices.Contains(rows, "") { // -run may have selected some of them
		checkTable(t, "| client | version | file | connects | protocol | calls `calculate` | with a wrong key | with an unset variable |\n|---|---|---|---|---|---|---|---|\n"+
			strings.Join(rows[:len(programs)], "")+
			"\n| library | version | connects | protocol | calls `calculate` | with a wrong key |\n|---|---|---|---|---|---|\n"+
			strings.Join(rows[len(programs):], ""))
	}
}

// install installs the clients and builds mcpctl, or skips the test.
func install(t *testing.T) (node interop.Node, mcpctl string) {
	t.Helper()
	if os.Getenv("REAL_CLIENTS") == "" {
		t.Skip("the clients are large: set REAL_CLIENTS=1 to install and run them")
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the packages with the programs are pinned for linux-x64 only")
	}
	node = interop.InstallIn(t, "internal/test/realclients/node")
	mcpctl, err := project.Program(project.Root, "./cmd/mcpctl")
	if err != nil {
		t.Fatal(err)
	}
	return node, mcpctl
}

// bench has the programs and the server that all clients use.
type bench struct {
	node           interop.Node
	mcpctl, server string
}

// run returns the rest of the client's row in the table.
func (c realClient) run(t *testing.T, b bench) string {
	t.Helper()
	s := record(t, b.server)
	good := c.try(t, b, s, goodKey)
	if len(good.keys) != 1 || !good.keys[goodKey] {
		t.Errorf("%s sent %d keys, want one", c.name, len(good.keys))
	}
	wrong := c.try(t, b, s, wrongKey)
	if c.keyInFile {
		return fmt.Sprintf("yes | %s | yes | %s | the key is in the file", good.protocol, c.shows(wrong))
	}
	unset := c.try(t, b, s, "")
	for key := range unset.keys {
		if key == goodKey || key == wrongKey {
			t.Errorf("%s with an unset variable sent a key", c.name)
		}
	}
	calls := "yes"
	if c.ask == nil {
		calls = "only with an account"
	}
	return fmt.Sprintf("yes | %s | %s | %s | %s, %s", good.protocol, calls, c.shows(wrong), c.shows(unset), unset.sent())
}

// shows returns what the client prints about a server that it cannot use.
func (c realClient) shows(r seen) string {
	if c.failed == nil {
		return "nothing"
	}
	m := c.failed.FindStringSubmatch(r.output)
	if m == nil {
		return "?"
	}
	return "“" + m[1] + "”"
}

// try configures the client with mcpctl, runs it with its variable set to key, and returns
// what it printed and sent. With the good key the client must connect and call the tool;
// otherwise it must not.
func (c realClient) try(t *testing.T, b bench, s *recorder, key string) seen {
	t.Helper()
	h := c.connect(t, b, s.url, key)
	attempts := 20
	if key != goodKey {
		attempts = 2
	}
	m := serveModel(t, attempts)
	if c.prepare != nil {
		c.prepare(t, h, m.url)
	}
	s.reset()
	var status string
	if c.list != nil {
		status = h.start(t, c.program, c.list, c.env)
		if c.connected.MatchString(status) != (key == goodKey) {
			t.Errorf("%s with %s:\n%s", c.name, describe(key), status)
		}
	}
	if c.ask != nil && (c.list == nil || key == goodKey) {
		args, env := c.ask(m.url)
		status += h.start(t, c.program, args, env)
		if m.calculated() != (key == goodKey) {
			t.Errorf("%s with %s: called the tool: %t; %s\n%s", c.name, describe(key), m.calculated(), m, status)
		}
	}
	if key != goodKey && c.failed != nil && !c.failed.MatchString(status) {
		t.Errorf("%s with %s prints no match for %s:\n%s", c.name, describe(key), c.failed, status)
	}
	result := s.seen()
	result.output = status
	return result
}

func describe(key string) string {
	return map[string]string{goodKey: "the key", wrongKey: "a wrong key", "": "an unset variable"}[key]
}

func readVersions(t *testing.T, dir string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var p struct{ Dependencies, OptionalDependencies map[string]string }
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	all := maps.Clone(p.Dependencies)
	maps.Copy(all, p.OptionalDependencies)
	return all
}

// checkTable compares the table in docs/clients.md, or with -update writes it.
func checkTable(t *testing.T, table string) {
	t.Helper()
	const path, begin, end = "../../../docs/clients.md", "<!-- real clients -->\n", "<!-- end of real clients -->\n"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks the markers of the table", path)
	}
	golden.Check(t, path, before+begin+table+end+after)
}
