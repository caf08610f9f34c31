package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"serverless-mcp/internal/build"
)

// built is made once for all tests.
var built struct {
	app      cdkApp
	samples  string            // folder of the functions as they are deployed
	fixtures string            // folder of the functions with the fixture's tools
	template map[string][]byte // what the CDK app wrote, by name of the settings below
}

// deployments are the settings that are synthesised: what a new user has, and
// everything that the tests need.
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
	"shapes": {"API_KEY=" + deploymentKey, "SHAPES=http-api,stream", "STREAM_TIMEOUT_SECONDS=900"},
	"sessions": {
		"API_KEY=" + deploymentKey, "SHAPES=container", "CONTAINER_MIN_TASKS=2", "CONTAINER_SESSIONS=stateful", "NETWORK=public",
		"CONTAINER_IMAGE=123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/mcp@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	},
	"container": {
		"API_KEY=" + deploymentKey, "SHAPES=container", "ALLOWED_ORIGINS=https://app.example.com", "CONTAINER_MIN_TASKS=2", "TOOL_GREETING=hello", "TOOL_SECRET_TOKEN=",
		"CONTAINER_IMAGE=123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/mcp@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	},
}

func TestMain(m *testing.M) {
	work, err := os.MkdirTemp("", "e2e-")
	if err != nil {
		log.Fatal(err)
	}
	code := 1
	if err := prepare(work); err != nil {
		log.Print(err)
	} else {
		code = m.Run()
	}
	os.RemoveAll(work)
	os.Exit(code)
}

func prepare(work string) error {
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	built.samples = filepath.Join(work, "samples")
	if err := buildFor(root, built.samples); err != nil {
		return fmt.Errorf("build the functions: %w", err)
	}
	clone := filepath.Join(work, "clone")
	if err := copyModule(root, clone); err != nil {
		return err
	}
	if err := replaceTools(clone, "testdata/fixture.go.txt"); err != nil {
		return err
	}
	built.fixtures = filepath.Join(work, "fixtures")
	if err := buildFor(clone, built.fixtures); err != nil {
		return fmt.Errorf("build the functions with the fixture's tools: %w", err)
	}
	if built.app, err = buildApp(root, work); err != nil {
		return err
	}
	built.template = map[string][]byte{}
	for name, settings := range deployments {
		if built.template[name], err = built.app.synthesise(root, settings...); err != nil {
			return err
		}
	}
	return nil
}

// buildFor builds the functions below root, and the container's program, as they
// are deployed, but for this machine.
func buildFor(root, out string) error {
	o := build.Options{Root: root, Out: out, GOOS: runtime.GOOS, GOARCH: runtime.GOARCH}
	if err := build.Run(context.Background(), o); err != nil {
		return err
	}
	program, err := build.Program(context.Background(), o, "cmd/mcpd")
	if err != nil {
		return err
	}
	return os.WriteFile(o.Path("mcpd"), program, 0o755)
}

// cdkApp is the compiled CDK app, and a folder with what it wants to see.
type cdkApp struct{ program, work, dist string }

// buildApp compiles the CDK app, and lays out zips for it in name only: they
// are of no concern to the template but for their hash.
func buildApp(root, work string) (cdkApp, error) {
	app := cdkApp{filepath.Join(work, "cdkapp"), work, filepath.Join(work, "dist")}
	if runtime.GOOS == "windows" {
		app.program += ".exe"
	}
	if err := os.MkdirAll(app.dist, 0o755); err != nil {
		return cdkApp{}, err
	}
	names, err := build.Functions(root)
	if err != nil {
		return cdkApp{}, err
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(app.dist, name+".zip"), []byte("not a zip: "+name), 0o644); err != nil {
			return cdkApp{}, err
		}
	}
	if out, err := output(exec.Command("go", "build", "-o", app.program, root), root); err != nil {
		return cdkApp{}, fmt.Errorf("build the CDK app: %w\n%s", err, out)
	}
	return app, nil
}

// synthesise runs the app in a project's folder, with settings as variables, as
// the CDK's command line runs it, and returns the template.
func (a cdkApp) synthesise(root string, settings ...string) ([]byte, error) {
	context, err := cdkContext(root)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(a.work, "cdk.out-")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(a.program)
	cmd.Env = append(os.Environ(), "CDK_OUTDIR="+dir, "CDK_CONTEXT_JSON="+context,
		"DIST_DIR="+a.dist, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20")
	cmd.Env = append(cmd.Env, settings...)
	if out, err := output(cmd, root); err != nil {
		return nil, fmt.Errorf("run the CDK app: %w\n%s", err, out)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.template.json"))
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("the CDK app wrote %d templates, want one", len(found))
	}
	return os.ReadFile(found[0])
}

// cdkContext is the context of cdk.json as the CDK's command line passes it.
func cdkContext(root string) (string, error) {
	data, err := os.ReadFile(filepath.Join(root, "cdk.json"))
	if err != nil {
		return "", err
	}
	var file struct{ Context json.RawMessage }
	err = json.Unmarshal(data, &file)
	return string(file.Context), err
}

func output(cmd *exec.Cmd, dir string) (string, error) {
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	err := cmd.Run()
	return out.String(), err
}

// copyModule copies what a clone of the project would have.
func copyModule(from, to string) error {
	skip := map[string]bool{".git": true, "node_modules": true, "dist": true, "cdk.out": true, ".mcpctl": true, ".env": true}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case skip[d.Name()] && d.IsDir():
			return filepath.SkipDir
		case skip[d.Name()]:
			return nil
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o644)
	})
}

// replaceTools does to a copy's tools folder what "Make it yours" in README.md
// says: everything goes but config.go, and tools.go is the one given.
func replaceTools(root, tools string) error {
	dir := filepath.Join(root, "tools")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == "config.go" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	data, err := os.ReadFile(tools)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "tools.go"), data, 0o644)
}

// binary names the programs in a folder, as local.Options wants it.
func binary(dir string) func(pkg string) string {
	return func(pkg string) string {
		if runtime.GOOS == "windows" {
			pkg += ".exe"
		}
		return filepath.Join(dir, pkg)
	}
}
