package report

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// bar is one line of a bar chart.
type bar struct {
	label string
	value float64
	own   bool // ours, which stands out
}

const (
	chartWidth = 760
	labelWidth = 250
	barHeight  = 22
)

// barChart is an SVG with a bar for each value, on a scale from zero.
func barChart(title, unit string, bars []bar) string {
	largest := 0.0
	for _, bar := range bars {
		largest = max(largest, bar.value)
	}
	var b strings.Builder
	begin(&b, 50+len(bars)*(barHeight+8), title)
	for i, bar := range bars {
		y := 44 + i*(barHeight+8)
		width := 0.0
		if largest > 0 {
			width = bar.value / largest * (chartWidth - labelWidth - 110)
		}
		color := "#8a94a6"
		if bar.own {
			color = "#0b7a75"
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, labelWidth-8, y+16, escape(bar.label))
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>`, labelWidth, y, max(1, width), barHeight, color)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d">%s %s</text>`+"\n", labelWidth+max(1, width)+6, y+16, number(bar.value, true), escape(unit))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// begin opens a chart. It has a background of its own, because README pages
// are dark for some.
func begin(b *strings.Builder, height int, title string) {
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13" role="img">`+"\n", chartWidth, height, chartWidth, height)
	fmt.Fprintf(b, "<title>%s</title>\n", escape(title))
	fmt.Fprintf(b, `<rect width="%d" height="%d" fill="#ffffff"/><text x="12" y="26" font-size="15" font-weight="bold">%s</text>`+"\n", chartWidth, height, escape(title))
}

// escape makes text fit into XML.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}
