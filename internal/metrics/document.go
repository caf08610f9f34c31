package metrics

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// document collects the metrics of one log line as JSON: the metric directives, which
// name dimensions and metrics, and the values, which become members of the line.
type document struct {
	at                 time.Time
	directives, values []byte
}

func (d *document) reset(at time.Time) {
	d.at, d.directives, d.values = at, d.directives[:0], d.values[:0]
}

func (d *document) isEmpty() bool { return len(d.directives) == 0 }

// The directives of the metrics with several dimensions. They are constants because
// encoding them for each line would be slow.
const (
	serve       = `{"Namespace":"` + Namespace + `","Dimensions":[["Server"]],"Metrics":[{"Name":"Duration","Unit":"Milliseconds"},{"Name":"Errors","Unit":"Count"}]}`
	serveTool   = `{"Namespace":"` + Namespace + `","Dimensions":[["Server"],["Server","Tool"]],"Metrics":[{"Name":"Duration","Unit":"Milliseconds"},{"Name":"Errors","Unit":"Count"}]}`
	serveErrors = `{"Namespace":"` + Namespace + `","Dimensions":[["Server"]],"Metrics":[{"Name":"Errors","Unit":"Count"}]}`
	serveKey    = `{"Namespace":"` + Namespace + `","Dimensions":[["Server","KeyId"]],"Metrics":[{"Name":"Duration","Unit":"Milliseconds"}]}`
	refuse      = `{"Namespace":"` + Namespace + `","Dimensions":[["Server"],["Server","Reason"]],"Metrics":[{"Name":"Refusals","Unit":"Count"}]}`
)

// direct adds a directive.
func (d *document) direct(directive string) {
	if len(d.directives) > 0 {
		d.directives = append(d.directives, ',')
	}
	d.directives = append(d.directives, directive...)
}

func (d *document) number(name string, value float64) {
	d.values = append(append(append(d.values, `,"`...), name...), `":`...)
	d.values = strconv.AppendFloat(d.values, value, 'f', -1, 64)
}

func (d *document) text(name, value string) {
	d.values = append(append(append(d.values, `,"`...), name...), `":`...)
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		quoted, _ := json.Marshal(value) // never fails for a string
		d.values = append(d.values, quoted...)
		return
	}
	d.values = append(append(append(d.values, '"'), value...), '"')
}

// addKeyringAge adds the age of the keyring, if the line has it.
func (d *document) addKeyringAge(l line) {
	if l.keyringAgeMs > 0 {
		d.add(KeyringAge, "Milliseconds", l.keyringAgeMs-1)
	}
}

// add adds a metric whose only dimension is Server.
func (d *document) add(name, unit string, value float64) {
	d.direct(`{"Namespace":"` + Namespace + `","Dimensions":[["Server"]],"Metrics":[{"Name":"` + name + `","Unit":"` + unit + `"}]}`)
	d.number(name, value)
}

// refuse adds n refusals.
func (d *document) refuse(n float64, reason string) {
	d.direct(refuse)
	d.number(Refusals, n)
	d.text(Reason, reason)
}

// serve adds the duration and the error count of a request that was served. A line
// without a duration stands for n requests; for that, it adds only their errors.
func (d *document) serve(l line, n float64, byKey bool) {
	errors := 0.0
	if IsError(l.outcome) {
		errors = n
	}
	d.number(Errors, errors)
	if l.durationMs <= 0 {
		d.direct(serveErrors)
		return
	}
	d.number(Duration, l.durationMs-1)
	if l.tool == "" {
		d.direct(serve)
	} else {
		d.direct(serveTool)
		d.text(Tool, l.tool)
	}
	if byKey && l.keyID != "" {
		d.direct(serveKey)
		d.text(KeyID, l.keyID)
	}
}

// appendMembers appends the document to a JSON object that lacks its closing brace, each
// member after a comma.
func (d *document) appendMembers(object []byte) []byte {
	object = append(append(object, d.values...), `,"_aws":{"Timestamp":`...)
	object = strconv.AppendInt(object, d.at.UnixMilli(), 10)
	object = append(append(object, `,"CloudWatchMetrics":[`...), d.directives...)
	return append(object, `]}`...)
}
