package connect

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/lockedfile"

	"serverless-mcp/internal/clients/configfile"
)

// A record describes a file that mcpctl changed: how to turn the text that mcpctl
// left into the text without its entries. It has the positions of what connect added, but
// not the text, so it does not contain our key.
type record struct {
	Target  string
	Sum     string   // SHA-256 of the text as mcpctl left it
	Undo    []cut    // turns that text into the base: the file without our entries
	Absent  bool     // the base is a file that does not exist
	Made    []string // folders that connect created for the file, outermost first
	Entries []entry
}

// An entry is what connect wrote under one name.
type entry struct {
	Path    []string
	Server  string     // SHA-256 of the URL
	Created [][]string // containers that connect created for it
	Existed bool       // there was an entry, which connect only completed
	Kept    bool       // there was an entry, which connect corrected: disconnect keeps it
	InBase  bool       // it is part of the base
	Input   bool       // connect added the input for the key
}

// base returns the file without our entries. If another program has changed the file,
// that text is unknown, and the file itself is the new base.
func (r *record) base(file configfile.File) []byte {
	if base, ok := undo(file.Text, r.Undo); ok && file.Exists && r.Sum == sum(file.Text) {
		return base
	}
	r.Absent = !file.Exists
	if !file.Exists {
		r.Entries = nil
	}
	for i := range r.Entries {
		r.Entries[i].InBase = true
	}
	return file.Text
}

// after returns the record for the file when it has the text after.
func (r record) after(after, base []byte, existed bool) record {
	r.Sum, r.Undo = sum(after), cuts(after, base)
	r.Absent = r.Absent || !existed
	return r
}

// pending returns the number of entries that are not part of the base.
func (r record) pending() int {
	n := 0
	for _, e := range r.Entries {
		if !e.InBase {
			n++
		}
	}
	return n
}

func (r record) index(path []string) int {
	return slices.IndexFunc(r.Entries, func(e entry) bool { return slices.Equal(e.Path, path) })
}

func (r record) has(path []string) bool { return r.index(path) >= 0 }

// entry returns the record of an entry, or the zero value if connect did not write the
// entry.
func (r record) entry(path []string) entry {
	if i := r.index(path); i >= 0 {
		return r.Entries[i]
	}
	return entry{Path: path}
}

func (r *record) set(e entry) {
	r.forget(e.Path)
	r.Entries = append(r.Entries, e)
}

func (r *record) forget(path []string) {
	r.Entries = slices.DeleteFunc(slices.Clone(r.Entries), func(e entry) bool { return slices.Equal(e.Path, path) })
}

func sum(text []byte) string {
	s := sha256.Sum256(text)
	return hex.EncodeToString(s[:])
}

// recordPath returns the path of the record. Its name is derived from the target's
// path.
func (f Files) recordPath(target string) string {
	return filepath.Join(f.State, "connected", sum([]byte(target))[:32]+".json")
}

// readRecord reads the record of a file. A damaged record is ignored: then entries are
// recognized by their form.
func (f Files) readRecord(target string) (record, error) {
	none := record{Target: target}
	data, err := os.ReadFile(f.recordPath(target))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return none, nil
	case err != nil:
		return none, fmt.Errorf("read mcpctl's record of %s: %w", target, err)
	}
	var r record
	if json.Unmarshal(data, &r) != nil || r.Target != target {
		return none, nil
	}
	return r, nil
}

// writeRecord stores a record, or deletes it if no entry is left.
func (f Files) writeRecord(target string, r record) error {
	path := f.recordPath(target)
	if len(r.Entries) == 0 {
		for _, dir := range slices.Backward(r.Made) {
			os.Remove(dir) // only if it is empty
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("delete mcpctl's record of %s: %w", target, err)
		}
		return nil
	}
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := configfile.MakeState(f.State, filepath.Dir(path)); err != nil {
		return fmt.Errorf("write mcpctl's record of %s: %w", target, err)
	}
	file, err := configfile.Open(path)
	if err != nil {
		return err
	}
	file.NoCopy, file.NoSync = true, true
	_, err = file.Write(data, true)
	return err
}

// lock waits until no other mcpctl process changes the file.
func (f Files) lock(target string) (unlock func(), err error) {
	path := filepath.Join(f.State, "connected", sum([]byte(target))[:32]+".lock")
	if err := configfile.MakeState(f.State, filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("create mcpctl's folder %s: %w", f.State, err)
	}
	unlock, err = lockedfile.MutexAt(path).Lock()
	if err != nil {
		return nil, fmt.Errorf("wait for another mcpctl: %w", err)
	}
	return unlock, nil
}
