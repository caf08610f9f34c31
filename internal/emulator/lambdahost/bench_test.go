package lambdahost_test

import (
	"testing"

	"serverless-mcp/internal/emulator/lambdahost"
)

// BenchmarkWarm invokes an idle instance.
func BenchmarkWarm(b *testing.B) {
	f := start(b, lambdahost.Options{})
	call(b, f, do{})
	for b.Loop() {
		call(b, f, do{Text: "hello"})
	}
}

// BenchmarkColdStart starts a process, invokes it once and stops it.
func BenchmarkColdStart(b *testing.B) {
	for b.Loop() {
		f := lambdahost.New(lambdahost.Options{Name: "echo", Binary: binary})
		call(b, f, do{Text: "hello"})
		f.Close()
	}
}
