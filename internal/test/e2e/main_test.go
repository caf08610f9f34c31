package e2e

import (
	"errors"
	"log"
	"os"
	"sync"
	"testing"

	"serverless-mcp/internal/test/project"
)

// built holds everything that is expensive to build. Each part is built once, when the
// first test needs it.
var built struct {
	samples  once[string]            // directory of the functions as they are deployed
	clone    once[string]            // directory of a copy of the project with the fixture's tools
	fixtures once[string]            // directory of the functions of that copy
	mcpctl   once[string]            // the program mcpctl; see buildClocked
	app      once[project.App]       // the CDK app
	template map[string]once[[]byte] // template, by name in deployments
}

// once computes a value at the first call and returns it at every call.
type once[T any] func() (T, error)

func (o once[T]) get(t testing.TB) T {
	t.Helper()
	made, err := o()
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// deployments has the settings of the templates by name. "plain" has those of a new user.
var deployments = map[string][]string{
	"plain": {"API_KEY=" + deploymentKey},
	"full": {
		"API_KEY_SHA256=0f00f0f0e1e1e1e1d2d2d2d2c3c3c3c3b4b4b4b4a5a5a5a59696969687878787",
		"STAGE=dev", "PUBLIC_PAGE=true", "MEMORY_MB=512", "AUTHORIZER_CACHE_SECONDS=60",
		"THROTTLE_RATE=500", "THROTTLE_BURST=500", "ALLOWED_ORIGINS=https://app.example.com",
		"LOG_LEVEL=debug", "RESERVED_CONCURRENCY=7", "BEARER_ROUTE=true",
		"TOOL_GREETING=hello", "TOOL_SECRET_TOKEN=", "TOOL_SECRET_OTHER=",
	},
	"stream": {
		"API_KEY=" + deploymentKey, "SHAPES=stream", "ALLOWED_ORIGINS=https://app.example.com", "BEARER_ROUTE=true", "TOOL_GREETING=hello",
	},
	"shapes": {"API_KEY=" + deploymentKey, "SHAPES=http-api,stream", "STREAM_TIMEOUT_SECONDS=900", "KEY_LIMITS=true"},
	"jobs":   {"API_KEY=" + deploymentKey, "SHAPES=http-api,stream", "JOBS=true", "TOOL_GREETING=hello"},
	"sessions": {
		"API_KEY=" + deploymentKey, "SHAPES=container", "CONTAINER_MIN_TASKS=2", "CONTAINER_SESSIONS=stateful", "NETWORK=public",
		"CONTAINER_IMAGE=123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/mcp@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	},
	"container": {
		"API_KEY=" + deploymentKey, "SHAPES=container", "KEY_LIMITS=true", "ALLOWED_ORIGINS=https://app.example.com", "CONTAINER_MIN_TASKS=2", "TOOL_GREETING=hello", "TOOL_SECRET_TOKEN=",
		"CONTAINER_IMAGE=123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/mcp@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	},
}

func TestMain(m *testing.M) {
	project.ForgetSettings()
	project.RunParallel(8)
	work, err := os.MkdirTemp("", "e2e-")
	if err != nil {
		log.Fatal(err)
	}
	clone, remove, err := project.Folder("clone-e2e") // mcpctl diff compiles there
	if err != nil {
		log.Fatal(err)
	}
	declare(work, clone)
	code := m.Run()
	remove()
	os.RemoveAll(work)
	os.Exit(code)
}

// declare sets the functions that build the parts of built: the copy of the project in the
// folder clone, and the rest in directories below work.
func declare(work, clone string) {
	const root = project.Root
	built.samples = sync.OnceValues(func() (string, error) { return project.Build(root, "deployed") })
	built.clone = sync.OnceValues(func() (string, error) {
		return clone, errors.Join(project.CopyTo(root, clone), project.ReplaceTools(clone, "testdata/fixture.go.txt"), addClocks(clone))
	})
	built.fixtures = sync.OnceValues(func() (string, error) {
		clone, err := built.clone()
		if err != nil {
			return "", err
		}
		return project.Build(clone, "e2e")
	})
	built.mcpctl = sync.OnceValues(func() (string, error) { return buildClocked(root) })
	built.app = sync.OnceValues(func() (project.App, error) { return project.BuildApp(root, work) })
	built.template = map[string]once[[]byte]{}
	for name, list := range deployments {
		built.template[name] = sync.OnceValues(func() ([]byte, error) { return synthesize(list) })
	}
}

// synthesize returns a template with exactly the given settings, since the copy of the
// project has no .env.
func synthesize(list []string) ([]byte, error) {
	clone, err := built.clone()
	if err != nil {
		return nil, err
	}
	app, err := built.app()
	if err != nil {
		return nil, err
	}
	return app.Synthesize(clone, list...)
}
