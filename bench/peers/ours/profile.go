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

// profile starts a CPU or an allocation profile and writes it on SIGTERM. It
// never records both, because recording every allocation takes CPU time.
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
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)
	go func() {
		<-terminate
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
