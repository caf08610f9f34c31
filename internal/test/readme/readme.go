// Package readme lets tests check README.md: it finds the fenced blocks that follow a marker,
// so that a test can compare them with the actual output or rewrite them.
//
// A marker is a comment on a separate line, directly before its blocks:
//
//	<!-- run: list -->
//	```sh
//	curl …
//	```
//	```json
//	{…}
//	```
package readme

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Blocks are the fenced blocks that follow one marker, without text between them.
type Blocks struct {
	Name  string   // after the colon
	Texts []string // contents of the blocks, each with its final newline

	whole string // text of marker and blocks in the page
}

// Page is a Markdown file.
type Page struct {
	path string
	text string
}

var (
	marked = regexp.MustCompile("(?m)^<!-- ([a-z]+): ([a-z0-9-]+) -->\n(?:```[a-z]*\n(?:[^`\n].*\n|\n)*```\n)+")
	fenced = regexp.MustCompile("(?m)^```[a-z]*\n((?:[^`\n].*\n|\n)*)```\n")
)

// Read reads a page.
func Read(path string) (*Page, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	return &Page{path, strings.ReplaceAll(string(data), "\r\n", "\n")}, nil
}

// All returns the blocks that follow markers of a kind, in the page's order.
func (p *Page) All(kind string) []Blocks {
	var all []Blocks
	for _, m := range marked.FindAllStringSubmatch(p.text, -1) {
		if m[1] != kind {
			continue
		}
		b := Blocks{Name: m[2], whole: m[0]}
		for _, f := range fenced.FindAllStringSubmatch(m[0], -1) {
			b.Texts = append(b.Texts, f[1])
		}
		all = append(all, b)
	}
	return all
}

// Replace replaces the contents of the nth block of b, in memory; see [Page.Write].
func (p *Page) Replace(b Blocks, n int, text string) {
	i := 0
	whole := fenced.ReplaceAllStringFunc(b.whole, func(block string) string {
		if i++; i-1 != n {
			return block
		}
		fence, _, _ := strings.Cut(block, "\n")
		return fence + "\n" + text + "```\n"
	})
	p.text = strings.Replace(p.text, b.whole, whole, 1)
}

// Write writes the page back.
func (p *Page) Write() error { return os.WriteFile(p.path, []byte(p.text), 0o644) }
