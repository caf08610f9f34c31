package probe

import (
	"os"
	"testing"
	"time"
)

// TestCPU measures the test process itself.
func TestCPU(t *testing.T) {
	before, err := CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	var after time.Duration
	for n := 0; after < before+20*time.Millisecond; n++ {
		if after, err = CPU(os.Getpid()); err != nil {
			t.Fatal(err)
		}
		if n > 1e8 {
			t.Fatalf("the CPU clock stands still at %v", after)
		}
	}
	if _, err := CPU(1 << 21); err == nil {
		t.Error("no error for the CPU time of a missing process")
	}
}

func TestMemory(t *testing.T) {
	now, peak, err := Memory(os.Getpid())
	if err != nil || now < 1<<20 || peak < now {
		t.Errorf("Memory = %d, %d, %v", now, peak, err)
	}
	if _, _, err := Memory(1 << 21); err == nil {
		t.Error("no error for the memory of a missing process")
	}
}

func TestReadNote(t *testing.T) {
	note, ok := ReadNote([]byte(`{"launchedPID":12,"at":34,"cpu":56}` + "\n"))
	if want := (Note{12, 34, 56}); !ok || note != want {
		t.Errorf("ReadNote = %+v, %v", note, ok)
	}
	for _, line := range []string{"", "START RequestId: x", `{"message":"launchedPID"}`, `{"launchedPID":`} {
		if _, ok := ReadNote([]byte(line)); ok {
			t.Errorf("%q is read as a note", line)
		}
	}
}
