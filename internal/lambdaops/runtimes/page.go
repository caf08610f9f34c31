package runtimes

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// The columns of AWS's tables, in lower case.
var columns = []string{"name", "identifier", "operating system", "deprecation date", "block function create", "block function update"}

var identifierForm = regexp.MustCompile(`^[a-z]+[0-9a-z.-]*$`)

// ParsePage reads the tables of supported and of deprecated runtimes from AWS's page.
// It returns all rows, or an error about everything that it could not read, but never some
// of the rows: a missing runtime would look like one without an end date.
func ParsePage(page []byte) ([]Runtime, error) {
	if !bytes.HasSuffix(bytes.TrimSpace(page), []byte("</html>")) {
		return nil, errors.New("the page is truncated: it does not end in </html>")
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(page))
	if err != nil {
		return nil, fmt.Errorf("parse the page: %w", err)
	}
	var all []Runtime
	var errs []error
	tables := 0
	doc.Find("table").Each(func(_ int, table *goquery.Selection) {
		at, row, err := header(table)
		if row < 0 {
			return
		}
		tables++
		if err == nil {
			var rows []Runtime
			rows, err = parseTable(table, at, row)
			all = append(all, rows...)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("table %d: %w", tables, err))
		}
	})
	if tables < 2 {
		errs = append(errs, fmt.Errorf("the page has %d tables of runtimes, want one of supported and one of deprecated runtimes", tables))
	}
	errs = append(errs, duplicates(all))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return all, nil
}

// header finds the header row, the first with an identifier or deprecation date column, and
// the position of each column. Rows with headings that span several columns may precede it;
// rows with data may not. A table with a header row is a table of runtimes and must have all
// columns; for another table, row is -1.
func header(table *goquery.Selection) (at map[string]int, row int, err error) {
	row = -1
	table.Find("tr").EachWithBreak(func(i int, tr *goquery.Selection) bool {
		at = map[string]int{}
		tr.Find("th").Each(func(i int, th *goquery.Selection) { at[strings.ToLower(text(th))] = i })
		_, identifier := at["identifier"]
		_, date := at["deprecation date"]
		if identifier || date {
			row = i
		}
		return row < 0 && tr.ChildrenFiltered("td").Length() == 0
	})
	if row < 0 {
		return nil, row, nil
	}
	for _, c := range columns {
		if _, ok := at[c]; !ok {
			err = errors.Join(err, fmt.Errorf("no column %q", c))
		}
	}
	return at, row, err
}

// parseTable reads the rows below the header.
func parseTable(table *goquery.Selection, at map[string]int, header int) ([]Runtime, error) {
	var rows []Runtime
	var errs []error
	table.Find("tr").Slice(header+1, goquery.ToEnd).Each(func(i int, tr *goquery.Selection) {
		cells := tr.ChildrenFiltered("td").Map(func(_ int, td *goquery.Selection) string { return text(td) })
		if len(cells) != len(at) {
			errs = append(errs, fmt.Errorf("row %d has %d cells, want %d", i+1, len(cells), len(at)))
			return
		}
		r, err := parseRow(func(column string) string { return cells[at[column]] })
		if err != nil {
			errs = append(errs, fmt.Errorf("row %d: %w", i+1, err))
		}
		rows = append(rows, r)
	})
	if len(rows) == 0 {
		errs = append(errs, errors.New("no rows"))
	}
	return rows, errors.Join(errs...)
}

func parseRow(cell func(column string) string) (Runtime, error) {
	r := Runtime{Name: cell("name"), Identifier: cell("identifier"), OS: cell("operating system")}
	var errs []error
	if !identifierForm.MatchString(r.Identifier) {
		errs = append(errs, fmt.Errorf("%q is not an identifier", r.Identifier))
	}
	if r.Name == "" || r.OS == "" {
		errs = append(errs, fmt.Errorf("%s has no name or no operating system", r.Identifier))
	}
	for column, into := range map[string]*Date{
		"deprecation date": &r.Deprecation, "block function create": &r.BlockCreate, "block function update": &r.BlockUpdate,
	} {
		var err error
		if *into, err = parseDate(cell(column)); err != nil {
			errs = append(errs, fmt.Errorf("%s, %s: %w", r.Identifier, column, err))
		}
	}
	return r, errors.Join(errs...)
}

// parseDate parses "Apr 30, 2028". "Not scheduled" and "N/A" mean no date. An empty cell
// is an error.
func parseDate(s string) (Date, error) {
	switch strings.ToLower(s) {
	case "not scheduled", "n/a", "not applicable":
		return "", nil
	}
	for _, layout := range []string{"Jan 2, 2006", "January 2, 2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return Date(t.Format(time.DateOnly)), nil
		}
	}
	return "", fmt.Errorf("%q is not a date", s)
}

func duplicates(all []Runtime) error {
	seen := map[string]bool{}
	for _, r := range all {
		if seen[r.Identifier] {
			return fmt.Errorf("%s occurs twice", r.Identifier)
		}
		seen[r.Identifier] = true
	}
	return nil
}

// text returns a cell's text with each run of white space replaced by one space.
func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }
