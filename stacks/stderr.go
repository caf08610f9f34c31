package stacks

import (
	"bufio"
	"io"
	"os"
	"strings"

	"github.com/aws/jsii-runtime-go"
)

// Quiet removes two messages of jsii, the bridge from Go to the CDK, from standard
// error. The returned function ends jsii; the program must call it before it exits,
// and cannot use os.Stderr afterwards.
//
// The first message is a banner of twelve lines, which every command prints if Node is
// older than the CDK supports. (An environment variable can silence it, but jsii reads the
// variable before main starts.) The second message, "exited abnormally", is wrong: jsii
// waits for its Node process in two places, and the second wait always fails.
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

// copyWithoutNoise copies lines, except those messages, until r ends.
func copyWithoutNoise(w io.Writer, r io.Reader) {
	var banner strings.Builder // the lines read so far
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
