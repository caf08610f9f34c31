package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"syscall"
)

// profile starts recording and writes both profiles when the process is asked
// to end. Every allocation is recorded, so that a count of calls gives the
// bytes a call.
func profile(folder string) error {
	runtime.MemProfileRate = 1
	cpu, err := os.Create(filepath.Join(folder, "cpu.pprof"))
	if err != nil {
		return fmt.Errorf("record a profile: %w", err)
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return fmt.Errorf("record a profile: %w", err)
	}
	ask := make(chan os.Signal, 1)
	signal.Notify(ask, syscall.SIGTERM)
	go func() {
		<-ask
		pprof.StopCPUProfile()
		if err := errors.Join(cpu.Close(), writeAllocs(filepath.Join(folder, "allocs.pprof"))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}()
	return nil
}

func writeAllocs(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the profile of allocations: %w", err)
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(f, 0), f.Close())
}
