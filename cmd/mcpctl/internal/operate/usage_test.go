package operate

import (
	"bytes"
	"encoding/csv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/deploy/requestlog"
)

// Names come from callers: spreadsheets must not run one as a formula, and none may break
// rows or columns.
func TestCSV(t *testing.T) {
	names := map[string]string{
		"Cursor": "Cursor", "a=b": "a=b", "total": "total", "": "",
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "%0A": "'%0A", "|cmd": "'|cmd",
		"  =1": "'  =1", "\t=1": "' =1", "\r=1": "' =1", "\u3000=1": "'\u3000=1", "＝1": "'＝1", "\"=1": "'\"=1", "'=1": "''=1",
		"\x00=1": "' =1", "\u202e=1": "' =1", "a,b": "a,b", "a\nb,=1": "a b,=1", `a","=1`: `a","=1`, "x\r\n=1": "x  =1",
	}
	var report requestlog.Report
	var want []string
	for name, cell := range names {
		report.Rows = append(report.Rows, requestlog.Row{Name: name, Requests: 1})
		want = append(want, cell)
	}
	var out bytes.Buffer
	if err := writeCSV(&out, report); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows[1 : len(rows)-1] {
		got = append(got, row[0])
		if row[1] != "1" {
			t.Errorf("the row of %q has %q requests", row[0], row[1])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}
