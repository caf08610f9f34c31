// Package runtimes provides the table of Lambda's runtimes: their names, the dates on which
// AWS ends support and blocks creating and updating functions with them, and their
// successors. The dates come from AWS's documentation page or from a dated built-in table;
// the table names its source.
package runtimes

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Page is the URL of the documentation page with the dates.
const Page = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"

// Date is a day as 2006-01-02, so that dates can be compared as strings. Empty means not
// scheduled or unknown.
type Date string

// Reached reports whether the day has begun (in UTC, as for AWS).
func (d Date) Reached(now time.Time) bool {
	return d != "" && string(d) <= now.UTC().Format(time.DateOnly)
}

// Runtime is one row of AWS's table.
type Runtime struct {
	Identifier  string `json:"identifier"` // as in the API, such as nodejs24.x
	Name        string `json:"name"`
	OS          string `json:"os"`
	Deprecation Date   `json:"deprecation,omitempty"`
	BlockCreate Date   `json:"block_create,omitempty"` // from this day AWS rejects creating functions with it
	BlockUpdate Date   `json:"block_update,omitempty"` // from this day AWS rejects updating functions to it, and updating the code of functions with it
}

// State is the support state of a runtime on a day.
type State string

// The states, from best to worst.
const (
	Supported     State = "supported"
	Preview       State = "preview"        // not for production, according to AWS
	ContainerOnly State = "container only" // a base image, which is not the runtime of any function
	Deprecated    State = "deprecated"
	CreateBlocked State = "create blocked"
	UpdateBlocked State = "update blocked"
)

// State returns the runtime's state at that time.
func (r Runtime) State(now time.Time) State {
	switch name := strings.ToLower(r.Name); {
	case r.BlockUpdate.Reached(now):
		return UpdateBlocked
	case r.BlockCreate.Reached(now):
		return CreateBlocked
	case r.Deprecation.Reached(now):
		return Deprecated
	case strings.Contains(name, "preview"):
		return Preview
	case strings.Contains(name, "container"):
		return ContainerOnly
	}
	return Supported
}

// Table is all runtimes with the source of their dates.
type Table struct {
	Source   string    `json:"source"` // shown to users
	Date     Date      `json:"date"`   // day on which it was read
	FromPage bool      `json:"from_page"`
	Note     string    `json:"note,omitempty"` // why the page was not read today, or what it lacks
	Runtimes []Runtime `json:"runtimes"`
}

// Lookup returns a runtime by its identifier.
func (t Table) Lookup(identifier string) (Runtime, bool) {
	i := slices.IndexFunc(t.Runtimes, func(r Runtime) bool { return r.Identifier == identifier })
	if i < 0 {
		return Runtime{}, false
	}
	return t.Runtimes[i], true
}

// Successor returns the recommended runtime to move to, or "" if there is none. If AWS has
// the same version of the language on a newer operating system, it is that, because then
// only the system changes; otherwise it is the newest supported version.
func (t Table) Successor(identifier string, now time.Time) string {
	family := Family(identifier)
	if family == "go" {
		family = "provided" // OS-only runtimes replaced go1.x
	}
	numbers, _ := version(identifier)
	var best Runtime
	for _, r := range t.Runtimes {
		if Family(r.Identifier) != family || r.State(now) != Supported {
			continue
		}
		candidate, _ := version(r.Identifier)
		if slices.Equal(candidate, numbers) && newerSystem(identifier, r.Identifier) {
			return r.Identifier
		}
		if best.Identifier == "" || Newer(best.Identifier, r.Identifier) {
			best = r
		}
	}
	if best.Identifier == identifier || best.Identifier != "" && Family(best.Identifier) == Family(identifier) && !Newer(identifier, best.Identifier) {
		return ""
	}
	return best.Identifier
}

//go:embed runtimes.json
var embedded []byte

// Embedded returns the built-in table.
func Embedded() (Table, error) {
	var t Table
	if err := json.Unmarshal(embedded, &t); err != nil {
		return Table{}, fmt.Errorf("read the built-in table of runtimes: %w", err)
	}
	return t, nil
}
