package tools

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Config is what tools may use of their surroundings. Its zero value serves:
// no settings, no secrets, a plain process.
type Config struct {
	// Setting is the TOOL_* setting of that name, "" where it is not set.
	// nil means that none is.
	Setting func(name string) string
	// Secret is the value of the TOOL_SECRET_* of that name. It is read when
	// asked for and kept for a while, so ask in each call. nil means that
	// there are none.
	Secret func(ctx context.Context, name string) (string, error)
	// AWS is the region and the credentials of the server, for tools that call
	// AWS. Without a region there is none of it. What the server's role may
	// do there is granted in stacks/custom.go.
	AWS aws.Config
	// Now is the time; nil means time.Now.
	Now func() time.Time
	// Runtime is where the server runs.
	Runtime Runtime
}

// Runtime is where the server runs. On Lambda all of it is known; elsewhere the
// strings may be empty.
type Runtime struct {
	Region      string       // such as eu-central-1
	Function    string       // the function's name
	Version     string       // the function's version, such as $LATEST
	LogStream   string       // where this instance logs
	Started     time.Time    // when this instance started; zero means when All was called
	Invocations func() int64 // calls that this instance has had; nil means that nobody counts
}

func (cfg Config) withDefaults() Config {
	if cfg.Setting == nil {
		cfg.Setting = func(string) string { return "" }
	}
	if cfg.Secret == nil {
		cfg.Secret = func(_ context.Context, name string) (string, error) {
			return "", errors.New("there is no secret " + name)
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
