package awsfake

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/google/go-cmp/cmp"
)

func TestGetMetricData(t *testing.T) {
	end := newClock().Now()
	ago := func(minutes int) time.Time { return end.Add(-time.Duration(minutes) * time.Minute) }
	client := cloudwatch.NewFromConfig(config(t, NewCloudWatch(Options{},
		Datum{"f", "Errors", ago(1), 1}, Datum{"f", "Errors", ago(2), 2}, Datum{"f", "Errors", ago(6), 4},
		Datum{"f", "Errors", ago(61), 8}, Datum{"f", "Errors", end, 16},
		Datum{"g", "Errors", ago(1), 32}, Datum{"f", "Throttles", ago(1), 64},
	)))
	ask := func(from time.Time, seconds int32) (*cloudwatch.GetMetricDataOutput, error) {
		return client.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{StartTime: &from, EndTime: &end, MetricDataQueries: []types.MetricDataQuery{{
			Id: aws.String("q"), MetricStat: &types.MetricStat{
				Metric: &types.Metric{
					Namespace: aws.String("AWS/Lambda"), MetricName: aws.String("Errors"),
					Dimensions: []types.Dimension{{Name: aws.String("FunctionName"), Value: aws.String("f")}},
				},
				Period: &seconds, Stat: aws.String("Sum"),
			},
		}}})
	}
	out := must(ask(ago(60), 300))(t)
	if len(out.MetricDataResults) != 1 || *out.MetricDataResults[0].Id != "q" {
		t.Fatalf("got %+v, want one result, of q", out)
	}
	got := out.MetricDataResults[0]
	if d := cmp.Diff([]float64{3, 4}, got.Values); d != "" {
		t.Errorf("values (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]time.Time{ago(5), ago(10)}, got.Timestamps); d != "" {
		t.Errorf("timestamps (-want +got):\n%s", d)
	}
	_, err := ask(end, 60)
	wantError(t, err, "ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
	_, err = ask(ago(60), 7)
	wantError(t, err, "ValidationError", "The value for parameter Period must be a multiple of 60.")
	_, err = client.ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{})
	wantError(t, err, "UnknownOperationException", `operation "ListMetrics" is not supported here`)
}
