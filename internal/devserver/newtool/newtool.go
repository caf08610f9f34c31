// Package newtool writes the files of a new tool: a tool that works, its test, and
// its line in the list of tools.
package newtool

import (
	"errors"
	"fmt"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"serverless-mcp/internal/tool"
)

// toolName matches names that clients, model APIs, Go and file systems accept.
var toolName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// maxName is the longest name that model APIs accept.
const maxName = 64

// Written is what [Write] has done.
type Written struct {
	Tool, Test, List string // paths of the new files and of the changed one
}

// Write adds a tool to the project in folder root. It changes nothing if the name is
// invalid or taken, or if the list of tools is not found.
func Write(root, name string) (Written, error) {
	if !toolName.MatchString(name) || len(name) > maxName || reserved(name) {
		return Written{}, fmt.Errorf("the name %q is not allowed, need lower-case words joined by _, such as count_words, at most %d characters", name, maxName)
	}
	module, err := modulePath(root)
	if err != nil {
		return Written{}, err
	}
	folder := filepath.Join(root, "tools")
	w := Written{
		Tool: filepath.Join(folder, name+".go"), Test: filepath.Join(folder, name+"_test.go"), List: filepath.Join(folder, "tools.go"),
	}
	identifier := camel(name)
	if err := checkFree(folder, w, name, identifier); err != nil {
		return Written{}, err
	}
	list, err := addToList(w.List, identifier)
	if err != nil {
		return Written{}, err
	}
	fill := strings.NewReplacer("MODULE", module, "IDENTIFIER", identifier, "EXPORTED", strings.ToUpper(identifier[:1])+identifier[1:],
		"TITLE", title(name), "NAME", name)
	for _, file := range []struct{ path, text string }{{w.Tool, fill.Replace(toolText)}, {w.Test, fill.Replace(testText)}} {
		if err := create(file.path, file.text); err != nil {
			return Written{}, err
		}
	}
	if err := os.WriteFile(w.List, list, 0o644); err != nil {
		return Written{}, fmt.Errorf("add the tool to the list: %w", err)
	}
	return w, nil
}

// reserved reports names whose file or identifier has another meaning in Go: keywords,
// tests, and suffixes for operating systems and architectures.
func reserved(name string) bool {
	last := name[strings.LastIndexByte(name, '_')+1:]
	return last == "test" || slices.Contains(platforms, last) || token.IsKeyword(camel(name)) || doc.IsPredeclared(camel(name)) ||
		slices.Contains([]string{"init", "tools", "config", tool.JobTool}, name)
}

// platforms are the operating systems and architectures at the end of a file's name that
// restrict the file to them (go help buildconstraint).
var platforms = strings.Fields("aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris unix wasip1 windows zos " +
	"386 amd64 amd64p32 arm arm64 arm64be armbe loong64 mips mips64 mips64le mips64p32 mips64p32le mipsle ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm")

// modulePath reads the module's path, with which imports begin.
func modulePath(root string) (string, error) {
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("read the module's path: %w", err)
	}
	for line := range strings.Lines(string(data)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "module "); ok {
			path, _, _ = strings.Cut(path, "//")
			return strings.Trim(strings.TrimSpace(path), `"`), nil
		}
	}
	return "", errors.New("go.mod names no module")
}

// checkFree returns an error if a file or an identifier of the new tool exists.
func checkFree(folder string, w Written, name, identifier string) error {
	test := "Test" + strings.ToUpper(identifier[:1]) + identifier[1:]
	if slices.Contains([]string{"context", "strings", "testing", "tool", "tooltest"}, identifier) {
		return fmt.Errorf("the new tool imports %s; choose another name", identifier)
	}
	if slices.Contains([]string{"t", "tt", "tests"}, identifier) {
		return fmt.Errorf("the new tool's test has a variable %s; choose another name", identifier)
	}
	for _, path := range []string{w.Tool, w.Test} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s exists already", path)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return fmt.Errorf("list the tools: %w", err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("read the tools: %w", err)
		}
		for _, declared := range names(file) {
			if slices.Contains([]string{identifier, identifier + "Input", identifier + "Output", test}, declared) {
				return fmt.Errorf("%s declares %s already; choose another name", path, declared)
			}
		}
		if usesName(file, identifier, path == w.List) {
			return fmt.Errorf("%s uses %s for something else; choose another name", path, identifier)
		}
		if hasTool(file, name) && !strings.HasSuffix(path, "_test.go") {
			return fmt.Errorf("%s has a tool named %s already; choose another name", path, name)
		}
	}
	return nil
}

// usesName reports whether a file imports a package under the name or, in the file with the
// list of tools, uses the name at all, such as for a parameter.
func usesName(file *ast.File, name string, isList bool) bool {
	for _, spec := range file.Imports {
		local := strings.Trim(spec.Path.Value, `"`)
		if version.MatchString(local) {
			local = local[:strings.LastIndexByte(local, '/')]
		}
		local = local[strings.LastIndexByte(local, '/')+1:]
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if local == name {
			return true
		}
	}
	used := false
	ast.Inspect(file, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		used = used || isList && ok && id.Name == name
		return true
	})
	return used
}

// version matches the major version suffix of a module's path.
var version = regexp.MustCompile(`/v[0-9]+$`)

// hasTool reports whether a file declares a tool with this name.
func hasTool(file *ast.File, name string) (found bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		literal, _ := n.(*ast.CompositeLit)
		if literal == nil || formatted(literal.Type) != "tool.Info" {
			return true
		}
		for _, element := range literal.Elts {
			pair, _ := element.(*ast.KeyValueExpr)
			found = found || pair != nil && formatted(pair.Key) == "Name" && formatted(pair.Value) == strconv.Quote(name)
		}
		return true
	})
	return found
}

// formatted returns an expression as gofmt writes it; "" if there is none.
func formatted(e ast.Expr) string {
	var b strings.Builder
	if e == nil || format.Node(&b, token.NewFileSet(), e) != nil {
		return ""
	}
	return b.String()
}

// names returns the identifiers that a file declares at the top level.
func names(file *ast.File) (all []string) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				all = append(all, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					all = append(all, spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						all = append(all, name.Name)
					}
				}
			}
		}
	}
	return all
}

// addToList returns the file with a call of the identifier at the end of the list of
// tools. Comments and everything else stay unchanged.
func addToList(path, identifier string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the list of tools: %w", err)
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("read the list of tools: %w", err)
	}
	var end token.Pos
	ast.Inspect(file, func(n ast.Node) bool {
		if pair, ok := n.(*ast.KeyValueExpr); ok {
			key, isName := pair.Key.(*ast.Ident)
			if list, isList := pair.Value.(*ast.CompositeLit); isName && isList && key.Name == "Tools" {
				end = list.Rbrace
			}
		}
		return true
	})
	if end == token.NoPos {
		return nil, fmt.Errorf("%s has no list Tools: []tool.Tool{…} to add the tool to; add %s() by hand", path, identifier)
	}
	at := files.Position(end).Offset
	changed, err := format.Source([]byte(string(text[:at]) + separator(text[:at], identifier) + string(text[at:])))
	if err != nil {
		return nil, fmt.Errorf("add the tool to %s: %w", path, err)
	}
	return changed, nil
}

// separator returns the call with the separators needed after the elements of a list: if
// the closing brace is on its own line, the last element has a comma.
func separator(before []byte, identifier string) string {
	trimmed := strings.TrimRight(string(before), " \t")
	switch {
	case strings.HasSuffix(trimmed, "\n"):
		return identifier + "(),\n"
	case strings.HasSuffix(trimmed, "{"), strings.HasSuffix(trimmed, ","):
		return identifier + "()"
	default:
		return ", " + identifier + "()"
	}
}

// create writes a file that does not exist yet.
func create(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write the tool: %w", err)
	}
	if _, err = f.WriteString(text); err != nil {
		f.Close()
		return fmt.Errorf("write the tool: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write the tool: %w", err)
	}
	return nil
}

// camel converts count_words to countWords.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// title converts count_words to "Count words".
func title(name string) string {
	return strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", " ")
}
