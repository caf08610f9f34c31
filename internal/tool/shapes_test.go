package tool

import (
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/test/golden"
)

// shapes has a field for each kind of argument that models send.
type shapes struct {
	ID     string         `json:"id" min:"1" max:"8" doc:"x"`
	Text   string         `json:"text,omitempty" doc:"x"`
	N      int            `json:"n,omitempty" min:"1" max:"7" doc:"x"`
	I      int64          `json:"i,omitempty" doc:"x"`
	U      uint8          `json:"u,omitempty" doc:"x"`
	F      float64        `json:"f,omitempty" min:"-1.5" max:"1e15" doc:"x"`
	S      float32        `json:"s,omitempty" doc:"x"`
	Yes    bool           `json:"yes,omitempty" doc:"x"`
	List   []int          `json:"list,omitempty" max:"3" doc:"x"`
	Words  []string       `json:"words,omitempty" enum:"red,blue" doc:"x"`
	Object *shape         `json:"object,omitempty" doc:"x"`
	Map    map[string]int `json:"map,omitempty" doc:"x"`
	ByInt  map[int]int    `json:"by_int,omitempty" doc:"x"`
	Any    any            `json:"any,omitempty" doc:"x"`
	When   *time.Time     `json:"when,omitempty" doc:"x"`
	Every  time.Duration  `json:"every,omitempty" doc:"x"`
	IP     *netip.Addr    `json:"ip,omitempty" doc:"x"`
	Data   []byte         `json:"data,omitempty" doc:"x"`
	Unit   string         `json:"unit" enum:"c,f" default:"c" doc:"x"`
	Mail   string         `json:"mail,omitempty" format:"email" doc:"x"`
	Day    string         `json:"day,omitempty" format:"date" doc:"x"`
	Site   string         `json:"site,omitempty" format:"uri" doc:"x"`
	UUID   string         `json:"uuid,omitempty" format:"uuid" doc:"x"`
	Code   string         `json:"code,omitempty" pattern:"^[A-Z]{3}$" example:"ABC" doc:"x"`
	QI     int64          `json:"qi,string,omitempty" doc:"x"`
	QF     float64        `json:"qf,string,omitempty" max:"9" doc:"x"`
	QB     bool           `json:"qb,string,omitempty" doc:"x"`
}

type shape struct {
	A int    `json:"a" doc:"x"`
	B string `json:"b,omitempty" doc:"x"`
}

// shapesTool returns its arguments.
func shapesTool(strict bool) Tool {
	return New(Info{Name: "shapes", Description: "x", Strict: strict}, func(_ context.Context, in shapes) (shapes, error) { return in, nil })
}

// outcome returns the result of a call: "= " and the arguments as the tool got them, or
// "! " and the tool error. If leniency was used, a line with "~ " and its words follows.
func outcome(t *testing.T, tl Tool, arguments string) string {
	t.Helper()
	used := ""
	ctx := WithLeniencyReport(t.Context(), func(words string) { used = "\n~ " + words })
	params := mcp.CallToolParams{Name: "shapes", RawArguments: json.RawMessage(arguments)}
	result, err := tl.Handle(ctx, mcp.CallToolRequest{Params: params})
	if err != nil {
		t.Fatalf("%s: %v", arguments, err)
	}
	mark := "= "
	if result.IsError {
		mark = "! "
	}
	return mark + text(t, result) + used
}

// TestShapes runs the corpus: arguments that models and their clients send, each on a line
// after "> ", and the outcome.
func TestShapes(t *testing.T) {
	const path = "testdata/shapes.txt"
	corpus, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tl := shapesTool(false)
	if err := tl.Err(); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	count := 0
	for line := range strings.Lines(string(corpus)) {
		switch arguments, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "> "); {
		case ok:
			count++
			got.WriteString("> " + arguments + "\n" + outcome(t, tl, arguments) + "\n")
		case line == "\n", strings.HasPrefix(line, "#"):
			got.WriteString(line)
		}
	}
	golden.Check(t, path, got.String())
	if count < 80 {
		t.Errorf("%d shapes, want at least 80", count)
	}
}

// A strict tool accepts what the corpus accepts without leniency, and nothing else.
func TestStrict(t *testing.T) {
	corpus, err := os.ReadFile("testdata/shapes.txt")
	if err != nil {
		t.Fatal(err)
	}
	lenient, strict := shapesTool(false), shapesTool(true)
	for line := range strings.Lines(string(corpus)) {
		arguments, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "> ")
		if !ok {
			continue
		}
		before := outcome(t, lenient, arguments)
		got := outcome(t, strict, arguments)
		switch {
		case strings.Contains(before, "\n~"):
			if !strings.HasPrefix(got, "! ") {
				t.Errorf("%s: %s, want a tool error", arguments, got)
			}
		case strings.HasPrefix(before, "= ") && got != before:
			t.Errorf("%s: %s, want %s", arguments, got, before)
		}
	}
}

// Whatever is accepted is written as the same value.
func FuzzShapes(f *testing.F) {
	corpus, err := os.ReadFile("testdata/shapes.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(corpus)) {
		if arguments, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "> "); ok {
			f.Add(arguments)
		}
	}
	b := builder{input: true}
	s := b.root(reflect.TypeFor[shapes](), "input")
	f.Fuzz(func(t *testing.T, arguments string) {
		var in shapes
		problems, _, err := decode(s, []byte(arguments), true, reflect.ValueOf(&in).Elem())
		if err != nil {
			t.Fatalf("%q: %v", arguments, err)
		}
		if problems != "" {
			return
		}
		written, err := encode(s, reflect.ValueOf(&in).Elem())
		if err != nil {
			t.Fatalf("%q: accepted, and then %v", arguments, err)
		}
		if difference := compare(s, trim([]byte(arguments)), written); difference != "" {
			t.Errorf("%q became %s: %s", arguments, written, difference)
		}
	})
}
