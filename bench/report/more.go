package report

import (
	"fmt"
	"strings"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/measure"
	"serverless-mcp/bench/peer"
)

// growth writes how cost grows with size.
func (r Results) growth(b *strings.Builder) {
	if len(r.Tools)+len(r.Bodies)+len(r.Keys)+len(r.Callers) == 0 {
		return
	}
	b.WriteString("## How cost grows\n\n")
	points(b, "Tools", r.Tools, []string{"tools", "start, CPU ms", "`tools/list`, CPU µs", "`tools/call`, CPU µs"}, func(p measure.Point) []string {
		return []string{count(p.Size), number(ms(p.Cold), true), number(us(p.List), true), number(us(p.Call), true)}
	})
	points(b, "Keys: an authorizer result with the keyring in memory", r.Keys, []string{"keys", "CPU, µs", "bare function, CPU µs", "ratio"}, func(p measure.Point) []string {
		return []string{count(p.Size), number(us(p.Call), true), number(us(p.Floor), true), times(us(p.Call), us(p.Floor), true)}
	})
	points(b, "Size of the arguments: a tool that returns the length of a text", r.Bodies, []string{"bytes", "p50, ms", "CPU, µs", "bare function, CPU µs", "ratio"}, func(p measure.Point) []string {
		size := count(p.Size)
		if event.TooLarge(p.Size) {
			size += ", rejected with 413"
		}
		return []string{size, number(ms(p.Clock), true), number(us(p.Call), true), number(us(p.Floor), true), times(us(p.Call), us(p.Floor), true)}
	})
	r.callers(b)
}

func points(b *strings.Builder, title string, list []measure.Point, header []string, row func(measure.Point) []string) {
	if len(list) == 0 {
		return
	}
	b.WriteString(title + ".\n\n")
	var rows [][]string
	for _, p := range list {
		rows = append(rows, row(p))
	}
	table(b, header, rows)
}

// hostile writes the cost of large calls.
func (r Results) hostile(b *strings.Builder) {
	if len(r.Hostile) == 0 {
		return
	}
	b.WriteString("## Large calls\n\nArguments of several shapes for a tool that takes one text, each measured in a new process. Memory is the peak above the size at rest. Messages that exceed a limit of docs/budgets.md are rejected.\n\n")
	var rows [][]string
	for _, h := range r.Hostile {
		rows = append(rows, []string{h.Shape, count(h.Bytes), number(us(h.Ours.CPU), true), number(us(h.Floor.CPU), true), fmt.Sprintf("%.1f×", float64(h.Ours.CPU)/float64(max(1, h.Floor.CPU))),
			number(mb(h.Ours.Memory), true), number(mb(h.Floor.Memory), true), fmt.Sprintf("%.1f×", float64(h.Ours.Memory)/float64(max(1, h.Bytes)))})
	}
	table(b, []string{"arguments", "bytes", "CPU, µs", "bare function, CPU µs", "ratio", "memory, MB", "bare function, MB", "memory ÷ arguments"}, rows)
}

func (r Results) callers(b *strings.Builder) {
	if len(r.Callers) == 0 {
		return
	}
	b.WriteString("Concurrent callers, each with its own instance.\n\n")
	var rows [][]string
	for _, loads := range r.Callers {
		ours, echo := loads[peer.Ours], loads[peer.Echo]
		rows = append(rows, []string{count(ours.Callers), number(ours.PerSecond(), true), number(ms(ours.Latency.Median()), true), number(ms(ours.Latency.Percentile(99)), true),
			number(us(ours.CPU), true), number(mb(ours.Memory), true), number(echo.PerSecond(), true), number(us(echo.CPU), true)})
	}
	table(b, []string{"callers", "calls a second", "p50, ms", "p99, ms", "CPU, µs", "memory, MB", "bare function, calls a second", "bare function, CPU µs"}, rows)
}

// profiles writes the profiles and the package initializations.
func (r Results) profiles(b *strings.Builder) {
	if len(r.CPU)+len(r.Allocs)+len(r.Init) == 0 {
		return
	}
	b.WriteString("## Where the time goes\n\n")
	if len(r.CPU) > 0 {
		fmt.Fprintf(b, "A profile of %s warm `tools/call`s. Each line includes the functions that the function calls, so lines overlap.\n\n", count(r.ProfileCalls))
		stages(b, "CPU", r.CPU)
	}
	if len(r.Allocs) > 0 {
		stages(b, "bytes allocated", r.Allocs)
	}
	if len(r.Init) > 0 {
		b.WriteString("Package initialization before `main`, as reported by the Go runtime (`GODEBUG=inittrace=1`).\n\n")
		var rows [][]string
		for _, i := range r.Init[:min(10, len(r.Init))] {
			rows = append(rows, []string{"`" + i.Package + "`", number(us(i.Clock), true), count(int(i.Bytes))})
		}
		table(b, []string{"package", "µs", "bytes"}, rows)
	}
}

// stage is a function that represents a part of a call.
type stage struct{ function, means string }

// path lists the stages in the order of a call.
var path = []stage{
	{"net/http.(*persistConn).writeLoop", "Runtime API: requests written"},
	{"net/http.(*persistConn).readLoop", "Runtime API: responses read"},
	{"github.com/aws/aws-lambda-go/lambda.(*runtimeAPIClient).next", "Runtime API: fetch the event"},
	{"github.com/aws/aws-lambda-go/lambda.(*invoke).success", "Runtime API: send the response"},
	{"github.com/aws/aws-lambda-go/lambda.callBytesHandlerFunc", "the handler, from event to response, without other goroutines"},
	{"serverless-mcp/internal/mcp/mcphttp.(*handler).serve", "mcp-go and the tool"},
	{"serverless-mcp/internal/mcp/mcphttp.parse", "parsing the message"},
	{"serverless-mcp/internal/mcp/mcpserver.(*requestLog).write", "the log line"},
	{"serverless-mcp/internal/tool.Tool.Handle", "the tool: validate arguments, run, encode the result"},
	{"runtime.mcall", "scheduler: goroutines waiting for each other and the network"},
	{"runtime.gcBgMarkWorker", "garbage collector"},
}

// stages writes the ten largest parts of a call.
func stages(b *strings.Builder, unit string, profile []measure.Share) {
	var rows [][]string
	for _, s := range profile {
		for _, stage := range path {
			if s.Name == stage.function && len(rows) < 10 {
				rows = append(rows, []string{stage.means, "`" + stage.function + "`", s.Percent})
			}
		}
	}
	texts(b, []string{"part", "function", unit}, rows)
}
