package stacks

import (
	"strings"
	"testing"
)

func TestCopyWithoutNoise(t *testing.T) {
	const old = "!!!!!!!!!!\n!! Node 20 is end-of-life !!\n!! Please upgrade !!\n!!!!!!!!!!\n"
	const broken = "!!!!!!!!!!\n!! Node 21 is known to be broken !!\n!!!!!!!!!!\n"
	const abnormal = "Runtime process exited abnormally: waitid: no child processes"
	for in, want := range map[string]string{
		"":                            "",
		"a line\nand another":         "a line\nand another",
		old:                           "",
		"before\n" + old + "after\n":  "before\nafter\n",
		broken:                        broken,
		abnormal:                      "",
		"a line\n" + abnormal:         "a line\n",
		"cut short" + abnormal + "\n": "cut short",
	} {
		var got strings.Builder
		if copyWithoutNoise(&got, strings.NewReader(in)); got.String() != want {
			t.Errorf("copy of %q = %q, want %q", in, got.String(), want)
		}
	}
}
