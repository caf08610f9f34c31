// Command inclone runs a test program in a clone instead of in the project. The go command
// runs it with the option -exec, in the folder of the tested package:
//
//	inclone PROJECT CLONE KEY PROGRAM [ARGUMENT...]
//
// KEY is not used by inclone, but the go command reuses a cached test result only for the
// same KEY.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	err := run(os.Args[1], os.Args[2], os.Args[4:])
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		os.Exit(failed.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "inclone:", err)
		os.Exit(1)
	}
}

func run(project, clone string, command []string) error {
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	folder, err := filepath.Rel(project, here)
	if err != nil {
		return err
	}
	// With -exec the go command does not pass -test.testlogfile, which makes a test list the
	// files that it reads, and so would run the test each time. It still looks for the list in
	// the program's directory.
	list := "-test.testlogfile=" + filepath.Join(filepath.Dir(command[0]), "testlog.txt")
	cmd := exec.Command(command[0], append([]string{list}, command[1:]...)...)
	cmd.Dir = filepath.Join(clone, folder)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}
