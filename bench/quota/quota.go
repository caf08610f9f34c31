// Package quota limits processes to the CPU share that Lambda gives a function
// with a memory size: memory/1,769 of a core, in periods of 20 ms. It uses Linux
// cgroups, version 1 or 2, and needs permission to create one, which usually only root has.
package quota

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"serverless-mcp/internal/settings"
)

const periodMicroseconds = 20_000

// Groups creates shares.
type Groups struct {
	folder string // cgroup whose children may have a CPU limit
	v2     bool
}

// Detect finds a cgroup of this machine in which shares can be created. The error explains
// why there is none.
func Detect() (*Groups, error) {
	var problems []error
	for _, g := range []Groups{
		{folder: "/sys/fs/cgroup", v2: true},
		{folder: "/sys/fs/cgroup/cpu"},
		{folder: "/sys/fs/cgroup/cpu,cpuacct"},
	} {
		err := g.try()
		if err == nil {
			return &g, nil
		}
		problems = append(problems, err)
	}
	return nil, fmt.Errorf("find cgroups with a CPU limit: %w", errors.Join(problems...))
}

// Version returns 1 or 2.
func (g *Groups) Version() int {
	if g.v2 {
		return 2
	}
	return 1
}

// try creates a share and removes it.
func (g *Groups) try() error {
	if g.v2 {
		controllers, err := os.ReadFile(filepath.Join(g.folder, "cgroup.subtree_control"))
		if err != nil {
			return err
		}
		if !slices.Contains(strings.Fields(string(controllers)), "cpu") { // cpuset is another controller
			return errors.New("cgroup v2 does not delegate the cpu controller")
		}
	}
	share, err := g.New(settings.FullCoreMB)
	if err != nil {
		return err
	}
	return share.Close()
}

// Share is a cgroup with the CPU limit of one function instance.
type Share struct{ folder string }

// New creates the share of a memory size in MB. Close removes it.
func (g *Groups) New(memoryMB int) (*Share, error) {
	folder, err := os.MkdirTemp(g.folder, "bench-")
	if err != nil {
		return nil, fmt.Errorf("create a cgroup: %w", err)
	}
	s := &Share{folder}
	limit := strconv.Itoa(max(1000, periodMicroseconds*memoryMB/settings.FullCoreMB)) // the minimum of Linux is 1 ms
	files := [][2]string{{"cpu.cfs_period_us", strconv.Itoa(periodMicroseconds)}, {"cpu.cfs_quota_us", limit}}
	if g.v2 {
		files = [][2]string{{"cpu.max", limit + " " + strconv.Itoa(periodMicroseconds)}}
	}
	for _, file := range files {
		if err := os.WriteFile(filepath.Join(folder, file[0]), []byte(file[1]), 0o600); err != nil {
			return nil, errors.Join(fmt.Errorf("limit a cgroup: %w", err), s.Close())
		}
	}
	return s, nil
}

// Procs returns the file for the ids of the processes in the share.
func (s *Share) Procs() string { return filepath.Join(s.folder, "cgroup.procs") }

// Close removes the share. Its processes must have ended.
func (s *Share) Close() error {
	if err := os.Remove(s.folder); err != nil {
		return fmt.Errorf("remove a cgroup: %w", err)
	}
	return nil
}
