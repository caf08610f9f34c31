package mcpd

import (
	"errors"
	"fmt"
	"strconv"

	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/settings"
)

// budgets are the limits that settings.ContainerEnv writes into the environment.
type budgets struct {
	message int // bytes of a request body
	perKey  int // requests of a key in progress
	bytes   int // of all request bodies in progress, and again of all events of sessions
}

// readBudgets reads the limits. The error reports every value that is not a positive
// number.
func readBudgets(getenv func(string) string) (budgets, error) {
	b := budgets{message: 1 << 20, perKey: 100, bytes: 16 << 20}
	var problems []error
	for _, limit := range []struct {
		name  string
		field *int
	}{{settings.EnvMaxMessage, &b.message}, {settings.EnvCallsPerKey, &b.perKey}, {settings.EnvBudgetBytes, &b.bytes}} {
		value := getenv(limit.name)
		if value == "" {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			problems = append(problems, fmt.Errorf("configuration: %s %q is not a positive whole number", limit.name, value))
		}
		*limit.field = n
	}
	return b, errors.Join(problems...)
}

// apply sets the limits of the handler.
func (b budgets) apply(o *serve.Options) {
	o.MaxBody, o.MaxKeyCalls, o.MaxBytes, o.MaxStreams = int64(b.message), b.perKey, int64(b.bytes), b.streams()
}

// streams returns how many streams of sessions may be open: 512 in the smallest task.
func (b budgets) streams() int { return max(1, b.bytes>>15) }

// connections returns how many connections there may be: three for each stream. On at
// most two of the three a request is being handled, and one of these requests may be a
// stream.
func (b budgets) connections() int { return 3 * b.streams() }
