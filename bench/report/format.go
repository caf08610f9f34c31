package report

import (
	"fmt"
	"strconv"
	"strings"
)

// table writes a Markdown table; the first column is text, the others numbers.
func table(b *strings.Builder, header []string, rows [][]string) {
	markdown(b, header, "---|"+strings.Repeat("--:|", len(header)-1), rows)
}

// texts writes a Markdown table whose columns are all text.
func texts(b *strings.Builder, header []string, rows [][]string) {
	markdown(b, header, strings.Repeat("---|", len(header)), rows)
}

func markdown(b *strings.Builder, header []string, alignment string, rows [][]string) {
	fmt.Fprintf(b, "| %s |\n|%s\n", strings.Join(header, " | "), alignment)
	for _, row := range rows {
		fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
	}
	b.WriteByte('\n')
}

// number returns three significant digits, or a dash for what was not measured.
func number(v float64, ok bool) string {
	switch {
	case !ok:
		return "–"
	case v >= 100:
		return count(int(v + 0.5))
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// times returns v as a multiple of the base, such as 2.5×.
func times(v, base float64, ok bool) string {
	if !ok || base == 0 {
		return "–"
	}
	return number(v/base, true) + "×"
}

// count returns a whole number with commas.
func count(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// share describes a CPU share.
func share(memoryMB int) string {
	switch memoryMB {
	case 0:
		return "whole machine"
	case 1769:
		return "full core (1,769 MB)"
	}
	return fmt.Sprintf("share of %d MB", memoryMB)
}
