// Package connect adds a server to MCP clients on this machine. It finds the clients
// ([Found]), changes their files ([Files.Add], [Files.Remove], [Change.Diff]), explains how
// to make the key available to a client ([Advice]), and looks for evidence that the client
// will see it ([Machine.Evidence]).
//
// The format of each client's entry is in package clientconfig; package configfile changes
// a file without damage to the rest of it.
//
// A record of each change is kept in mcpctl's own folder, so that [Files.Remove] restores
// the bytes that were there before, and never removes an entry that [Files.Add] did not
// write.
package connect

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

// Files changes the files of clients.
type Files struct {
	// State is mcpctl's own folder, which only the user may read, for records, locks, and
	// copies of files that a repository tracks. It is created if missing. Required.
	State string
	// Repositories finds the repository that tracks a file.
	Repositories Repositories
	// Settle is how long a file is watched after a write: a program that read it
	// before, and writes it back after, would otherwise undo the change unnoticed.
	// Zero means 20 ms; a negative value means not at all.
	Settle time.Duration
	// NoSync skips fsync.
	NoSync bool
}

// A Change is a prepared change of one client's file.
type Change struct {
	Client clientconfig.Client
	File   configfile.File
	After  []byte // the new text
	Secret bool   // the new text contains the key
	Gone   bool   // the file did not exist before connect, and is deleted again
	// Left is why an entry is not removed, as the end of a sentence whose subject is the
	// entry. It is empty if there is no such entry or it is removed.
	Left string

	files Files
	next  record // the record for the file after the change
	// again prepares the same change for the file's current text.
	again func() (Change, error)
	// done reports whether a text contains the change.
	done func(text []byte) bool
}

// OtherServerError reports an existing entry with the same name that connect must not
// change: one for another server, or one of another kind.
type OtherServerError struct {
	Client, Name string
	URL          string // the other server; empty if the entry starts a program, or has no URL
	Why          string // what the entry is, if it is of another kind or for another endpoint of the server
}

// Error implements error.
func (e *OtherServerError) Error() string {
	switch {
	case e.Why != "":
		return fmt.Sprintf("%s has an entry %q of another kind: %s", e.Client, e.Name, e.Why)
	case e.URL == "":
		return fmt.Sprintf("%s has an entry %q for something else", e.Client, e.Name)
	}
	return fmt.Sprintf("%s has an entry %q for another server, %s", e.Client, e.Name, e.URL)
}

// Add prepares the server's entry in a client's file. An existing entry with the same name
// that is for another server or of another kind is an [OtherServerError], unless replace is
// set: then the whole entry is removed first. In an entry for the same server, only the
// members that describe the connection are corrected; others stay.
func (f Files) Add(c clientconfig.Client, s clientconfig.Server, path string, replace bool) (Change, error) {
	at := entryPath(c, s.Name)
	return f.prepare(path, func() (Change, error) { return f.Add(c, s, path, replace) }, func(ch *Change) error {
		ch.Client, ch.Secret = c, s.Key != ""
		a := addition{c: c, s: s, at: at, replace: replace}
		if err := a.run(ch); err != nil {
			return err
		}
		want, _, err := configfile.Get(c.Format, ch.After, at)
		ch.done = func(text []byte) bool {
			got, found, err := configfile.Get(c.Format, text, at)
			return err == nil && found && configfile.Equal(got, want)
		}
		return err
	})
}

// Remove prepares the removal of the entry with that name from a client's file, if connect
// wrote it; see [Change.Left]. It makes no copy of the file, because the key may be in it.
func (f Files) Remove(c clientconfig.Client, name, path string) (Change, error) {
	at := entryPath(c, name)
	return f.prepare(path, func() (Change, error) { return f.Remove(c, name, path) }, func(ch *Change) error {
		ch.Client, ch.File.NoCopy = c, true
		kept := false
		ch.done = func(text []byte) bool {
			_, found, err := configfile.Get(c.Format, text, at)
			return err == nil && found == kept
		}
		if !ch.File.Exists {
			return nil
		}
		err := removal{c: c, name: name, at: at}.run(ch)
		if err == nil {
			_, kept, _ = configfile.Get(c.Format, ch.After, at)
		}
		return err
	})
}

// prepare opens the file and creates a change with edit. A file that another program is
// still writing may be incomplete: then prepare waits and reads it again.
func (f Files) prepare(path string, again func() (Change, error), edit func(*Change) error) (Change, error) {
	for try := 1; ; try++ {
		file, err := configfile.Open(path)
		if err != nil {
			return Change{}, err
		}
		ch := Change{File: file, After: file.Text, files: f, again: again}
		if ch.next, err = f.readRecord(file.Target); err != nil {
			return Change{}, err
		}
		incomplete := f.settle() > 0 && file.Recent() && len(file.Text) == 0
		if err = edit(&ch); err == nil && !incomplete {
			return ch, nil
		}
		var other *OtherServerError
		known := errors.As(err, &other) || errors.Is(err, configfile.ErrByHand)
		if err != nil && (known || !file.Recent() || try >= readTries) {
			return Change{}, fmt.Errorf("%s: %w", path, err)
		}
		time.Sleep(settleTime)
	}
}

const (
	// readTries limits how often a file is read again that is invalid and was
	// modified within the last second. An empty file is read again until it is older
	// than that.
	readTries = 5
	// writeTries limits how often a change is prepared again because another program
	// changed the file in the meantime.
	writeTries = 50
	// settleTime is the default of [Files.Settle], and the pause before an
	// incomplete file is read again.
	settleTime = 20 * time.Millisecond
)

func (f Files) settle() time.Duration {
	if f.Settle == 0 {
		return settleTime
	}
	return max(f.Settle, 0)
}

// Changed reports whether the change would modify the file.
func (ch Change) Changed() bool { return ch.Gone || string(ch.After) != string(ch.File.Text) }

// A Result is the outcome of [Change.Apply].
type Result struct {
	Backup string // path of the copy of the original file; empty: none was made
	Links  uint64 // hard links that the file had; if over 1, the others keep the old text
}

// Apply makes the change. Other mcpctl processes wait until it returns. If another program
// has changed the file since it was read, or undoes the change by writing back what it had
// read, Apply prepares and makes the change again.
//
// The copy of a file that a repository tracks goes to the state folder: it may contain a
// key, and in the file's folder it would be an untracked file that could be committed.
func (ch Change) Apply() (Result, error) {
	unlock, err := ch.files.lock(ch.File.Target)
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	result := Result{Links: ch.File.Links}
	made := missingFolders(filepath.Dir(ch.File.Target))
	for range writeTries {
		backup, err := ch.write()
		if result.Backup == "" {
			result.Backup = backup
		}
		switch {
		case err == nil && ch.settled():
			if ch.next.Absent && len(made) > 0 {
				ch.next.Made = made
			}
			return result, ch.files.writeRecord(ch.File.Target, ch.next)
		case err != nil && !errors.Is(err, configfile.ErrChanged):
			return Result{}, err
		}
		if ch, err = ch.again(); err != nil {
			return Result{}, err
		}
	}
	return Result{}, fmt.Errorf("write %s: %w", ch.File.Path, configfile.ErrChanged)
}

func (ch Change) write() (backup string, err error) {
	if ch.Gone {
		if err := ch.File.Delete(); err != nil {
			return "", err
		}
		return "", nil
	}
	if ch.files.Repositories.Tracking(ch.File.Target) != "" {
		ch.File.Backups = ch.files.State
	}
	ch.File.Settle, ch.File.NoSync = ch.files.settle(), ch.files.NoSync
	return ch.File.Write(ch.After, ch.Secret)
}

// settled reports whether the change is still in the file after the
// time that [configfile.File.Write] has waited.
func (ch Change) settled() bool {
	now, err := configfile.Open(ch.File.Path)
	return err == nil && (ch.Gone && !now.Exists || string(now.Text) == string(ch.After) || ch.done(now.Text))
}

// missingFolders returns those of dir and its parents that do not exist,
// outermost first.
func missingFolders(dir string) []string {
	var all []string
	for !exists(dir) && dir != filepath.Dir(dir) {
		all, dir = append(all, dir), filepath.Dir(dir)
	}
	slices.Reverse(all)
	return all
}

func entryPath(c clientconfig.Client, name string) []string {
	return append(slices.Clone(c.Path), name)
}
