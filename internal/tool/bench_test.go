package tool

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
)

// BenchmarkNew measures what each tool adds to the start of a function.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := declaredWith[everything, everything]().Err(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCall measures a call that passes every check and returns a struct.
func BenchmarkCall(b *testing.B) {
	tl := New(Info{Name: "fixture", Description: "x"}, func(_ context.Context, in everything) (everything, error) { return in, nil })
	arguments := `{"city":"Rome","humidity":50,"tags":["new","old"],"place":{"lat":1,"lon":2}}`
	benchmarkCall(b, tl, arguments)
}

// BenchmarkRefusedCall measures a call with several bad arguments.
func BenchmarkRefusedCall(b *testing.B) {
	benchmarkCall(b, declaredWith[everything, everything](), `{"humidity":"high","tags":["odd"],"town":"Rome"}`)
}

func benchmarkCall(b *testing.B, tl Tool, arguments string) {
	b.ReportAllocs()
	request := mcp.CallToolRequest{Params: mcp.CallToolParams{RawArguments: json.RawMessage(arguments)}}
	for b.Loop() {
		if _, err := tl.Handle(context.Background(), request); err != nil {
			b.Fatal(err)
		}
	}
}
