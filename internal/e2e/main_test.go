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
	"strings"
	"testing"

	"serverless-mcp/internal/build"
)

// built is made once for all tests.
var built struct {
	samples  string            // folder of the functions as they are deployed
	fixtures string            // folder of the functions with the fixture's tools
	template map[string][]byte // what the CDK app wrote, by name of the settings below
}

// deployments are the settings that are synthesised: what a new user has, and
// everything that the tests need.
var deployments = map[string]map[string]string{
	"plain": {"API_KEY": deploymentKey},
	"full": {
		"API_KEY_SHA256": "0f00f0f0e1e1e1e1d2d2d2d2c3c3c3c3b4b4b4b4a5a5a5a59696969687878787",
		"STAGE":          "dev", "MEMORY_MB": "512", "AUTHORIZER_CACHE_SECONDS": "60",
		"THROTTLE_RATE": "500", "THROTTLE_BURST": "500", "ALLOWED_ORIGINS": "https://app.example.com",
		"LOG_LEVEL": "debug", "RESERVED_CONCURRENCY": "7",
		"TOOL_GREETING": "hello", "TOOL_SECRET_TOKEN": "", "TOOL_SECRET_OTHER": "",
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
	fixture, err := os.ReadFile("testdata/fixture.go.txt")
	if err != nil {
		return err
	}
	if err := replaceTools(clone, "tools.go", fixture); err != nil {
		return err
	}
	built.fixtures = filepath.Join(work, "fixtures")
	if err := buildFor(clone, built.fixtures); err != nil {
		return fmt.Errorf("build the functions with the fixture's tools: %w", err)
	}
	return synthesise(root, work)
}

// buildFor builds the functions below root as they are deployed, but for this
// machine.
func buildFor(root, out string) error {
	return build.Run(context.Background(), build.Options{Root: root, Out: out, GOOS: runtime.GOOS, GOARCH: runtime.GOARCH})
}

// synthesise runs the CDK app as its command line does, for each deployment.
// The zips it wants are of no concern to the template but for their hash.
func synthesise(root, work string) error {
	dist := filepath.Join(work, "dist")
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	names, err := build.Functions(root)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dist, name+".zip"), []byte("not a zip: "+name), 0o644); err != nil {
			return err
		}
	}
	app := filepath.Join(work, "cdkapp")
	if runtime.GOOS == "windows" {
		app += ".exe"
	}
	if out, err := output(exec.Command("go", "build", "-o", app, root), root); err != nil {
		return fmt.Errorf("build the CDK app: %w\n%s", err, out)
	}
	cdkContext, err := cdkContext(root)
	if err != nil {
		return err
	}
	built.template = map[string][]byte{}
	for name, values := range deployments {
		cmd := exec.Command(app)
		cmd.Env = append(os.Environ(), "CDK_OUTDIR="+filepath.Join(work, "cdk.out", name), "CDK_CONTEXT_JSON="+cdkContext,
			"DIST_DIR="+dist, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20")
		for key, value := range values {
			cmd.Env = append(cmd.Env, key+"="+value)
		}
		if out, err := output(cmd, root); err != nil {
			return fmt.Errorf("run the CDK app: %w\n%s", err, out)
		}
		found, err := filepath.Glob(filepath.Join(work, "cdk.out", name, "*.template.json"))
		if err != nil || len(found) != 1 {
			return fmt.Errorf("the CDK app wrote %d templates, want one", len(found))
		}
		if built.template[name], err = os.ReadFile(found[0]); err != nil {
			return err
		}
	}
	return nil
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

// replaceTools empties the tools folder of a copy and puts one file there.
func replaceTools(root, name string, content []byte) error {
	dir := filepath.Join(root, "tools")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), content, 0o644)
}

// binary names the programs in a folder, as local.Options wants it.
func binary(dir string) func(pkg string) string {
	return func(pkg string) string {
		if runtime.GOOS == "windows" {
			pkg += ".exe"
		}
		return filepath.Join(dir, strings.TrimSpace(pkg))
	}
}
