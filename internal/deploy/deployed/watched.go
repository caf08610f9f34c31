package deployed

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Errors is how many calls of each function ended in an error in the hour
// before now, by the function's name: what CloudWatch counts as Errors, which
// are crashes, time-outs and starts that failed, and no tool's own error.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
func (s *Stack) Errors(ctx context.Context, functions []Function, now time.Time) (map[string]int, error) {
	in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(now.Add(-time.Hour)), EndTime: &now}
	names := map[string]string{} // by the query's id
	for i, f := range functions {
		id := fmt.Sprintf("f%d", i)
		names[id] = f.Name
		in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
			Metric: &types.Metric{
				Namespace: aws.String("AWS/Lambda"), MetricName: aws.String("Errors"),
				Dimensions: []types.Dimension{{Name: aws.String("FunctionName"), Value: &f.Name}},
			},
			Period: aws.Int32(60), Stat: aws.String("Sum"),
		}})
	}
	counts := map[string]int{}
	if len(functions) == 0 {
		return counts, nil // CloudWatch refuses a call without a query
	}
	pages := cloudwatch.NewGetMetricDataPaginator(cloudwatch.NewFromConfig(s.Config), in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.Explain("count the errors of the functions", err)
		}
		for _, r := range page.MetricDataResults {
			for _, n := range r.Values {
				counts[names[aws.ToString(r.Id)]] += int(n)
			}
		}
	}
	return counts, nil
}

// Patience is how long the HTTP API waits for each function that it calls, by
// the function's name; nothing where the stack has no HTTP API.
func (s *Stack) Patience(ctx context.Context) (map[string]time.Duration, error) {
	waits := map[string]time.Duration{}
	api, err := s.Output("ApiId")
	if err != nil {
		return waits, nil // a shape without one
	}
	client := apigatewayv2.NewFromConfig(s.Config)
	in := &apigatewayv2.GetIntegrationsInput{ApiId: &api}
	for {
		page, err := client.GetIntegrations(ctx, in)
		if err != nil {
			return nil, s.Explain("look at what API "+api+" calls", err)
		}
		for _, i := range page.Items {
			waits[functionOf(aws.ToString(i.IntegrationUri))] = time.Duration(aws.ToInt32(i.TimeoutInMillis)) * time.Millisecond
		}
		if in.NextToken = page.NextToken; in.NextToken == nil {
			return waits, nil
		}
	}
}

// functionOf is the name of the function that an integration leads to: of its
// ARN, or of ….:function:NAME/invocations.
func functionOf(uri string) string {
	_, name, _ := strings.Cut(uri, ":function:")
	name, _, _ = strings.Cut(name, "/")
	name, _, _ = strings.Cut(name, ":") // a version or an alias
	return name
}
