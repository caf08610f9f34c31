package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"serverless-mcp/cmd/mcpctl/internal/cli"
)

// TestDocumentedCommands looks up every command line "go tool mcpctl …" of the
// documents, the workflows and .env.example: the command and its flags exist.
func TestDocumentedCommands(t *testing.T) {
	const root = "../.."
	files := []string{root + "/.env.example"}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/decisions/*.md", ".github/*.md", ".github/*/*"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	// The line ends with its code span, a redirection, a comment or another command.
	line := regexp.MustCompile("go tool mcpctl((?: +(?:'[^'\n]*'|\"[^\"\n]*\"|[^ \n`|<>&#();]+))*)")
	checked := map[string]int{} // by extension
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range line.FindAllStringSubmatch(string(text), -1) {
			checked[filepath.Ext(file)]++
			if err := parses(t, words(m[1])); err != nil {
				t.Errorf("%s: go tool mcpctl%s: %v", file, m[1], err)
			}
		}
	}
	if checked[".md"] < 40 || checked[".example"] < 5 {
		t.Errorf("checked %v command lines by extension, want at least 40 and 5: the pattern may miss them", checked)
	}
}

// words splits a command line, and removes the punctuation of the sentence around it.
func words(text string) []string {
	var all []string
	for _, word := range regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`).FindAllString(text, -1) {
		word = strings.TrimRight(strings.Trim(word, `'"`), ".,:")
		if word != "" && word != `\` && word != "…" {
			all = append(all, word)
		}
	}
	return all
}

// parses reports why mcpctl rejects the arguments before it runs.
func parses(t *testing.T, args []string) error {
	t.Helper()
	root := newRoot(&cli.Env{Dir: t.TempDir(), Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard})
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	if cmd.HasSubCommands() && cmd.Flags().NArg() > 0 {
		return cmd.ValidateArgs(cmd.Flags().Args())
	}
	return nil
}
