package keys

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keyregistry"
)

// importOptions are the flags and arguments of mcpctl keys import.
type importOptions struct {
	target targetFlags
	scope  scopeFlags
	file   string // "-" means standard input
}

func newImport(env *cli.Env) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Add existing keys: a name and a key on each line",
		Long: `Add existing keys, all in one write. Each line of the file, or of standard input
with -, is a name and a key. Only the hashes of the keys are stored. The flags apply
to every key. Afterwards the command flushes the authorizer cache, which may hold
denials for these keys, and tests the first key. Then delete the file.`,
		Example: `  go tool mcpctl keys import old-keys.txt --tools calculate`,
		Args:    oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			return runImport(cmd.Context(), env, o)
		},
	}
	o.scope.flags(cmd)
	o.target.flags(cmd)
	return cmd
}

func runImport(ctx context.Context, env *cli.Env, o importOptions) error {
	like, err := o.scope.entry(env.Clock.Now())
	if err != nil {
		return err
	}
	data, err := readFile(ctx, env, o.file)
	if err != nil {
		return err
	}
	keys, err := parseImport(string(data), like, env.Clock.Now())
	if err != nil {
		return fmt.Errorf("import %s:\n%w", o.file, err)
	}
	t, err := o.target.find(ctx, env)
	if err != nil {
		return err
	}
	if err := t.checkCounted(like.Limits); err != nil {
		return err
	}
	var entries []apikey.Key
	for _, k := range keys {
		entries = append(entries, k.Key)
	}
	if !t.deploymentHash(ctx).known {
		env.Note("warning: without secretsmanager:GetSecretValue on %s it is unknown whether one of them is also the deployment key, which stays valid if the entry is revoked", t.DefaultKey)
	}
	warnDeploymentKeyIssued(ctx, env, t, entries)
	written, err := t.change(ctx, env, keyregistry.Issuing, keyregistry.Adding(entries...))
	if err != nil {
		return err
	}
	for _, k := range keys {
		fmt.Fprintln(env.Stdout, k.ID)
	}
	return verifyNewKey(ctx, env, t, keys[0], written.At)
}

// parseImport reads names and keys. It reports all mistakes by line number,
// because the text of a line may be a key.
func parseImport(text string, like apikey.Key, now time.Time) ([]issuedKey, error) {
	var keys []issuedKey
	var problems []error
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		k := issuedKey{Key: like}
		err := errors.New("need a name and a key")
		if len(fields) == 2 {
			err = errors.Join(checkName(fields[0]), withSubject(apikey.CheckStrength(fields[1])))
			k.ID, k.Plain, k.SHA256, k.Created = fields[0], fields[1], apikey.Hash(fields[1]), now.UTC().Truncate(time.Second)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("line %d: %w", n, err))
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		problems = append(problems, errors.New("it contains no key"))
	}
	return keys, errors.Join(problems...)
}

// withSubject completes an error of [apikey.CheckStrength], which begins with a
// verb.
func withSubject(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the key %w", err)
}

func oneFile(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errors.New("need one file, or - for standard input")
	}
	return nil
}

// readFile reads a file, or standard input if the name is "-".
func readFile(ctx context.Context, env *cli.Env, name string) ([]byte, error) {
	if name == "-" {
		data, err := env.ReadInput(ctx, 4<<20)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return data, nil
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(env.Dir, name)
	}
	return os.ReadFile(name) // the error names the file
}
