package tools

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Config holds what tools may use from their environment. Its zero value works: it has
// no settings and no secrets, and describes a plain process.
type Config struct {
	// Setting returns the TOOL_* setting of that name, "" if it is unset.
	// nil means that none is set.
	Setting func(name string) string
	// Secret returns the value of the tool secret TOOL_SECRET_* of that name.
	// Values are read on first use and cached, so call it in each tool call.
	// nil means that there are no secrets.
	Secret func(ctx context.Context, name string) (string, error)
	// AWS holds the region and the credentials of the server, for tools that
	// call AWS. An empty region means that AWS is not configured. Permissions
	// are granted in stacks/custom.go.
	AWS aws.Config
	// Now returns the current time; nil means time.Now.
	Now func() time.Time
	// Runtime describes where the server runs.
	Runtime Runtime
}

// Runtime describes where the server runs. On Lambda every field is set;
// elsewhere the strings may be empty.
type Runtime struct {
	Region      string       // such as eu-central-1
	Function    string       // the function's name
	Version     string       // the function's version, such as $LATEST
	LogStream   string       // CloudWatch log stream of this instance
	Started     time.Time    // when this instance started; zero means the time of the call of All
	Invocations func() int64 // number of calls to this instance; nil means that calls are not counted
}

func (cfg Config) withDefaults() Config {
	if cfg.Setting == nil {
		cfg.Setting = func(string) string { return "" }
	}
	if cfg.Secret == nil {
		cfg.Secret = func(_ context.Context, name string) (string, error) {
			return "", errors.New("secret " + name + " is not configured")
		}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Runtime.Started.IsZero() {
		cfg.Runtime.Started = cfg.Now()
	}
	if cfg.Runtime.Invocations == nil {
		cfg.Runtime.Invocations = func() int64 { return 0 }
	}
	return cfg
}
