package hostile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// cgroup limits the processes that enter it.
type cgroup struct {
	folders []string // one in version 2, one for each controller in version 1
	peak    string   // file with the peak memory usage in bytes
}

// newCgroup creates a cgroup with a CPU share and a memory limit. It skips the test
// if that is not permitted.
func newCgroup(t *testing.T, cpu float64, memory int64) cgroup {
	t.Helper()
	var problems []error
	quota, limit := strconv.Itoa(int(cpu*100_000)), strconv.FormatInt(memory, 10)
	for _, layout := range []map[string][][2]string{
		{"/sys/fs/cgroup": {{"cpu.max", quota + " 100000"}, {"memory.max", limit}, {"memory.swap.max", "0"}}},
		{
			"/sys/fs/cgroup/cpu":    {{"cpu.cfs_period_us", "100000"}, {"cpu.cfs_quota_us", quota}},
			"/sys/fs/cgroup/memory": {{"memory.limit_in_bytes", limit}},
		},
	} {
		c, err := createCgroup(layout)
		t.Cleanup(func() {
			for _, folder := range c.folders {
				if err := os.Remove(folder); err != nil {
					t.Error(err)
				}
			}
		})
		if err == nil {
			return c
		}
		problems = append(problems, err)
	}
	t.Skipf("cannot create a cgroup: %v", errors.Join(problems...))
	return cgroup{}
}

func createCgroup(layout map[string][][2]string) (c cgroup, err error) {
	for root, files := range layout {
		folder, err := os.MkdirTemp(root, "hostile-")
		if err != nil {
			return c, err
		}
		c.folders = append(c.folders, folder)
		for _, file := range files {
			if err := write(filepath.Join(folder, file[0]), file[1]); err != nil {
				return c, err
			}
			if strings.HasPrefix(file[0], "memory.") && c.peak == "" {
				c.peak = filepath.Join(folder, map[string]string{"memory.max": "memory.peak", "memory.limit_in_bytes": "memory.max_usage_in_bytes"}[file[0]])
			}
		}
	}
	return c, nil
}

// write writes to an existing file, so that it fails in a folder that is not a cgroup.
func write(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// command returns a shell command line that runs a program in the cgroup.
func (c cgroup) command(program string) []string {
	var line strings.Builder
	for _, folder := range c.folders {
		fmt.Fprintf(&line, "echo 0 > %s/cgroup.procs && ", folder) // 0 is the shell itself
	}
	return []string{"sh", "-c", line.String() + "exec " + program}
}

// peakMB returns the peak memory usage of the cgroup; zero if the kernel does not report it.
func (c cgroup) peakMB() int64 {
	text, err := os.ReadFile(c.peak)
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n >> 20
}
