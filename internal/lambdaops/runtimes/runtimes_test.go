package runtimes

import (
	"testing"
	"time"
)

func TestState(t *testing.T) {
	at := func(s string) time.Time {
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return day
	}
	table := builtIn(t)
	for _, tc := range []struct {
		identifier, day string
		want            State
	}{
		{"nodejs20.x", "2026-04-29", Supported},
		{"nodejs20.x", "2026-04-30", Deprecated},
		{"nodejs20.x", "2027-01-31", Deprecated},
		{"nodejs20.x", "2027-02-01", CreateBlocked},
		{"nodejs20.x", "2027-03-03", UpdateBlocked},
		{"nodejs26.x", "2026-11-21", Preview},
		{"dotnet9", "2026-11-01", ContainerOnly},
		{"dotnet9", "2026-11-21", Deprecated},
		{"python2.7", "2026-11-21", UpdateBlocked},
	} {
		r, ok := table.Lookup(tc.identifier)
		if got := r.State(at(tc.day)); !ok || got != tc.want {
			t.Errorf("%s on %s: %q (%v), want %q", tc.identifier, tc.day, got, ok, tc.want)
		}
	}
}

func TestSuccessor(t *testing.T) {
	table := builtIn(t)
	for identifier, want := range map[string]string{
		"nodejs":          "nodejs24.x",
		"nodejs20.x":      "nodejs24.x",
		"nodejs24.x":      "",
		"nodejs26.x":      "", // never an older version
		"python3.9":       "python3.14",
		"java8":           "java8.al2023",
		"java17":          "java17.al2023", // the same language, a newer system
		"java17.al2023":   "java25",
		"java25":          "",
		"go1.x":           "provided.al2023",
		"provided.al2":    "provided.al2023",
		"provided.al2023": "",
		"dotnetcore3.1":   "dotnet10",
		"ruby3.2":         "ruby4.0",
		"cobol85":         "",
	} {
		if got := table.Successor(identifier, today); got != want {
			t.Errorf("successor of %s = %q, want %q", identifier, got, want)
		}
	}
}

// TestEmbedded checks the form of the built-in table.
func TestEmbedded(t *testing.T) {
	table := builtIn(t)
	if table.Source == "" || table.Date == "" || table.FromPage || len(table.Runtimes) < 50 {
		t.Errorf("table of %s from %q with %d runtimes", table.Date, table.Source, len(table.Runtimes))
	}
	if err := duplicates(table.Runtimes); err != nil {
		t.Error(err)
	}
	for _, r := range table.Runtimes {
		for _, d := range []Date{r.Deprecation, r.BlockCreate, r.BlockUpdate} {
			if _, err := time.Parse(time.DateOnly, string(d)); d != "" && err != nil {
				t.Errorf("%s: %v", r.Identifier, err)
			}
		}
		if !identifierForm.MatchString(r.Identifier) || r.Name == "" || r.OS == "" {
			t.Errorf("incomplete row: %+v", r)
		}
	}
}
