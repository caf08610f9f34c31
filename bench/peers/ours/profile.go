package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"syscall"
)

// profile starts recording what is asked for, and writes it when the process
// is asked to end. The two are not recorded together: to record every
// allocation takes time itself.
func profile(cpuPath, allocsPath string) error {
	stop := func() error { return nil }
	switch {
	case cpuPath != "":
		file, err := os.Create(cpuPath)
		if err != nil {
			return fmt.Errorf("record a profile: %w", err)
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			return fmt.Errorf("record a profile: %w", err)
		}
		stop = func() error {
			pprof.StopCPUProfile()
			return file.Close()
		}
	case allocsPath != "":
		runtime.MemProfileRate = 1
		stop = func() error { return writeAllocs(allocsPath) }
	default:
		return nil
	}
	ask := make(chan os.Signal, 1)
	signal.Notify(ask, syscall.SIGTERM)
	go func() {
		<-ask
		if err := stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}()
	return nil
}

func writeAllocs(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the profile of allocations: %w", err)
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(file, 0), file.Close())
}
