package connect

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"

	"serverless-mcp/internal/clients/configfile"
)

// Repositories finds the repository that tracks a file, or might track it later: a key in
// such a file would sooner or later be committed.
type Repositories struct {
	// Home is the user's home folder, which may be the work tree of a repository with the
	// user's settings that is elsewhere (bare, or of yadm or vcsh). Empty means that only
	// the folders above a file are searched.
	Home string
	// Config and Data are the folders for settings and for data of programs
	// (XDG_CONFIG_HOME, XDG_DATA_HOME). Empty means .config and .local/share in Home.
	Config, Data string
	// Getenv reads GIT_DIR and GIT_WORK_TREE; nil means that they are unset.
	Getenv func(string) string
	// Run runs git and returns its output; nil means that git is not used, and that every
	// file in a work tree counts as tracked.
	Run func(ctx context.Context, name string, args ...string) (string, error)
}

// Tracking follows links and returns the work tree, or the repository over the home
// folder, that contains path; "" if there is none. Neither the file nor its folder
// has to exist. A file that a repository over the home folder ignores is not tracked.
func (r Repositories) Tracking(path string) string {
	if tree := folderWith(real(path), ".git", ".hg", ".jj", ".svn"); tree != "" {
		return tree
	}
	if r.Home == "" {
		return ""
	}
	for _, dir := range r.candidates() {
		tree := r.treeOf(dir)
		if tree != "" && isBelow(real(path), real(tree)) && !r.ignores(dir, tree, real(path)) {
			return dir
		}
	}
	return ""
}

// candidates returns the folders that may be the repository of a home folder.
func (r Repositories) candidates() []string {
	config, data := r.Config, r.Data
	if config == "" {
		config = filepath.Join(r.Home, ".config")
	}
	if data == "" {
		data = filepath.Join(r.Home, ".local", "share")
	}
	var all []string
	if r.Getenv != nil && r.Getenv("GIT_DIR") != "" {
		all = append(all, r.Getenv("GIT_DIR"))
	}
	for _, pattern := range []string{
		filepath.Join(r.Home, "*"), filepath.Join(r.Home, ".*"), // ~/.dotfiles, ~/.cfg and the like
		filepath.Join(r.Home, "*", ".git"), filepath.Join(r.Home, ".*", ".git"), // with core.worktree
		filepath.Join(config, "*"), filepath.Join(data, "*"),
		filepath.Join(r.Home, ".yadm", "repo.git"), filepath.Join(config, "yadm", "repo.git"), filepath.Join(data, "yadm", "repo.git"),
		filepath.Join(config, "vcsh", "repo.d", "*.git"),
	} {
		found, _ := filepath.Glob(pattern) // only a bad pattern is an error
		all = append(all, found...)
	}
	return all
}

// treeOf returns the work tree of the repository in dir: the one in its configuration, or
// the home folder if none is configured and the repository has an index. It returns "" if
// dir is not a repository, or has no work tree, as on a server.
func (r Repositories) treeOf(dir string) string {
	if !exists(filepath.Join(dir, "HEAD")) || !exists(filepath.Join(dir, "objects")) {
		return ""
	}
	config, err := configfile.Open(filepath.Join(dir, "config")) // never a pipe
	if err != nil {
		return ""
	}
	for line := range bytes.Lines(config.Text) {
		name, value, _ := strings.Cut(string(line), "=")
		if strings.EqualFold(strings.TrimSpace(name), "worktree") {
			tree := strings.Trim(strings.TrimSpace(value), `"`)
			if rest, ok := strings.CutPrefix(tree, "~"); ok {
				tree = r.Home + rest
			}
			if !filepath.IsAbs(tree) {
				tree = filepath.Join(dir, tree)
			}
			return tree
		}
	}
	switch {
	case r.Getenv != nil && r.Getenv("GIT_DIR") == dir && r.Getenv("GIT_WORK_TREE") != "":
		return r.Getenv("GIT_WORK_TREE")
	case filepath.Base(dir) == ".git" || !exists(filepath.Join(dir, "index")):
		return ""
	}
	return r.Home
}

// ignores reports whether git ignores the file. Git does not ignore files that it tracks.
func (r Repositories) ignores(dir, tree, path string) bool {
	if r.Run == nil {
		return false
	}
	_, err := r.Run(context.Background(), "git", "--git-dir="+dir, "--work-tree="+tree, "check-ignore", "-q", "--", path)
	return err == nil
}

func isBelow(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// WorkTree follows links and returns the git work tree that contains path; "" if
// there is none. Neither the file nor its folder has to exist.
func WorkTree(path string) string { return folderWith(real(path), ".git") }

// folderWith returns the nearest folder at or above path that contains one of the names, as
// a folder or, as in a linked work tree, a file.
func folderWith(path string, names ...string) string {
	for dir := path; ; dir = filepath.Dir(dir) {
		for _, name := range names {
			if exists(filepath.Join(dir, name)) {
				return dir
			}
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// real follows the links of as much of path as exists.
func real(path string) string {
	for dir, rest := path, ""; ; {
		if followed, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(followed, rest)
		}
		if dir == filepath.Dir(dir) {
			return path
		}
		dir, rest = filepath.Dir(dir), filepath.Join(filepath.Base(dir), rest)
	}
}
