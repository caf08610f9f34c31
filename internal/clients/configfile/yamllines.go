package configfile

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"serverless-mcp/internal/clients/clientconfig"
)

// yamlFile is a text in lines, which are counted from 1 as the parser counts
// them, with the mapping that it is.
type yamlFile struct {
	lines    []string // with their ends
	starts   []int    // where they begin in the text
	root     *yaml.Node
	end      string          // of a line
	opaque   []span          // where a # begins no comment
	comments map[int]comment // by the number of the line
}

// parseYAML reads a text. Its root is nil if it holds nothing yet.
func parseYAML(text []byte) (yamlFile, error) {
	// The other line ends of YAML would put the lines out of step.
	if s := strings.ReplaceAll(string(text), "\r\n", ""); strings.ContainsAny(s, "\r\u0085\u2028\u2029") {
		return yamlFile{}, ErrByHand
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return yamlFile{}, fmt.Errorf("it is no valid YAML: %w", err)
	}
	f := yamlFile{end: newline(text), lines: strings.SplitAfter(string(text), "\n"), comments: map[int]comment{}}
	if last := len(f.lines) - 1; f.lines[last] == "" {
		f.lines = f.lines[:last]
	} else {
		f.lines[last] += f.end
	}
	at := 0
	for _, line := range f.lines {
		f.starts = append(f.starts, at)
		at += len(line)
	}
	if err := f.findComments(&document); err != nil {
		return yamlFile{}, err
	}
	if len(document.Content) == 0 || isEmpty(document.Content[0]) && document.Content[0].Value == "" {
		return f, nil
	}
	f.root = document.Content[0]
	return f, nil
}

func (f yamlFile) text() []byte { return []byte(strings.Join(f.lines, "")) }

// replace puts lines in place of those numbered from to to-1.
func (f *yamlFile) replace(from, to int, lines ...string) error {
	if from < 1 || to < from || to-1 > len(f.lines) {
		return ErrByHand
	}
	f.lines = slices.Concat(f.lines[:from-1], lines, f.lines[to-1:])
	return nil
}

// lineOf is the number of the line in which an offset lies.
func (f yamlFile) lineOf(offset int) int {
	line, exact := slices.BinarySearch(f.starts, offset)
	if exact {
		line++
	}
	return line
}

// startOf is where a line begins in the text; of the one behind the last, its
// end.
func (f yamlFile) startOf(line int) int {
	if line > len(f.starts) {
		return f.starts[len(f.starts)-1] + len(f.lines[len(f.starts)-1])
	}
	return f.starts[line-1]
}

func (f yamlFile) isBlank(line int) bool { return strings.TrimSpace(f.lines[line-1]) == "" }

// isComment reports whether there is a comment in the line and nothing else.
func (f yamlFile) isComment(line int) bool {
	c, ok := f.comments[line]
	return ok && c.from == f.starts[line-1]+f.depth(line)
}

// depth is how far the line is indented.
func (f yamlFile) depth(line int) int {
	return len(f.lines[line-1]) - len(strings.TrimLeft(f.lines[line-1], " \t"))
}

// endOf is the number of the line behind the last one of the member whose name
// is child at, without the blank lines and comments that follow.
func (f yamlFile) endOf(mapping *yaml.Node, at int) int {
	name := mapping.Content[at]
	end := name.Line + 1
	for line := end; line < f.limit(mapping, at); line++ {
		if f.isBlank(line) || f.isComment(line) {
			continue
		}
		if f.depth(line) < name.Column-1 || f.endsDocument(line) {
			break
		}
		end = line + 1
	}
	return end
}

// endsDocument knows the marks between documents, which end every value.
func (f yamlFile) endsDocument(line int) bool {
	return strings.HasPrefix(f.lines[line-1], "...") || strings.HasPrefix(f.lines[line-1], "---")
}

// withComments is endOf, moved behind the comments that follow at once and are
// indented by depth at least.
func (f yamlFile) withComments(mapping *yaml.Node, at, depth int) int {
	return f.overComments(f.endOf(mapping, at), f.limit(mapping, at), depth)
}

func (f yamlFile) overComments(end, limit, depth int) int {
	for line := end; line < limit; line++ {
		switch {
		case f.isBlank(line):
			continue
		case !f.isComment(line) || f.depth(line) < depth:
			return end
		}
		end = line + 1
	}
	return end
}

// limit is the line of the next member's name, or the one behind the text.
func (f yamlFile) limit(mapping *yaml.Node, at int) int {
	if at+2 < len(mapping.Content) {
		return mapping.Content[at+2].Line
	}
	return len(f.lines) + 1
}

// takeComments are the comments in the lines from to to-1: the one behind the
// first line's text, and lines for the others.
func (f yamlFile) takeComments(from, to int, indent string) (first string, others []string) {
	for line := from; line < to; line++ {
		c, ok := f.comments[line]
		switch {
		case !ok:
		case f.isComment(line):
			others = append(others, f.lines[line-1])
		case first == "" && len(others) == 0:
			first = c.text
		default:
			others = append(others, indent+c.text+f.end)
		}
	}
	return first, others
}

// render writes an object in block style, with a comment in its first line.
func (f yamlFile) render(o clientconfig.Object, indent int, comment string) []string {
	var lines []string
	for line := range strings.Lines(clientconfig.YAMLText(o)) {
		line = strings.TrimSuffix(line, "\n")
		if comment != "" {
			line, comment = line+" "+comment, ""
		}
		lines = append(lines, strings.Repeat(" ", indent)+line+f.end)
	}
	return lines
}
