package lambdahost_test

import (
	"testing"

	"serverless-mcp/internal/emulator/lambdahost"
)

// BenchmarkWarm is an invoke of an instance that waits for it.
func BenchmarkWarm(b *testing.B) {
	f := start(b, lambdahost.Options{})
	call(b, f, do{})
	for b.Loop() {
		call(b, f, do{Text: "hello"})
	}
}

// BenchmarkColdStart is the first invoke of a function, from process start to
// answer, and its end.
func BenchmarkColdStart(b *testing.B) {
	for b.Loop() {
		f := lambdahost.New(lambdahost.Options{Name: "echo", Binary: binary})
		call(b, f, do{Text: "hello"})
		f.Close()
	}
}
