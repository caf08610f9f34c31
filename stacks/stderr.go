package stacks

import (
	"bufio"
	"io"
	"os"
	"strings"

	"github.com/aws/jsii-runtime-go"
)

// Quiet takes two messages of jsii, the bridge from Go to the CDK, off standard
// error, and returns the function that ends jsii and must be called before the
// program ends. os.Stderr can't be used after it.
//
// The first is a banner of twelve lines, in every command, for those who run
// an older Node than the CDK would like. (A variable can silence it, but jsii
// reads that before main starts.) The second, "exited abnormally", is untrue:
// jsii waits for its Node process in two places, and one of them comes second.
func Quiet() (end func()) {
	r, w, err := os.Pipe()
	if err != nil {
		return jsii.Close
	}
	out := os.Stderr
	os.Stderr = w
	done := make(chan struct{})
	go func() {
		defer close(done)
		copyWithoutNoise(out, r)
	}()
	return func() {
		jsii.Close()
		w.Close()
		<-done
	}
}

// copyWithoutNoise copies lines until r ends.
func copyWithoutNoise(w io.Writer, r io.Reader) {
	var banner strings.Builder // as far as it has come
	for lines := bufio.NewReader(r); ; {
		line, err := lines.ReadString('\n')
		if strings.HasPrefix(line, "!!") {
			banner.WriteString(line)
			continue
		}
		if text := banner.String(); !strings.Contains(text, "is end-of-life") {
			io.WriteString(w, text)
		}
		banner.Reset()
		line, _, _ = strings.Cut(line, "Runtime process exited abnormally: ")
		io.WriteString(w, line)
		if err != nil {
			return
		}
	}
}
