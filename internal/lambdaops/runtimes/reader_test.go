package runtimes

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// site serves a page and counts requests.
type site struct {
	body   string
	status int
	gets   int
}

func (s *site) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	s.gets++
	w.WriteHeader(max(s.status, http.StatusOK))
	_, _ = w.Write([]byte(s.body))
}

func newReader(t *testing.T, o Options) *Reader {
	t.Helper()
	r, err := NewReader(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReaderCachesForADay(t *testing.T) {
	s := &site{body: page(builtIn(t).Runtimes, today)}
	srv := httptest.NewServer(s)
	defer srv.Close()
	now := today
	o := Options{URL: srv.URL, Cache: filepath.Join(t.TempDir(), "state", "runtimes.json"), Now: func() time.Time { return now }}
	r := newReader(t, o)
	for range 2 {
		if got := r.Table(t.Context()); !got.FromPage || got.Date != "2026-11-21" || got.Note != "" {
			t.Errorf("table = %+v, want the page's of today", got)
		}
	}
	newReader(t, o).Table(t.Context()) // another process
	if s.gets != 1 {
		t.Errorf("the page was fetched %d times on one day", s.gets)
	}
	if info, err := os.Stat(o.Cache); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("cache file: %v, %v", info, err)
	}
	now = now.Add(24 * time.Hour)
	newReader(t, o).Table(t.Context())
	if s.gets != 2 {
		t.Errorf("the page was fetched %d times in two days, want 2", s.gets)
	}
}

func TestReaderFallsBack(t *testing.T) {
	whole := page(builtIn(t).Runtimes, today)
	for name, tc := range map[string]struct {
		site site
		want string
	}{
		"error":           {site{status: http.StatusServiceUnavailable}, "503"},
		"not understood":  {site{body: strings.Replace(whole, "Deprecation date", "Ende", 2)}, "no column"},
		"runtime missing": {site{body: withoutRow(whole, "python3.12")}, "the page lacks python3.12"},
		"too large":       {site{body: whole + strings.Repeat(" ", maxPage)}, "more than 4 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(&tc.site)
			defer srv.Close()
			r := newReader(t, Options{URL: srv.URL, Now: func() time.Time { return today }})
			got := r.Table(t.Context())
			if got.FromPage || got.Date != builtIn(t).Date || !strings.Contains(got.Note, tc.want) {
				t.Errorf("table: from page %v, of %s, note %q; want the built-in one and a note about %q", got.FromPage, got.Date, got.Note, tc.want)
			}
			if len(got.Runtimes) != len(builtIn(t).Runtimes) {
				t.Errorf("%d runtimes, want all of the built-in table", len(got.Runtimes))
			}
			if r.Table(t.Context()); tc.site.gets != 1 {
				t.Errorf("fetched %d times, want one and then a pause", tc.site.gets)
			}
		})
	}
}

// TestReaderCompletesThePage: AWS removes runtimes from the page that functions may
// still have. They come from the built-in table.
func TestReaderCompletesThePage(t *testing.T) {
	body := page(builtIn(t).Runtimes, today)
	for _, gone := range []string{"python2.7", "nodejs26.x"} {
		body = withoutRow(body, gone)
	}
	s := &site{body: body}
	srv := httptest.NewServer(s)
	defer srv.Close()
	now := today
	o := Options{URL: srv.URL, Cache: filepath.Join(t.TempDir(), "runtimes.json"), Now: func() time.Time { return now }}
	const lacks = "AWS's page no longer has nodejs26.x, python2.7: their dates are as of 2026-08-22"
	for name, r := range map[string]*Reader{"from the page": newReader(t, o), "from the cache": newReader(t, o)} {
		got := r.Table(t.Context())
		if row, ok := got.Lookup("python2.7"); !ok || row.State(now) != UpdateBlocked || !got.FromPage || got.Note != lacks {
			t.Errorf("%s: python2.7 %+v, from page %v, note %q", name, row, got.FromPage, got.Note)
		}
	}
	s.status, now = http.StatusInternalServerError, now.Add(48*time.Hour)
	got := newReader(t, o).Table(t.Context())
	if _, ok := got.Lookup("python2.7"); !ok || !strings.Contains(got.Note, "could not be read") || !strings.Contains(got.Note, lacks) {
		t.Errorf("an older page: note %q, python2.7 %v", got.Note, ok)
	}
}

func withoutRow(page, identifier string) string {
	at := strings.Index(page, ">"+identifier+"<")
	from := strings.LastIndex(page[:at], "<tr>")
	to := at + strings.Index(page[at:], "</tr>") + len("</tr>")
	return page[:from] + page[to:]
}

// TestReaderKeepsTheOlderPage: if the page cannot be read, the table of an earlier read is
// used if it is newer than the built-in table.
func TestReaderKeepsTheOlderPage(t *testing.T) {
	s := &site{body: page(builtIn(t).Runtimes, today)}
	srv := httptest.NewServer(s)
	defer srv.Close()
	now := today
	r := newReader(t, Options{URL: srv.URL, Now: func() time.Time { return now }})
	r.Table(t.Context())
	s.status, now = http.StatusInternalServerError, now.Add(48*time.Hour)
	if got := r.Table(t.Context()); !got.FromPage || got.Date != "2026-11-21" || got.Note == "" {
		t.Errorf("table = from page %v, of %s, note %q; want the page's of 2026-11-21 with a note", got.FromPage, got.Date, got.Note)
	}
}

// TestReaderRetriesAfterCancellation: a canceled call does not count as a failed read.
func TestReaderRetriesAfterCancellation(t *testing.T) {
	s := &site{body: page(builtIn(t).Runtimes, today)}
	srv := httptest.NewServer(s)
	defer srv.Close()
	r := newReader(t, Options{URL: srv.URL, Now: func() time.Time { return today }})
	gone, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("gone"))
	r.Table(gone)
	if got := r.Table(t.Context()); !got.FromPage {
		t.Errorf("note %q after a canceled call, want the page", got.Note)
	}
}

// TestReaderTimesOut: the table is available although the page does not respond.
func TestReaderTimesOut(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer srv.Close()
	r := newReader(t, Options{URL: srv.URL, HTTP: &http.Client{Timeout: 20 * time.Millisecond}, Now: func() time.Time { return today }})
	if got := r.Table(t.Context()); got.FromPage || !strings.Contains(got.Note, "Timeout") {
		t.Errorf("note %q, want the built-in table and a note about the timeout", got.Note)
	}
	if r, err := NewReader(Options{}); err != nil || r.o.HTTP.Timeout == 0 {
		t.Error("the default client has no timeout")
	}
}

// TestUnusableCache: the page is read if the cache file is damaged, belongs to another page,
// or lacks a runtime in use.
func TestUnusableCache(t *testing.T) {
	s := &site{body: page(builtIn(t).Runtimes, today)}
	srv := httptest.NewServer(s)
	defer srv.Close()
	good := cacheFile{Read: today, URL: srv.URL, Table: Table{Source: "cache", Date: "2026-11-21", FromPage: true, Runtimes: builtIn(t).Runtimes}}
	other, partial := good, good
	other.URL += "/other"
	partial.Table.Runtimes = partial.Table.Runtimes[:3]
	for name, tc := range map[string]struct {
		content any
		gets    int
	}{
		"good": {good, 0}, "another page": {other, 1}, "runtimes missing": {partial, 1}, "damaged": {"x", 1},
	} {
		data, err := json.Marshal(tc.content)
		if err != nil {
			t.Fatal(err)
		}
		cache := filepath.Join(t.TempDir(), "runtimes.json")
		if err := os.WriteFile(cache, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s.gets = 0
		got := newReader(t, Options{URL: srv.URL, Cache: cache, Now: func() time.Time { return today }}).Table(t.Context())
		if s.gets != tc.gets || (got.Source == "cache") != (tc.gets == 0) || len(got.Runtimes) != len(good.Table.Runtimes) {
			t.Errorf("%s: the page was read %d times, want %d; %d runtimes from %s", name, s.gets, tc.gets, len(got.Runtimes), got.Source)
		}
	}
}

// TestNoCache: without a cache no file is written.
func TestNoCache(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	s := &site{body: page(builtIn(t).Runtimes, today)}
	srv := httptest.NewServer(s)
	defer srv.Close()
	newReader(t, Options{URL: srv.URL, Now: func() time.Time { return today }}).Table(t.Context())
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("files %v, %v; want none", files, err)
	}
}
