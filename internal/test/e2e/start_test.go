package e2e

import (
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"serverless-mcp/internal/test/project"
)

// TestInitialization limits what our own packages allocate before main, because that slows
// every cold start: a regular expression in a package variable costs about ten kilobytes.
// Packages of optional features, such as sign-in, must allocate nothing.
func TestInitialization(t *testing.T) {
	needSamples(t)
	t.Parallel()
	const limit = 8 << 10 // bytes for each package
	optional := regexp.MustCompile(`^serverless-mcp/internal/(signin|hosting/signincheck|jobs|limits|metrics)$`)
	line := regexp.MustCompile(`(?m)^init (serverless-mcp/\S+) @.*, (\d+) bytes, (\d+) allocs$`)
	for _, name := range []string{"mcp", "authorizer"} {
		cmd := exec.Command(project.Binary(built.samples.get(t))(name))
		cmd.Env = []string{"GODEBUG=inittrace=1"}
		output, err := cmd.CombinedOutput() // without its environment the function does not start
		traced := line.FindAllStringSubmatch(string(output), -1)
		if len(traced) == 0 || err == nil {
			t.Fatalf("%s: %v, want an error after a trace of our packages:\n%s", name, err, output)
		}
		for _, found := range traced {
			if optional.MatchString(found[1]) {
				t.Errorf("%s: package %s allocates before main, even if its feature is off: %s bytes in %s allocations", name, found[1], found[2], found[3])
			}
			if bytes, _ := strconv.Atoi(found[2]); bytes > limit {
				t.Errorf("%s: package %s allocates %s bytes in %s allocations before main, want at most %d", name, found[1], found[2], found[3], limit)
			}
		}
	}
}
