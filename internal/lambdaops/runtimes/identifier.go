package runtimes

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Family returns the language of a runtime's identifier: nodejs, python, java, dotnet,
// ruby, go, or provided for OS-only runtimes.
func Family(identifier string) string {
	letters := strings.TrimSuffix(identifier, strings.TrimLeft(identifier, "abcdefghijklmnopqrstuvwxyz"))
	if letters == "dotnetcore" {
		return "dotnet"
	}
	return letters
}

// version returns the numbers after the family, and the operating system's suffix: 17
// and al2023 for java17.al2023.
func version(identifier string) (numbers []int, system string) {
	rest := strings.TrimLeft(identifier, "abcdefghijklmnopqrstuvwxyz")
	for part := range strings.SplitSeq(rest, ".") {
		if n, err := strconv.Atoi(part); err == nil {
			numbers = append(numbers, n)
		} else if part != "x" {
			system = part
		}
	}
	return numbers, system
}

// Newer reports whether a runtime is newer than another of its family: a later version
// of the language, or the same version on a later system.
func Newer(than, identifier string) bool {
	a, _ := version(than)
	b, _ := version(identifier)
	if c := slices.Compare(a, b); c != 0 {
		return c < 0
	}
	return newerSystem(than, identifier)
}

// newerSystem compares the suffixes; al2023 is newer than al2, which is newer than none.
func newerSystem(than, identifier string) bool {
	number := func(id string) int {
		_, system := version(id)
		n, _ := strconv.Atoi(strings.TrimPrefix(system, "al"))
		return n
	}
	return number(than) < number(identifier)
}

// Sort sorts runtimes by family, the newest first.
func Sort(all []Runtime) {
	slices.SortStableFunc(all, func(a, b Runtime) int {
		if c := cmp.Compare(Family(a.Identifier), Family(b.Identifier)); c != 0 {
			return c
		}
		if Newer(a.Identifier, b.Identifier) {
			return 1
		}
		if Newer(b.Identifier, a.Identifier) {
			return -1
		}
		return 0
	})
}
