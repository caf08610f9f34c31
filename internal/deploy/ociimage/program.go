package ociimage

import (
	"bytes"
	"debug/elf"
	"fmt"
)

// checkProgram rejects a program that would not start. The image has no dynamic linker; the
// error at run time would be "no such file", with the name of the program.
func checkProgram(program []byte, architecture string) error {
	machine := map[string]elf.Machine{"arm64": elf.EM_AARCH64, "amd64": elf.EM_X86_64}[architecture]
	if machine == elf.EM_NONE {
		return fmt.Errorf("%q is not arm64 or amd64", architecture)
	}
	file, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return fmt.Errorf("%w: %w", errNotLinux, err)
	}
	if file.Machine != machine {
		return fmt.Errorf("the program is for %v, the image for %s", file.Machine, architecture)
	}
	for _, part := range file.Progs {
		if part.Type == elf.PT_INTERP {
			return fmt.Errorf("the program is not static: it was built with CGO")
		}
	}
	return nil
}
