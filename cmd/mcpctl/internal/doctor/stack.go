package doctor

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/deploy/bundle"
	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
)

// stackFacts reads from AWS what the checks of a stack need. For each part that cannot be
// read, the result has an error.
func stackFacts(ctx context.Context, env *cli.Env, s *deployed.Stack) doctor.Stack {
	var facts doctor.Stack
	functions, err := s.Functions(ctx)
	facts.FunctionsErr = err
	timeouts, err := s.IntegrationTimeouts(ctx)
	facts.IntegrationTimeoutsErr = err
	errors, err := s.Errors(ctx, functions, time.Now())
	facts.ErrorsErr = err
	facts.Keys, facts.KeysErr = s.IssuedKeys(ctx)
	facts.Concurrency, facts.ConcurrencyErr = s.Concurrency(ctx)
	facts.Status = s.Status
	if s.Protected {
		facts.Unprotect = s.UnprotectCommand()
	}
	facts.ToolSecrets, facts.ToolSecretsErr = toolSecrets(ctx, env, s)
	built := map[string]string{}
	if len(functions) > 0 {
		built = builtHere(ctx, env)
	}
	for _, f := range functions {
		facts.Functions = append(facts.Functions, doctor.Function{
			ID: f.ID, LogGroup: f.LogGroup, Timeout: f.Timeout, IntegrationTimeout: timeouts[f.Name], Errors: errors[f.Name],
			SHA256: f.SHA256, Built: built[strings.ToLower(f.ID)],
		})
	}
	return facts
}

// toolSecrets returns the tool secrets by the names of their settings.
func toolSecrets(ctx context.Context, env *cli.Env, s *deployed.Stack) ([]doctor.ToolSecret, error) {
	states, err := s.ToolSecretStates(ctx)
	if err != nil {
		return nil, err
	}
	local, _ := env.Settings() // a mistake in another setting does not matter
	names := map[string]string{}
	for name := range local.ToolSecrets {
		names[settings.ToolSecretID(name)] = name
	}
	var all []doctor.ToolSecret
	for _, state := range states {
		all = append(all, doctor.ToolSecret{Name: cmp.Or(state.Name, names[state.ID], settingName(state.ID)), Set: state.Set})
	}
	return all, nil
}

// settingName reverses [settings.ToolSecretID] for a setting that neither the stack nor
// the settings name: TOOL_SECRET_TOKEN for ToolSecretToken.
func settingName(id string) string {
	var name strings.Builder
	for i, r := range id {
		if i > 0 && unicode.IsUpper(r) {
			name.WriteByte('_')
		}
		name.WriteRune(unicode.ToUpper(r))
	}
	return name.String()
}

// builtHere builds the functions of this project and returns the hash of each zip
// by the function's name, in Lambda's form (base64 SHA-256). The same source gives
// the same bytes. The map is empty outside a project and if the source does not
// compile.
func builtHere(ctx context.Context, env *cli.Env) map[string]string {
	hashes := map[string]string{}
	root, err := dotenv.Root(env.Dir)
	if err != nil {
		return hashes
	}
	out, err := os.MkdirTemp("", "mcpctl-doctor-")
	if err != nil {
		return hashes
	}
	defer os.RemoveAll(out)
	s, _ := env.Settings() // a mistake in another setting does not matter
	stop := env.Compiling()
	defer stop()
	if err := bundle.Run(ctx, bundle.Options{Root: root, Out: out, GOARCH: bundle.GOARCH(s.Architecture), Zip: true}); err != nil {
		return hashes
	}
	zips, _ := filepath.Glob(filepath.Join(out, "*.zip")) // the pattern is valid
	for _, path := range zips {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		sum := sha256.Sum256(data)
		hashes[strings.TrimSuffix(filepath.Base(path), ".zip")] = base64.StdEncoding.EncodeToString(sum[:])
	}
	return hashes
}
