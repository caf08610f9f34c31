package connect

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
)

// A Finding is a client that seems to be in use on this machine.
type Finding struct {
	Client clientconfig.Client
	By     string // the file, folder or program that was found
}

// A Runner runs a program and returns its output.
type Runner = func(ctx context.Context, name string, args ...string) (string, error)

// Found looks for clients by their files, the folders of these files, and their programs.
// lookPath is exec.LookPath; run asks opencode for its version, as its two versions share a
// file.
func Found(ctx context.Context, f clientconfig.Folders, lookPath func(string) (string, error), run Runner) []Finding {
	var all []Finding
	newer := OpencodeVersion(ctx, run) != 1
	for _, c := range clientconfig.All() {
		isVersion := c.ID != "opencode" && c.ID != "opencode-2" || newer == (c.ID == "opencode-2")
		if by := traceOf(c, f, lookPath); by != "" && isVersion {
			all = append(all, Finding{c, by})
		}
	}
	return all
}

// traceOf returns the path that shows that the client is in use, "" if there is none.
func traceOf(c clientconfig.Client, f clientconfig.Folders, lookPath func(string) (string, error)) string {
	if file := c.UserFile(f); file != "" {
		folder := filepath.Dir(file)
		switch {
		case exists(file):
			return file
		case folder != filepath.Clean(f.Home) && exists(folder) && !isOnlyAbove(folder, c, f):
			return folder
		}
	}
	for _, trace := range c.Traces(f) {
		if exists(trace) {
			return trace
		}
	}
	if c.Program == "" {
		return ""
	}
	path, err := lookPath(c.Program)
	if err != nil {
		return ""
	}
	return path
}

// isOnlyAbove reports whether a client's folder contains only folders of other clients, as
// ~/.gemini does if Antigravity was used and Gemini CLI never.
func isOnlyAbove(folder string, c clientconfig.Client, f clientconfig.Folders) bool {
	var others []string
	for _, other := range clientconfig.All() {
		if other.ID != c.ID {
			others = append(others, other.Traces(f)...)
			others = append(others, filepath.Dir(other.UserFile(f)))
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) == 0 {
		return false
	}
	return !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return !slices.Contains(others, filepath.Join(folder, e.Name())) })
}

// OpencodeVersion asks opencode for its major version; 0 if it is not installed. The format
// of the file does not show the version, because the program does not rewrite the file.
func OpencodeVersion(ctx context.Context, run Runner) int {
	out, err := run(ctx, "opencode", "--version")
	if err != nil {
		return 0
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(out), "v"), ".")
	n, _ := strconv.Atoi(major) // no number: unknown
	return n
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
