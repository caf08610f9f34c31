package runtimes

import (
	"fmt"
	"html"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// page returns a page with the structure of AWS's: text, a table of supported runtimes,
// other tables, and a table of deprecated runtimes.
func page(all []Runtime, now time.Time) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en-US\"><head><title>Lambda runtimes - AWS Lambda</title></head><body><div id=\"main-col-body\">\n<h1>Lambda runtimes</h1><p>Prose.</p>\n")
	b.WriteString("<h2 id=\"runtimes-supported\">Supported runtimes</h2>\n")
	table(&b, all, func(r Runtime) bool { return !r.Deprecation.Reached(now) })
	b.WriteString("<h2>Runtime use after deprecation</h2><table><tr><th>Runtime's state</th><th>Effect</th></tr><tr><td>Deprecated</td><td>No patches</td></tr></table>\n")
	b.WriteString("<h2 id=\"runtimes-deprecated\">Deprecated runtimes</h2>\n")
	table(&b, all, func(r Runtime) bool { return r.Deprecation.Reached(now) })
	b.WriteString("</div></body></html>\n")
	return b.String()
}

func table(b *strings.Builder, all []Runtime, want func(Runtime) bool) {
	b.WriteString("<div class=\"table-contents\"><table id=\"w1\"><thead>\n<tr>")
	for _, h := range []string{"Name", "Identifier", "Operating system", "Deprecation date", "Block function create", "Block function update"} {
		fmt.Fprintf(b, "<th>%s</th>", h)
	}
	b.WriteString("</tr></thead>\n")
	for _, r := range all {
		if !want(r) {
			continue
		}
		b.WriteString("<tr>\n")
		for i, cell := range []string{r.Name, r.Identifier, r.OS, day(r.Deprecation), day(r.BlockCreate), day(r.BlockUpdate)} {
			cell = html.EscapeString(cell)
			if i == 1 {
				cell = `<code class="code">` + cell + "</code>"
			}
			fmt.Fprintf(b, "  <td tabindex=\"-1\">\n    <p>\n      %s\n    </p>\n  </td>\n", cell)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</table></div>\n")
}

func day(d Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return "Not scheduled"
	}
	return t.Format("Jan 2, 2006")
}

var today = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func builtIn(t *testing.T) Table {
	t.Helper()
	table, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestParsePage(t *testing.T) {
	want := builtIn(t).Runtimes
	got, err := ParsePage([]byte(page(want, today)))
	if err != nil {
		t.Fatal(err)
	}
	Sort(got)
	Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("runtimes (-want +got):\n%s", diff)
	}
}

// TestParseRowsAboveTheHeader: AWS groups columns under a heading.
func TestParseRowsAboveTheHeader(t *testing.T) {
	all := builtIn(t).Runtimes
	grouped := strings.ReplaceAll(page(all, today), "<thead>\n", "<thead>\n<tr><th colspan=\"3\">Runtime</th><th colspan=\"3\">Dates</th></tr>\n")
	got, err := ParsePage([]byte(grouped))
	if err != nil || len(got) != len(all) {
		t.Errorf("%d runtimes, %v; want %d", len(got), err, len(all))
	}
}

// TestParseMangledPage: the parser returns an error and no rows for any defect.
func TestParseMangledPage(t *testing.T) {
	whole := page(builtIn(t).Runtimes, today)
	replace := func(old, new string) func(string) string {
		return func(s string) string {
			if !strings.Contains(s, old) {
				t.Errorf("the page has no %q to mangle", old)
			}
			return strings.Replace(s, old, new, 1)
		}
	}
	for name, tc := range map[string]struct {
		mangle func(string) string
		want   string
	}{
		"empty":                  {func(string) string { return "" }, "truncated"},
		"cut in the middle":      {func(s string) string { return s[:len(s)/2] }, "truncated"},
		"cut and closed":         {func(s string) string { return s[:len(s)/3] + "</table></html>" }, "1 tables"},
		"another page":           {func(string) string { return "<html><body><h1>Sign in</h1></body></html>" }, "0 tables"},
		"column renamed":         {replace("<th>Block function update</th>", "<th>Update block</th>"), `no column "block function update"`},
		"column missing":         {replace("<th>Deprecation date</th>", ""), `no column "deprecation date"`},
		"cell missing":           {replace("<td tabindex=\"-1\">", "<td hidden-start></td><td>"), "row 1 has 7 cells, want 6"},
		"identifier garbled":     {replace("nodejs22.x", "Node 22!"), "is not an identifier"},
		"date garbled":           {replace("Apr 30, 2027", "spring 2027"), `"spring 2027" is not a date`},
		"date empty":             {replace("Apr 30, 2027", ""), `"" is not a date`},
		"name empty":             {replace("Node.js 22", " "), "no name"},
		"system empty":           {replace("Amazon Linux 2023", " "), "no operating system"},
		"the same runtime twice": {replace("nodejs22.x", "nodejs24.x"), "twice"},
		"only the supported": {func(s string) string {
			return s[:strings.Index(s, "<h2 id=\"runtimes-deprecated\">")] + "</body></html>"
		}, "1 tables"},
		"data above the header": {replace("<thead>\n", "<tr><td>Node.js 26</td></tr><thead>\n"), "1 tables"},
		"rows missing": {func(s string) string {
			from := strings.Index(s, "</thead>")
			to := from + strings.Index(s[from:], "</table>")
			return s[:from] + s[to:]
		}, "no rows"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParsePage([]byte(tc.mangle(whole)))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one about %q", err, tc.want)
			}
			if got != nil {
				t.Errorf("returned %d runtimes with the error", len(got))
			}
		})
	}
}

func FuzzParsePage(f *testing.F) {
	table, err := Embedded()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(page(table.Runtimes, today)))
	f.Add([]byte("<table><tr><th>Identifier</table></html>"))
	f.Fuzz(func(t *testing.T, page []byte) {
		got, err := ParsePage(page)
		if err != nil && got != nil {
			t.Errorf("returned %d runtimes with the error %v", len(got), err)
		}
		for _, r := range got {
			if r.Identifier == "" || r.Name == "" {
				t.Errorf("incomplete row: %+v", r)
			}
		}
	})
}
