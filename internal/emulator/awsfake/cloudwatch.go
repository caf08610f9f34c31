package awsfake

import (
	"net/http"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// A Datum is one value of a Lambda function's metric.
type Datum struct {
	Function string // its name
	Metric   string // such as Errors
	At       time.Time
	Value    float64
}

// NewCloudWatch returns a fake of CloudWatch with the operation GetMetricData, for
// the statistic Sum of AWS/Lambda metrics by FunctionName, with a single page.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
func NewCloudWatch(o Options, data ...Datum) http.Handler {
	return o.withDefaults().serveCBOR("GraniteServiceVersion20100801", map[string]cborOperation{
		"GetMetricData": func(in cbor.Map) (cbor.Value, error) {
			from, err := cbor.AsTime(in["StartTime"])
			if err != nil {
				return nil, newError("MissingParameter", "The parameter StartTime is required.")
			}
			to, err := cbor.AsTime(in["EndTime"])
			if err != nil || !to.After(from) {
				return nil, newError("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
			}
			results := cbor.List{}
			queries, _ := in["MetricDataQueries"].(cbor.List)
			for _, q := range queries {
				result, err := metricData(q, from, to, data)
				if err != nil {
					return nil, err
				}
				results = append(results, result)
			}
			return cbor.Map{"MetricDataResults": results, "Messages": cbor.List{}}, nil
		},
	})
}

// metricData returns the result of one query: a value for each period with data, the
// latest first.
func metricData(query cbor.Value, from, to time.Time, data []Datum) (cbor.Value, error) {
	q, _ := query.(cbor.Map)
	stat, _ := q["MetricStat"].(cbor.Map)
	metric, _ := stat["Metric"].(cbor.Map)
	seconds, err := cbor.AsInt32(stat["Period"])
	if err != nil || seconds <= 0 || seconds%60 != 0 {
		return nil, newError("ValidationError", "The value for parameter Period must be a multiple of 60.")
	}
	if text(stat["Stat"]) != "Sum" || text(metric["Namespace"]) != "AWS/Lambda" {
		return nil, newError("ValidationError", "only the Sum of AWS/Lambda metrics is supported here")
	}
	period := time.Duration(seconds) * time.Second
	values, times := cbor.List{}, cbor.List{}
	for end := to; end.After(from); end = end.Add(-period) {
		start, sum, any := end.Add(-period), 0.0, false
		for _, d := range data {
			if d.Metric == text(metric["MetricName"]) && d.Function == functionName(metric) && !d.At.Before(start) && d.At.Before(end) {
				sum, any = sum+d.Value, true
			}
		}
		if any {
			values = append(values, cbor.Float64(sum))
			times = append(times, &cbor.Tag{ID: 1, Value: cbor.Float64(start.Unix())})
		}
	}
	return cbor.Map{"Id": q["Id"], "Label": metric["MetricName"], "StatusCode": cbor.String("Complete"), "Values": values, "Timestamps": times}, nil
}

// functionName returns the value of the dimension FunctionName.
func functionName(metric cbor.Map) string {
	dimensions, _ := metric["Dimensions"].(cbor.List)
	for _, d := range dimensions {
		if d, _ := d.(cbor.Map); text(d["Name"]) == "FunctionName" {
			return text(d["Value"])
		}
	}
	return ""
}

func text(v cbor.Value) string {
	s, _ := v.(cbor.String)
	return string(s)
}
