// Package runtimes knows Lambda's runtimes: their names, when AWS ends support
// and refuses to create or update functions with them, and what to move to.
// The dates come from AWS's documentation page, or from a dated table that is
// built in, and the table always says which.
package runtimes

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Page is the documentation page that the dates come from.
const Page = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"

// Date is a day as 2006-01-02, so that dates compare as text. Empty means not
// scheduled, or not known.
type Date string

// Reached reports whether the day has come (in UTC, as AWS counts).
func (d Date) Reached(now time.Time) bool {
	return d != "" && string(d) <= now.UTC().Format(time.DateOnly)
}

// Runtime is one row of AWS's table.
type Runtime struct {
	Identifier  string `json:"identifier"` // as the API has it, such as nodejs24.x
	Name        string `json:"name"`
	OS          string `json:"os"`
	Deprecation Date   `json:"deprecation,omitempty"`
	BlockCreate Date   `json:"block_create,omitempty"` // from then on no function can be created with it
	BlockUpdate Date   `json:"block_update,omitempty"` // from then on no function can be updated to it, and its code no more
}

// State is what a runtime is good for on a day.
type State string

// The states, from best to worst.
const (
	Supported     State = "supported"
	Preview       State = "preview"        // not for production, by AWS's word
	ContainerOnly State = "container only" // a base image; no function has it as its runtime
	Deprecated    State = "deprecated"
	CreateBlocked State = "create blocked"
	UpdateBlocked State = "update blocked"
)

// State is the runtime's state at that time.
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

// Family is the language of a runtime's identifier: nodejs, python, java,
// dotnet, ruby, go, or provided for those that are only an operating system.
func Family(identifier string) string {
	letters := strings.TrimSuffix(identifier, strings.TrimLeft(identifier, "abcdefghijklmnopqrstuvwxyz"))
	if letters == "dotnetcore" {
		return "dotnet"
	}
	return letters
}

// version is the numbers after the family, and the operating system's suffix:
// java17.al2023 is 17 on al2023.
func version(identifier string) (numbers []int, system string) {
	rest := strings.TrimLeft(identifier, "abcdefghijklmnopqrstuvwxyz")
	for part := range strings.SplitSeq(rest, ".") {
		if n, err := strconv.Atoi(part); err == nil {
			numbers = append(numbers, n)
		} else if part != "x" {
			system = part
		}
	}
	return numbers, system
}

// Table is all runtimes, and where the knowledge is from.
type Table struct {
	Source   string    `json:"source"` // for people
	Date     Date      `json:"date"`   // when it was true
	FromPage bool      `json:"from_page"`
	Note     string    `json:"note,omitempty"` // why the page was not read today, or what it lacks
	Runtimes []Runtime `json:"runtimes"`
}

// Lookup finds a runtime by its identifier.
func (t Table) Lookup(identifier string) (Runtime, bool) {
	i := slices.IndexFunc(t.Runtimes, func(r Runtime) bool { return r.Identifier == identifier })
	if i < 0 {
		return Runtime{}, false
	}
	return t.Runtimes[i], true
}

// Successor recommends what to move to: the same version of the language on a
// newer operating system where AWS has one, because nothing but the system
// changes; else the newest supported version. Empty where there is nothing
// better.
func (t Table) Successor(identifier string, now time.Time) string {
	family := Family(identifier)
	if family == "go" {
		family = "provided" // go1.x was replaced by the bare operating system
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

// Newer reports whether a runtime is a later one of its family than another:
// a later version of the language, or the same on a later system.
func Newer(than, identifier string) bool {
	a, _ := version(than)
	b, _ := version(identifier)
	if c := slices.Compare(a, b); c != 0 {
		return c < 0
	}
	return newerSystem(than, identifier)
}

// newerSystem compares the suffixes al2 and al2023; none is the first.
func newerSystem(than, identifier string) bool {
	number := func(id string) int {
		_, system := version(id)
		n, _ := strconv.Atoi(strings.TrimPrefix(system, "al"))
		return n
	}
	return number(than) < number(identifier)
}

//go:embed runtimes.json
var embedded []byte

// Embedded is the table that is built in.
func Embedded() (Table, error) {
	var t Table
	if err := json.Unmarshal(embedded, &t); err != nil {
		return Table{}, fmt.Errorf("read the built-in table of runtimes: %w", err)
	}
	return t, nil
}

// Sort orders runtimes by family, the newest first.
func Sort(all []Runtime) {
	slices.SortStableFunc(all, func(a, b Runtime) int {
		if c := cmp.Compare(Family(a.Identifier), Family(b.Identifier)); c != 0 {
			return c
		}
		if Newer(a.Identifier, b.Identifier) {
			return 1
		}
		if Newer(b.Identifier, a.Identifier) {
			return -1
		}
		return 0
	})
}
