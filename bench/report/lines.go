package report

import (
	"fmt"
	"math"
	"strings"
)

// line is one line of a line chart.
type line struct {
	label  string
	values []float64 // one for each place on the x axis; zero means there is none
	own    bool      // ours, which stands out
}

var palette = []string{"#8a94a6", "#c1666b", "#d4a24e", "#5b7db1", "#7a5c99", "#4f9d69"}

// lineChart is an SVG with a logarithmic y axis: the values differ too much for
// any other.
func lineChart(title, unit string, places []string, lines []line) string {
	const left, top, height, width = 70, 50, 300, 470
	low, high := bounds(lines)
	y := func(v float64) float64 {
		return top + height*(1-(math.Log10(v)-low)/(high-low))
	}
	x := func(i int) float64 { return left + float64(width*i)/float64(max(1, len(places)-1)) }
	var b strings.Builder
	begin(&b, top+height+50, title)
	for power := low; power <= high; power++ {
		v := math.Pow(10, power)
		fmt.Fprintf(&b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#dddddd"/><text x="%d" y="%.1f" text-anchor="end">%g %s</text>`+"\n", left, left+width, y(v), y(v), left-6, y(v)+4, v, escape(unit))
	}
	for i, place := range places {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, x(i), top+height+24, escape(place))
	}
	for n, l := range lines {
		color, stroke := palette[n%len(palette)], 2
		if l.own {
			color, stroke = "#0b7a75", 4
		}
		var path []string
		for i, v := range l.values {
			if v > 0 {
				path = append(path, fmt.Sprintf("%.1f,%.1f", x(i), y(v)))
			}
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="%d"/>`, strings.Join(path, " "), color, stroke)
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="12" height="12" fill="%s"/><text x="%d" y="%d" font-size="11">%s</text>`+"\n", left+width+20, top+n*22, color, left+width+38, top+n*22+11, escape(l.label))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// bounds are the powers of ten around all values.
func bounds(lines []line) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range lines {
		for _, v := range l.values {
			if v > 0 {
				low, high = min(low, math.Floor(math.Log10(v))), max(high, math.Ceil(math.Log10(v)))
			}
		}
	}
	if low >= high {
		return 0, 1
	}
	return low, high
}
