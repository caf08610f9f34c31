package configfile

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"serverless-mcp/internal/clients/clientconfig"
)

// yamlFile is a text split into lines, which are numbered from 1 as in the
// parser, with its parsed mapping.
type yamlFile struct {
	lines    []string // including line ends
	starts   []int    // their offsets in the text
	root     *yaml.Node
	end      string          // of a line
	opaque   []span          // scalars in which a # is not a comment
	comments map[int]comment // by line number
}

// parseYAML reads a text. Its root is nil if the text has no value yet.
func parseYAML(text []byte) (yamlFile, error) {
	// With any other line end, the parser's line numbers would differ from ours.
	if s := strings.ReplaceAll(string(text), "\r\n", ""); strings.ContainsAny(s, "\r\u0085\u2028\u2029") {
		return yamlFile{}, ErrByHand
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return yamlFile{}, yamlError(err)
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

// replace replaces the lines numbered from to to-1.
func (f *yamlFile) replace(from, to int, lines ...string) error {
	if from < 1 || to < from || to-1 > len(f.lines) {
		return ErrByHand
	}
	f.lines = slices.Concat(f.lines[:from-1], lines, f.lines[to-1:])
	return nil
}

// lineOf returns the number of the line that contains an offset.
func (f yamlFile) lineOf(offset int) int {
	line, exact := slices.BinarySearch(f.starts, offset)
	if exact {
		line++
	}
	return line
}

// startOf returns the offset of a line in the text; after the last line, the end of
// the text.
func (f yamlFile) startOf(line int) int {
	if line > len(f.starts) {
		return f.starts[len(f.starts)-1] + len(f.lines[len(f.starts)-1])
	}
	return f.starts[line-1]
}

func (f yamlFile) isBlank(line int) bool { return strings.TrimSpace(f.lines[line-1]) == "" }

// isComment reports whether the line contains only a comment.
func (f yamlFile) isComment(line int) bool {
	c, ok := f.comments[line]
	return ok && c.from == f.starts[line-1]+f.depth(line)
}

// depth returns the indentation of the line.
func (f yamlFile) depth(line int) int {
	return len(f.lines[line-1]) - len(strings.TrimLeft(f.lines[line-1], " \t"))
}

// endOf returns the number of the line after the last one of the member whose name is
// child at, not counting the blank lines and comments that follow.
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

// endsDocument reports whether the line is a document marker, which ends every
// value.
func (f yamlFile) endsDocument(line int) bool {
	return strings.HasPrefix(f.lines[line-1], "...") || strings.HasPrefix(f.lines[line-1], "---")
}

// withComments returns the result of endOf, moved past the comments that follow
// immediately and are indented by depth or more.
func (f yamlFile) withComments(mapping *yaml.Node, at, depth int) int {
	return f.skipComments(f.endOf(mapping, at), f.limit(mapping, at), depth)
}

func (f yamlFile) skipComments(end, limit, depth int) int {
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

// limit returns the line of the next member's name, or the line after the text.
func (f yamlFile) limit(mapping *yaml.Node, at int) int {
	if at+2 < len(mapping.Content) {
		return mapping.Content[at+2].Line
	}
	return len(f.lines) + 1
}

// takeComments returns the comments in the lines from to to-1: the one at the end of the
// first line, and the others as lines.
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
