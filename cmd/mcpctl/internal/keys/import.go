package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keyregistry"
)

func newKeysImport(p *program) *cobra.Command {
	var t keysTarget
	var s scope
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Take over keys that people have already: a name and a key on each line",
		Long: `Take over keys that people have already, all in one write. Each line of the file,
or of standard input with -, is a name and a key. Only the keys' hashes are
stored. The flags count for all of them. Then the gateway's cache is emptied, in
which they may stand as refused, and the first of them is tried. Delete the file
afterwards.`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			like, err := s.key(cmd, p.clock.Now())
			if err != nil {
				return err
			}
			data, err := p.readFile(args[0])
			if err != nil {
				return err
			}
			keys, err := parseImport(string(data), like, p.clock.Now())
			if err != nil {
				return fmt.Errorf("import %s:\n%w", args[0], err)
			}
			return p.importKeys(cmd, t, keys)
		},
	}
	s.flags(cmd)
	t.flags(cmd)
	return cmd
}

func (p *program) importKeys(cmd *cobra.Command, t keysTarget, keys []issued) error {
	ctx := cmd.Context()
	h, err := p.keyholder(ctx, t)
	if err != nil {
		return err
	}
	var entries []apikey.Key
	for _, k := range keys {
		entries = append(entries, k.Key)
	}
	if !h.deploymentHash(ctx).known {
		p.note("warning: it takes secretsmanager:GetSecretValue on %s to see whether one of them is the deployment's key too, which revoking it here would not end", h.DefaultKey)
	}
	p.warnOfShared(ctx, h, entries)
	written, err := h.change(ctx, p, keyregistry.Issuing, keyregistry.Adding(entries...))
	if err != nil {
		return err
	}
	for _, k := range keys {
		fmt.Fprintln(p.stdout, k.ID)
	}
	return p.tryOut(ctx, h, keys[0], written.At)
}

// parseImport reads names and keys, and tells all that is wrong by its line:
// what stands there must not be shown.
func parseImport(text string, like apikey.Key, now time.Time) ([]issued, error) {
	var keys []issued
	var problems []error
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		k := issued{Key: like}
		err := errors.New("need a name and a key")
		if len(fields) == 2 {
			err = errors.Join(checkName(fields[0]), predicate(apikey.CheckStrength(fields[1])))
			k.ID, k.Plain, k.SHA256, k.Created = fields[0], fields[1], apikey.Hash(fields[1]), now.UTC().Truncate(time.Second)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("line %d: %w", n, err))
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		problems = append(problems, errors.New("there is no key in it"))
	}
	return keys, errors.Join(problems...)
}

// predicate gives an error of [apikey.CheckStrength] its subject.
func predicate(err error) error {
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

// readFile reads a file that a command names; - is standard input.
func (p *program) readFile(name string) ([]byte, error) {
	if name == "-" {
		data, err := io.ReadAll(io.LimitReader(p.stdin, 4<<20))
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return data, nil
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(p.dir, name)
	}
	return os.ReadFile(name) // its error names the file
}
