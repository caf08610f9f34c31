package project

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"serverless-mcp/internal/deploy/bundle"
)

// App is the compiled CDK app; see [BuildApp].
type App struct{ program, work, dist string }

// BuildApp compiles the CDK app and writes placeholders for the zips, because the template
// contains only their hashes.
func BuildApp(root, work string) (App, error) {
	app := App{work: work, dist: filepath.Join(work, "dist")}
	if err := os.MkdirAll(app.dist, 0o755); err != nil {
		return App{}, err
	}
	names, err := bundle.Functions(root)
	if err != nil {
		return App{}, err
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(app.dist, name+".zip"), []byte("not a zip: "+name), 0o644); err != nil {
			return App{}, err
		}
	}
	app.program, err = Program(root, ".")
	return app, err
}

// Synthesize runs the app in a project's directory as the CDK's command line
// does, with settings as environment variables, and returns the template. A run
// takes two seconds of CPU time, so the template is kept in a file until the app or
// its input changes.
func (a App) Synthesize(root string, settings ...string) ([]byte, error) {
	context, err := cdkContext(root)
	if err != nil {
		return nil, err
	}
	input, err := a.inputOf(root, append([]string{context}, settings...))
	if err != nil {
		return nil, err
	}
	app, err := os.ReadFile(a.program)
	if err != nil {
		return nil, err
	}
	cached := cachedTemplate{Of: sha256.Sum256(app)}
	file, err := cacheFile(fmt.Sprintf("template-%x.json", input[:8]))
	if err != nil {
		return nil, err
	}
	if template := cached.read(file); template != nil {
		return template, nil
	}
	if cached.Template, err = a.run(root, context, settings); err != nil {
		return nil, err
	}
	return cached.Template, cached.write(file)
}

// inputOf returns a hash of the app's input: values, variables of AWS and the CDK, and .env.
func (a App) inputOf(root string, values []string) ([32]byte, error) {
	for _, variable := range os.Environ() {
		if strings.HasPrefix(variable, "AWS_") || strings.HasPrefix(variable, "CDK_") {
			values = append(values, variable)
		}
	}
	env, err := os.ReadFile(filepath.Join(root, ".env"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return [32]byte{}, err
	}
	return sha256.Sum256(fmt.Appendf(nil, "%q %q", values, env)), nil
}

// run runs the app.
func (a App) run(root, context string, settings []string) ([]byte, error) {
	dir, err := os.MkdirTemp(a.work, "cdk.out-")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(a.program)
	cmd.Env = append(os.Environ(), "CDK_OUTDIR="+dir, "CDK_CONTEXT_JSON="+context,
		"DIST_DIR="+a.dist, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20",
		"CDK_VALIDATION=false") // validation takes most of the time; the tests of package stacks validate the templates
	cmd.Env = append(cmd.Env, settings...)
	if out, err := Output(cmd, root); err != nil {
		return nil, fmt.Errorf("run the CDK app: %w\n%s", err, out)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.template.json"))
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("the CDK app wrote %d templates, want one", len(found))
	}
	return os.ReadFile(found[0])
}

// cdkContext returns the context of cdk.json as the CDK's command line passes it.
func cdkContext(root string) (string, error) {
	data, err := os.ReadFile(filepath.Join(root, "cdk.json"))
	if err != nil {
		return "", err
	}
	var file struct{ Context json.RawMessage }
	err = json.Unmarshal(data, &file)
	return string(file.Context), err
}
