package runtimes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	maxPage    = 4 << 20          // the page has about 300 KB
	maxAge     = 24 * time.Hour   // AWS changes a date every few weeks
	retryAfter = 10 * time.Minute // after a failed read
)

// Options of [NewReader].
type Options struct {
	URL   string           // empty means [Page]
	HTTP  *http.Client     // nil means a client with a timeout of 10 seconds
	Cache string           // file that caches the page's table for a day; empty means in memory only
	Now   func() time.Time // nil means time.Now
}

// Reader reads the table, at most once a day. It is safe for concurrent use.
type Reader struct {
	o        Options
	embedded Table

	mu     sync.Mutex
	table  Table     // of the page; zero before the first read
	read   time.Time // time of that read
	failed time.Time // time of the last failure
	why    error
}

// NewReader returns a reader. It does not fetch the page yet.
func NewReader(o Options) (*Reader, error) {
	if o.URL == "" {
		o.URL = Page
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: 10 * time.Second}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	embedded, err := Embedded()
	if err != nil {
		return nil, err
	}
	return &Reader{o: o, embedded: embedded}, nil
}

// Table returns the page's table, at most a day old. If the page cannot be read, it returns
// the newest available table with a note about the reason.
func (r *Reader) Table(ctx context.Context) Table {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.o.Now()
	if r.read.IsZero() {
		r.loadCache()
	}
	if fresh(r.read, now, maxAge) {
		return r.addMissing(r.table)
	}
	if !fresh(r.failed, now, retryAfter) {
		runtimes, err := r.fetch(ctx)
		if err == nil {
			r.store(runtimes, now)
			return r.addMissing(r.table)
		}
		r.why = err
		if ctx.Err() == nil { // the page did not fail if the caller canceled
			r.failed = now
		}
	}
	t := r.embedded
	if r.table.Date > t.Date {
		t = r.addMissing(r.table)
	}
	note := fmt.Sprintf("AWS's page could not be read, so these dates are as of %s and may have changed since: %v", t.Date, r.why)
	if t.Note != "" {
		note += ". " + t.Note
	}
	t.Note = note
	return t
}

func (r *Reader) fetch(ctx context.Context) ([]Runtime, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.o.URL, nil)
	if err != nil {
		return nil, fmt.Errorf("request %s: %w", r.o.URL, err)
	}
	resp, err := r.o.HTTP.Do(req)
	if err != nil {
		return nil, err // contains method and URL
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("get %s: status %s", r.o.URL, resp.Status)
	}
	page, err := io.ReadAll(io.LimitReader(resp.Body, maxPage+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", r.o.URL, err)
	}
	if len(page) > maxPage {
		return nil, fmt.Errorf("read %s: more than %d MB", r.o.URL, maxPage>>20)
	}
	runtimes, err := ParsePage(page)
	if err == nil {
		_, err = r.missing(runtimes)
	}
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", r.o.URL, err)
	}
	return runtimes, nil
}

// missing returns the runtimes of the built-in table that a page lacks. AWS may remove
// previews, runtimes for containers only, and runtimes that were blocked long ago; functions
// can still have them. When any other runtime of the built-in table is missing, the page is
// wrong, since AWS only moves those from one of its tables to the other.
func (r *Reader) missing(runtimes []Runtime) (gone []Runtime, err error) {
	made, err := time.Parse(time.DateOnly, string(r.embedded.Date))
	if err != nil {
		return nil, fmt.Errorf("date of the built-in table: %w", err)
	}
	var inUse []Runtime
	page := Table{Runtimes: runtimes}
	for _, known := range r.embedded.Runtimes {
		if _, ok := page.Lookup(known.Identifier); ok {
			continue
		}
		if s := known.State(made); s == UpdateBlocked || s == Preview || s == ContainerOnly {
			gone = append(gone, known)
		} else {
			inUse = append(inUse, known)
		}
	}
	if len(inUse) > 0 {
		return nil, errors.New("the page lacks " + identifiers(inUse))
	}
	return gone, nil
}

// addMissing adds the runtimes that the page lacks to its table, with a note.
func (r *Reader) addMissing(t Table) Table {
	gone, err := r.missing(t.Runtimes)
	if err != nil || len(gone) == 0 { // missing succeeded when the page was accepted
		return t
	}
	t.Runtimes = slices.Concat(t.Runtimes, gone)
	t.Note = fmt.Sprintf("AWS's page no longer has %s: their dates are as of %s", identifiers(gone), r.embedded.Date)
	return t
}

func identifiers(all []Runtime) string {
	var names []string
	for _, r := range all {
		names = append(names, r.Identifier)
	}
	return strings.Join(names, ", ")
}
