package runtimes

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

// fresh reports whether at is less than age ago. A time in the future is not fresh, since
// a cache with such a date would never be renewed; nor is the zero time.
func fresh(at, now time.Time, age time.Duration) bool {
	return !at.After(now) && now.Sub(at) < age
}

// cacheFile is the content of the cache.
type cacheFile struct {
	Read  time.Time `json:"read"`
	URL   string    `json:"url"`
	Table Table     `json:"table"`
}

func (r *Reader) store(runtimes []Runtime, now time.Time) {
	r.table = Table{Source: r.o.URL, Date: Date(now.UTC().Format(time.DateOnly)), FromPage: true, Runtimes: runtimes}
	r.read, r.why = now, nil
	if r.o.Cache == "" {
		return
	}
	data, err := json.Marshal(cacheFile{now, r.o.URL, r.table})
	if err != nil {
		return
	}
	// Without a cache the next process fetches the page again.
	if os.MkdirAll(filepath.Dir(r.o.Cache), 0o700) == nil {
		if os.WriteFile(r.o.Cache+".new", data, 0o600) == nil {
			_ = os.Rename(r.o.Cache+".new", r.o.Cache)
		}
	}
}

// loadCache loads the table that an earlier process read. It ignores an invalid file.
func (r *Reader) loadCache() {
	data, _ := os.ReadFile(r.o.Cache) // if the file is missing, decoding fails
	var c cacheFile
	if json.Unmarshal(data, &c) != nil || c.URL != r.o.URL {
		return
	}
	if _, err := r.missing(c.Table.Runtimes); err != nil {
		return
	}
	r.table, r.read = c.Table, c.Read
}
