package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"serverless-mcp/bench/peer"
	"serverless-mcp/bench/price"
)

func (r Results) sizes(b *strings.Builder) {
	shares := slices.DeleteFunc(slices.Sorted(maps.Keys(r.Warm)), func(size int) bool { return size == 0 })
	if len(shares) == 0 {
		return
	}
	b.WriteString("## By memory size\n\nWith the CPU share that Lambda gives to a memory size: size/1,769 of a core, in periods of 20 ms. Billed is the mean over warm calls, each rounded up to a millisecond; " +
		"a million warm calls then cost " + price.Formula + " on arm64 in us-east-1 (prices and sources: `bench/price`). API Gateway's 1 USD and the logs are additional, and the same for all. " +
		"Here the share also limits initialization, so real cold starts of small sizes may be faster. " +
		"Calls follow each other without a pause, the worst case for a small share: at 128 MB a period of 20 ms has 1.4 ms of CPU time, and a call that has used it waits for the next period. " +
		"So the mean is then a call's CPU time divided by the share, and the median is the time of a call after a pause.\n\n")
	for _, what := range []struct {
		title string
		cell  func(size int, id string) string
	}{
		{"First response of a cold start, ms", func(size int, id string) string { return number(r.coldClock(size)(id)) }},
		{"Warm call, median, ms", func(size int, id string) string { return number(r.warmClock(size, 50)(id)) }},
		{"Billed milliseconds, mean", func(size int, id string) string {
			w, ok := r.Warm[size][id]
			return number(price.MeanBilled(w.Latency), ok)
		}},
		{"USD per million warm calls", func(size int, id string) string {
			w, ok := r.Warm[size][id]
			if !ok {
				return "–"
			}
			return fmt.Sprintf("%.3f", price.Million(size, price.MeanBilled(w.Latency)))
		}},
	} {
		header := []string{what.title}
		for _, size := range shares {
			header = append(header, count(size)+" MB")
		}
		var rows [][]string
		for _, p := range r.Peers {
			if _, ok := r.Warm[shares[0]][p.ID]; !ok {
				continue
			}
			row := []string{p.Title}
			for _, size := range shares {
				row = append(row, what.cell(size, p.ID))
			}
			rows = append(rows, row)
		}
		table(b, header, rows)
	}
	first := r.Cold[shares[0]]
	fmt.Fprintf(b, "Cold starts of Go servers are medians of %d", len(first[peer.Ours].First))
	if n := len(first[peer.SDK].First); n > 0 {
		fmt.Fprintf(b, ", those of Node of %d", n)
	}
	b.WriteString(". With a small share they take multiples of the 20 ms period, so the ratio of two short cold starts is imprecise.\n\n")
	b.WriteString(r.cheapest(shares))
}

// cheapest returns a sentence about the memory size at which a million calls cost least.
func (r Results) cheapest(shares []int) string {
	best, price0 := 0, 0.0
	for _, size := range shares {
		w, ok := r.Warm[size][peer.Ours]
		if dollars := price.Million(size, price.MeanBilled(w.Latency)); ok && (best == 0 || dollars < price0) {
			best, price0 = size, dollars
		}
	}
	if best == 0 {
		return ""
	}
	return fmt.Sprintf("This project is cheapest at %d MB: %.3f USD per million warm calls, of which 0.20 USD are for requests.\n\n", best, price0)
}
