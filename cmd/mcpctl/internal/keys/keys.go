package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/keys/apikey"
)

func newKeys(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make and look after API keys",
		Long: `Make and look after API keys: one for each person and machine.

The commands work on the deployed stack of the settings, on another one with
--stack, --stage, --region and --profile, or with --local on the server that
mcpctl local runs. They say first which one it is. new, hash and check work
offline.`,
		Args: cobra.NoArgs,
		RunE: showHelp,
	}
	cmd.AddCommand(newKeysNew(p), newKeysHash(p), newKeysCheck(p),
		newKeysCreate(p), newKeysList(p), newKeysRotate(p), newKeysRevoke(p), newKeysFlush(p),
		newKeysImport(p), newKeysExport(p), newKeysRestore(p), newKeysShowDeployed(p))
	return cmd
}

func newKeysNew(p *program) *cobra.Command {
	var stage string
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Print a fresh random key, for API_KEY; nothing is stored anywhere",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("stage") {
				s, _ := p.settings() // other mistakes in .env are of no matter here
				stage = s.Stage
			}
			key, err := apikey.New(stage, rand.Reader)
			if err != nil {
				return err
			}
			fmt.Fprintln(p.stdout, key)
			return nil
		},
	}
	cmd.Flags().StringVar(&stage, "stage", "", "stage written into the key (default: STAGE of the settings)")
	return cmd
}

func newKeysHash(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "hash",
		Short: "Read a key from standard input and print its SHA-256, for API_KEY_SHA256",
		Example: `  go tool mcpctl keys new | tee /dev/tty | go tool mcpctl keys hash
  go tool mcpctl keys hash < key.txt`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			key, err := readKey(p.stdin)
			if err != nil {
				return err
			}
			if err := apikey.CheckStrength(key); err != nil {
				return fmt.Errorf("hash the key: it %w", err)
			}
			fmt.Fprintln(p.stdout, apikey.Hash(key))
			return nil
		},
	}
}

var errNoInput = errors.New("no key on standard input; pipe it in, so that it stays out of the shell's history")

// readKey reads a key from standard input, without the line end that echo and
// editors add.
func readKey(stdin io.Reader) (string, error) {
	// More than any header may hold is no key.
	data, err := io.ReadAll(io.LimitReader(stdin, 16<<10))
	if err != nil {
		return "", fmt.Errorf("read the key from standard input: %w", err)
	}
	key := strings.TrimRight(strings.TrimPrefix(string(data), "\ufeff"), "\r\n")
	if key == "" {
		return "", errNoInput
	}
	return key, nil
}

// showHelp is what a command does that only groups others.
func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }
