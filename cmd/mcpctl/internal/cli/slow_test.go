package cli

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

func TestCompiling(t *testing.T) {
	for took, want := range map[time.Duration]string{
		900 * time.Millisecond: "",
		2 * time.Second:        "compiling; the first time takes a minute or more\n",
		22 * time.Second:       "compiling; the first time takes a minute or more\nstill compiling (11s)\nstill compiling (21s)\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			var stderr bytes.Buffer
			env := &Env{Stderr: &stderr}
			stop := env.Compiling()
			time.Sleep(took)
			stop()
			stop() // a second call does nothing
			time.Sleep(time.Minute)
			if got := stderr.String(); got != want {
				t.Errorf("after %v: %q, want %q", took, got, want)
			}
		})
	}
}
